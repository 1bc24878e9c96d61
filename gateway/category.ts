// Which category a server's tool has for its callers: what policies are applied to.
import { effectiveCategory } from "../catalog/override.ts";
import type { RiskCategory } from "../catalog/schema.ts";
import { isChanged } from "./changes.ts";
import type { ServerInForce } from "./snapshot.ts";

/** Undefined for a tool that was never accepted. */
export function categoryOf({ tools, changes }: ServerInForce, name: string): RiskCategory | undefined {
  const tool = tools.get(name);
  if (tool === undefined) return undefined;
  const { category, definitionHash, override } = tool;
  if (override === undefined) return category;
  const judged = {
    category,
    definitionHash,
    overrideCategory: override.category,
    overrideHash: override.definitionHash,
  };
  return effectiveCategory(judged, isChanged(changes, name));
}
