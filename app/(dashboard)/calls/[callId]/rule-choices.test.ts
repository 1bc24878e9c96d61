import { describe, expect, it } from "vitest";
import { applyEdits, laneOf } from "../../../../policy/edit.ts";
import { parsePolicy } from "../../../../policy/parse.ts";
import { type Choice, choices, conditionsOf, editsFor } from "./rule-choices.ts";

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
  except: "",
  deny: "deny",
  hide: "hide",
};

describe("a rule that is written from a call", () => {
  it("does what it says, whatever the draft was, and can be published", () => {
    for (const draft of drafts) {
      for (const choice of (Object.keys(choices) as Choice[]).filter((each) => each !== "except")) {
        const after = applyEdits(draft, editsFor(choice, { tool: "vm_create" }, null, draft));
        const parsed = parsePolicy(after);
        expect(parsed.ok, `${choice} in ${draft}`).toBe(true);
        if (!parsed.ok) continue;
        const { lane } = laneOf(parsed.document, { name: "vm_create", category: "Other" });
        expect(lane, `${choice} in ${draft}: ${after}`).toBe(lanes[choice]);
      }
    }
  });

  const values = conditionsOf(
    { type: "m5.xlarge", count: 2, "a.b": 1, "c[": 1, tags: ["x"], note: null, secret: null },
    ["secret"],
  );
  const asked = { conditions: values };

  it("carries the values that are on record, and no others", () => {
    expect(values).toEqual([
      { path: "args.type", op: "eq", value: "m5.xlarge" },
      { path: "args.count", op: "eq", value: 2 },
      { path: "args.note", op: "eq", value: null },
    ]);
    for (const draft of drafts) {
      const after = applyEdits(draft, editsFor("condition", { tool: "vm_create" }, null, draft, values));
      const parsed = parsePolicy(after);
      expect(parsed.ok && parsed.document.tools?.vm_create?.require, after).toEqual([asked]);
    }
  });

  it("denies calls like this one without letting others through", () => {
    const [denying = "", globbing = ""] = drafts;
    for (const draft of [denying, globbing]) {
      expect(editsFor("except", { tool: "vm_create" }, null, draft, values)).toEqual([]);
    }
    const open = '{ "version": "1", "default": "allow" }';
    const after = applyEdits(open, editsFor("except", { tool: "vm_create" }, null, open, values));
    const parsed = parsePolicy(after);
    expect(parsed.ok && parsed.document.tools?.vm_create?.deny_if, after).toEqual([asked]);
    expect(editsFor("except", { tool: "vm_create" }, null, open, [])).toEqual([]);
  });

  it("is none where the draft cannot be read or no tool was named", () => {
    expect(editsFor("deny", { tool: "vm_create" }, null, "{")).toEqual([]);
    expect(editsFor("deny", { tool: null }, null, drafts[0] ?? "")).toEqual([]);
  });
});
