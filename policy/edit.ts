import type { RiskCategory } from "../catalog/schema.ts";
import type { PolicyDocument, WindowName } from "./schema.ts";

export type Lane = "allow" | "limit" | "approve" | "deny" | "hide";

export type Edit =
  | { kind: "set_lane"; tool: string; lane: Lane; limit?: { max: number; window: WindowName | number } }
  | { kind: "set_default"; default: "allow" | "deny" | "hide" };

/**
 * Applies one edit to the text of a document; key order, layout and everything the edit does not concern stay. A blank
 * text becomes a minimal document first. A text that is no policy document (syntax, shape) comes back unchanged.
 */
export function applyEdit(_text: string, _edit: Edit): string {
  throw new Error("not written yet");
}

/** Which control of the dashboard a tool stands on, and what put it there. */
export function laneOf(
  _document: PolicyDocument,
  _tool: { name: string; category: RiskCategory },
): { lane: Lane | "custom"; because: "hide" | "tool" | "glob" | "category" | "default" | "all_tools" } {
  throw new Error("not written yet");
}
