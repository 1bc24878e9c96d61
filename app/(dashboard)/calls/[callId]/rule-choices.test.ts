import { describe, expect, it } from "vitest";
import { applyEdits, laneOf } from "../../../../policy/edit.ts";
import { parsePolicy } from "../../../../policy/parse.ts";
import { type Choice, choices, editsFor } from "./rule-choices.ts";

const drafts = [
  '{ "version": "1", "default": "deny" }',
  '{ "version": "1", "default": "allow", "tools": { "vm_*": { "action": "deny", "reason": "no" } } }',
  '{ "version": "1", "default": "deny", "hide": ["vm_create"], "categories": { "Write": { "action": "require_approval" } } }',
];
const lanes: Record<Choice, string> = {
  allow: "allow",
  limit: "limit",
  condition: "allow",
  ask: "approve",
  deny: "deny",
  hide: "hide",
};

describe("a rule that is written from a call", () => {
  it("does what it says, whatever the draft was, and can be published", () => {
    for (const draft of drafts) {
      for (const choice of Object.keys(choices) as Choice[]) {
        const after = applyEdits(draft, editsFor(choice, { tool: "vm_create" }, null, draft));
        const parsed = parsePolicy(after);
        expect(parsed.ok, `${choice} in ${draft}`).toBe(true);
        if (!parsed.ok) continue;
        const { lane } = laneOf(parsed.document, { name: "vm_create", category: "Other" });
        expect(lane, `${choice} in ${draft}: ${after}`).toBe(lanes[choice]);
      }
    }
  });

  it("is none where the draft cannot be read or no tool was named", () => {
    expect(editsFor("deny", { tool: "vm_create" }, null, "{")).toEqual([]);
    expect(editsFor("deny", { tool: null }, null, drafts[0] ?? "")).toEqual([]);
  });
});
