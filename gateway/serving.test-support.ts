// A server as tests need it: what was accepted of it, and what of that is in the way.
import type { RiskCategory } from "../catalog/schema.ts";
import type { Approvals } from "./approvals.ts";
import { type Change, changesOf } from "./changes.ts";
import type { Sight } from "./definitions.ts";
import type { ServerInForce } from "./snapshot.ts";

type Served = Pick<ServerInForce, "tools" | "words" | "changes" | "onDefinitionChange" | "refused">;

/** @param tools Name to category, or to `[category, hash of the accepted definition]`. */
export function serving(
  tools: Record<string, RiskCategory | [RiskCategory, string]>,
  settings: Partial<Omit<Served, "tools" | "changes">> & { changes?: Change[] } = {},
): Served {
  const accepted = Object.entries(tools).map(([name, tool]) => {
    const [category, definitionHash] = typeof tool === "string" ? [tool, ""] : tool;
    return [name, { category, definitionHash }] as const;
  });
  const { changes = [], words = null, onDefinitionChange = "serve", refused = new Set() } = settings;
  const known = { tools: new Map(accepted), words };
  return { ...known, changes: changesOf(changes, known), onDefinitionChange, refused };
}

/** Sees everything, and writes nothing down. */
export const noSight: Sight = { hash: () => "", notice: () => {} };

/** Nobody is there to be asked. */
export const noApprovals: Approvals = {
  ask: async () => {
    return { kind: "refused", code: "approval_unavailable", message: "", approvalId: null, notice: null };
  },
  unuse: () => {},
  recheck: () => {},
  cancel: () => false,
  heldCalls: () => 0,
  close: async () => {},
};
