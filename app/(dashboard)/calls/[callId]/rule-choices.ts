// The rules that can be written from a call, as edits of a draft.
import type { CallAnswer, ToolAnswer } from "@/app/api/v1/schemas.ts";
import { itemOf } from "../../../../policy/block-items.ts";
import { type Edit, laneOf } from "../../../../policy/edit.ts";
import { dropBlock } from "../../../../policy/new-block.ts";
import { parsePolicy } from "../../../../policy/parse.ts";
import { parsePath } from "../../../../policy/path.ts";
import type { Condition } from "../../../../policy/schema.ts";

export const choices = {
  allow: { label: "Allow it", about: "without a condition" },
  limit: { label: "Limit it", about: "so many calls in a time, by how much it can do" },
  condition: { label: "Allow it under a condition", about: "only with arguments like those of this call" },
  ask: { label: "Ask a person", about: "each time" },
  except: { label: "Deny calls like this one", about: "and leave the others as they are" },
  deny: { label: "Deny it", about: "whatever its arguments are" },
  hide: { label: "Hide it", about: "the agent does not see it" },
} as const;
export type Choice = keyof typeof choices;

/** The choices that say something about the call's arguments. */
export function isAboutValues(choice: Choice): boolean {
  return choice === "condition" || choice === "except";
}

/** What is on record of a call's arguments, as conditions that this call fits; what is no single value is left out. */
export function conditionsOf(recorded: Readonly<Record<string, unknown>>, missing: readonly string[]): Condition[] {
  return Object.entries(recorded).flatMap(([name, value]): Condition[] => {
    const path = `args.${name}`;
    const isOneArgument = !name.includes(".") && parsePath(path).ok;
    if (!isOneArgument || missing.includes(name) || (typeof value === "object" && value !== null)) return [];
    return [{ path, op: "eq", value }];
  });
}

/**
 * @param tool As the server lists it now; null when it does not.
 * @param conditions What is asked of the arguments, of choices that are about values; null when none is on record.
 */
export function editsFor(
  choice: Choice,
  call: Pick<CallAnswer, "tool">,
  tool: ToolAnswer | null,
  draft: string,
  conditions: readonly Condition[] | null = null,
): Edit[] {
  const name = call.tool;
  if (name === null) return [];
  const parsed = parsePolicy(draft);
  if (!parsed.ok) return [];
  const known = {
    name,
    category: tool?.category ?? ("Other" as const),
    severity: tool?.severity ?? ("medium" as const),
    inputSchema: tool?.inputSchema,
  };
  if (choice === "limit") return dropBlock(parsed.document, known, "rate_limit");
  if (isAboutValues(choice) && conditions?.length === 0) return [];
  if (choice === "condition") {
    const edits = dropBlock(parsed.document, known, "must_be");
    if (conditions === null) return edits;
    const { item } = itemOf({ kind: "must_be", conditions: [...conditions] });
    return edits.map((edit) => (edit.kind === "put_block" ? { ...edit, item } : edit));
  }
  if (choice === "except") {
    // Where the tool is refused anyway, a rule of its own would let through what it does not name.
    const { lane } = laneOf(parsed.document, known);
    if (conditions === null || lane === "deny" || lane === "hide") return [];
    const block = itemOf({ kind: "must_not_be", conditions: [...conditions] });
    return [{ kind: "put_block", target: { tool: name, category: known.category }, index: null, ...block }];
  }
  const lane = choice === "ask" ? "approve" : choice;
  return [{ kind: "set_lane", tool: name, ...(tool === null ? {} : { category: tool.category }), lane }];
}
