import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { riskCategories } from "../catalog/schema.ts";
import { applyEdit, applyEdits, type Edit, type Lane, laneOf } from "./edit.ts";
import { evaluate, isHidden } from "./evaluate.ts";
import { parsePolicy } from "./parse.ts";
import type { PolicyDocument, ToolRule } from "./schema.ts";

// Hundreds of runs each, on machines that are busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

const mixed = `{
    "version": "1",
    "default": "deny",
    "hide": ["vm_terminate", "wipe"],
    "tools": {
        "vm_list": {},
        "vm_create": { "limits": [{ "counter": "n", "window": "minute", "max": 5 }], "reason": "odd place" },
        "wipe": {
            "action": "deny",
            "reason": "No."
        }
    }
}
`;

function move(text: string, tool: string, lane: Lane, more: Partial<Edit & { kind: "set_lane" }> = {}): string {
  return applyEdit(text, { kind: "set_lane", tool, lane, ...more });
}

function documentOf(text: string): PolicyDocument {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(`${text}\n${JSON.stringify(parsed.problems)}`);
  return parsed.document;
}

function lineDiff(before: string, after: string): { gone: string[]; come: string[] } {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const lines = (from: string[], other: string[]) =>
    from.filter((line) => !other.includes(line)).map((line) => line.trim());
  return { gone: lines(old, now), come: lines(now, old) };
}

describe("moving a tool", () => {
  it("to Deny adds the action and leaves the rest of the rule for the way back", () => {
    expect(lineDiff(mixed, move(mixed, "vm_create", "deny"))).toEqual({
      gone: ['"vm_create": { "limits": [{ "counter": "n", "window": "minute", "max": 5 }], "reason": "odd place" },'],
      come: [
        '"vm_create": { "action": "deny", "limits": [{ "counter": "n", "window": "minute", "max": 5 }], "reason": "odd place" },',
      ],
    });
  });

  it("to Hide adds the name to the list and leaves the rule", () => {
    expect(lineDiff(mixed, move(mixed, "vm_create", "hide"))).toEqual({
      gone: ['"hide": ["vm_terminate", "wipe"],'],
      come: ['"hide": ["vm_terminate", "wipe", "vm_create"],'],
    });
  });

  it("to Hide and back is the text it was", () => {
    expect(move(move(mixed, "vm_create", "hide"), "vm_create", "limit")).toBe(mixed);
    const seed = '{\n  "version": "1",\n  "default": "deny",\n  "tools": {\n    "t": {}\n  }\n}\n';
    expect(move(move(seed, "t", "hide"), "t", "allow")).toBe(seed);
  });

  it("from Hide to Deny takes the name from the list and keeps the rule that already denies", () => {
    expect(lineDiff(mixed, move(mixed, "wipe", "deny"))).toEqual({
      gone: ['"hide": ["vm_terminate", "wipe"],'],
      come: ['"hide": ["vm_terminate"],'],
    });
  });

  it("to Limit keeps the limits there are", () => {
    expect(move(mixed, "vm_create", "limit")).toBe(mixed);
    const denied = move(mixed, "vm_create", "deny");
    expect(move(denied, "vm_create", "limit")).toContain(
      '"limits": [{ "counter": "n", "window": "minute", "max": 5 }]',
    );
  });

  it("to Limit adds ten a minute where there was none", () => {
    const limits = [{ counter: "vm_list_rate", window: "minute", max: 10, scope: "grant" }];
    expect(documentOf(move(mixed, "vm_list", "limit")).tools?.vm_list).toEqual({ limits });
  });

  it("to Limit with numbers sets them in the limit there is", () => {
    const text = move(mixed, "vm_create", "limit", { limit: { max: 3, window: "day" } });
    expect(text).toContain(
      '"vm_create": { "limits": [{ "counter": "n", "window": "day", "max": 3 }], "reason": "odd place" },',
    );
    const short =
      '{ "version": "1", "default": "deny", "tools": { "t": { "rate_limit": { "max": 1, "window": 60 } } } }';
    expect(move(short, "t", "limit", { limit: { max: 2, window: "hour" } })).toBe(
      '{ "version": "1", "default": "deny", "tools": { "t": { "rate_limit": { "max": 2, "window": "hour" } } } }',
    );
  });

  it("to Limit with seconds drops a calendar, which has none", () => {
    const rule = { limits: [{ counter: "c", window: "day", max: 1, reset: "calendar" }] };
    const text = JSON.stringify({ version: "1", default: "deny", tools: { t: rule } });
    const after = documentOf(move(text, "t", "limit", { limit: { max: 2, window: 90 } }));
    expect(after.tools?.t?.limits).toEqual([{ counter: "c", window: 90, max: 2 }]);
  });

  it("to Allow drops action, limits and approvals and keeps the conditions", () => {
    const require = [{ conditions: [{ path: "args.a", op: "eq" as const, value: 1 }] }];
    const rule: ToolRule = {
      action: "require_approval",
      require,
      deny_if: [{ conditions: [] }, ...require],
      approve_if: require,
      limits: [{ counter: "c", window: "day", max: 1 }],
      rate_limit: { max: 1, window: 1 },
    };
    const text = JSON.stringify({ version: "1", default: "deny", tools: { t: rule } });
    expect(documentOf(move(text, "t", "allow")).tools?.t).toEqual({ require, deny_if: require });
  });

  it("takes what a glob or category asks for along into its own entry", () => {
    const require = [{ conditions: [{ path: "args.a", op: "eq", value: 1 }] }];
    const text = JSON.stringify({
      version: "1",
      default: "deny",
      categories: { Write: { require } },
      tools: { "vm_*": { action: "deny", require } },
    });
    expect(documentOf(move(text, "vm_list", "allow")).tools?.vm_list).toEqual({ require });
    expect(documentOf(move(text, "put", "allow", { category: "Write" })).tools?.put).toEqual({ require });
  });

  it("writes the way the neighbours are written", () => {
    expect(lineDiff(mixed, move(mixed, "new", "approve")).come).toContain('"action": "require_approval"');
    const inline = '{\n  "version": "1",\n  "default": "deny",\n  "tools": {\n    "a": { "action": "deny" }\n  }\n}';
    expect(move(inline, "b", "deny")).toBe(inline.replace('"deny" }\n', '"deny" },\n    "b": { "action": "deny" }\n'));
    expect(move('{"version":"1","default":"deny"}', "t", "deny")).toBe(
      '{"version":"1","default":"deny","tools":{"t":{"action":"deny"}}}',
    );
    const windows = '{\r\n\t"version": "1",\r\n\t"default": "deny"\r\n}\r\n';
    expect(move(windows, "t", "hide")).toBe(
      '{\r\n\t"version": "1",\r\n\t"default": "deny",\r\n\t"hide": ["t"]\r\n}\r\n',
    );
  });

  it("starts a document from a blank text", () => {
    expect(documentOf(move(" \n", "t", "allow"))).toEqual({ version: "1", default: "deny", tools: { t: {} } });
    expect(documentOf(applyEdit("", { kind: "set_default", default: "allow" }))).toEqual({
      version: "1",
      default: "allow",
    });
  });

  it("leaves a text alone that is no document", () => {
    for (const text of [
      "{",
      "[]",
      '{ "version": "1", "version": "1", "default": "deny" }',
      '{ "version": "1", "default": 3 }',
    ]) {
      expect(move(text, "t", "allow")).toBe(text);
    }
  });

  it("writes no rule for a tool whose name is a glob, which would open other tools", () => {
    for (const lane of ["allow", "limit", "approve", "deny", "hide"] as const)
      expect(move(mixed, "*", lane)).toBe(mixed);
  });

  it("stays under a glob of the hide list", () => {
    const text = JSON.stringify({ version: "1", default: "deny", hide: ["vm_*"] });
    expect(laneOf(documentOf(move(text, "vm_a", "allow")), { name: "vm_a", category: "Read" })).toEqual({
      lane: "hide",
      because: "hide",
    });
  });
});

describe("the default", () => {
  it("is the only thing that changes", () => {
    expect(applyEdit(mixed, { kind: "set_default", default: "hide" })).toBe(
      mixed.replace('"default": "deny"', '"default": "hide"'),
    );
  });
});

const names = ["a", "vm_a", "vm_b", "__proto__", 'q"uote', "7", "x/y"];
const group = fc.record({
  conditions: fc.constantFrom([], [{ path: "args.a", op: "eq" as const, value: 1 }]),
});
const rule = fc.record(
  {
    action: fc.constantFrom("allow", "deny", "hide", "require_approval"),
    reason: fc.constant("because"),
    require: fc.array(group, { maxLength: 2 }),
    deny_if: fc.array(group, { maxLength: 2 }),
    approve_if: fc.array(group, { maxLength: 2 }),
    limits: fc.constantFrom([], [{ counter: "c", window: "day", max: 3, reset: "calendar" } as const]),
    rate_limit: fc.constant({ max: 1, window: 60 }),
  },
  { requiredKeys: [] },
);
const documents = fc.record(
  {
    version: fc.constant("1"),
    default: fc.constantFrom("allow", "deny", "hide"),
    hide: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 3 }),
    categories: fc.record({ Read: rule, Write: rule }, { requiredKeys: [] }),
    tools: fc
      .uniqueArray(fc.tuple(fc.constantFrom(...names, "vm_*", "*"), rule), { selector: ([name]) => name, maxLength: 5 })
      .map((entries) => Object.fromEntries(entries)),
  },
  { requiredKeys: ["version", "default"] },
);
const lanes = fc.constantFrom<Lane[]>("allow", "limit", "approve", "deny", "hide");
const layouts = fc.constantFrom(undefined, 2, 4, "\t");

describe("every edit of every document", () => {
  it("puts the tool in the lane that was asked for, and leaves a valid document", () => {
    fc.assert(
      fc.property(
        documents,
        layouts,
        fc.constantFrom(...names),
        lanes,
        fc.constantFrom(...riskCategories),
        (document, indent, name, lane, category) => {
          const after = documentOf(move(JSON.stringify(document, null, indent), name, lane, { category }));
          expect(laneOf(after, { name, category }).lane).toBe(lane);
        },
      ),
      { numRuns: 400 },
    );
  });

  it("does not change what any other tool may do", () => {
    fc.assert(
      fc.property(documents, layouts, fc.constantFrom(...names), lanes, (document, indent, name, lane) => {
        const text = JSON.stringify(document, null, indent);
        const [before, after] = [documentOf(text), documentOf(move(text, name, lane, { category: "Read" }))];
        for (const other of names.filter((candidate) => candidate !== name)) {
          const tool = { name: other, category: "Read" as const };
          expect(laneOf(after, tool)).toEqual(laneOf(before, tool));
          expect(after.tools && Object.getOwnPropertyDescriptor(after.tools, other)?.value).toEqual(
            before.tools && Object.getOwnPropertyDescriptor(before.tools, other)?.value,
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  it("shows the lane that evaluate goes by", () => {
    fc.assert(
      fc.property(
        documents,
        fc.constantFrom(...names),
        fc.constantFrom(...riskCategories),
        (document, name, category) => {
          const parsed = parsePolicy(JSON.stringify(document));
          if (!parsed.ok) throw new Error("not a document");
          const { lane } = laneOf(parsed.document, { name, category });
          // Arguments that meet the only condition there is, so that groups with conditions count as met.
          const call = {
            arguments: {},
            grant: { id: "g", label: "" },
            client: {},
            session: {},
            server: { id: "s" },
            organisation: { id: "o" },
            now: 0,
          };
          const state = { frozen: false, definitionChanged: false };
          const { code } = evaluate(parsed.policy, { ...call, tool: name, category }, state);
          expect(isHidden(parsed.policy, { name, category })).toBe(lane === "hide");
          if (lane === "deny") expect(["denied", "default_deny", "requirement_failed"]).toContain(code);
          if (lane === "approve") expect(["approval_required", "requirement_failed"]).toContain(code);
          if (lane === "allow" || lane === "limit") expect(["allowed", "requirement_failed"]).toContain(code);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("several edits at once", () => {
  const edits: Edit[] = [
    { kind: "set_default", default: "hide" },
    { kind: "set_lane", tool: "read", lane: "allow" },
    { kind: "set_lane", tool: "send", lane: "limit", limit: { max: 3, window: "hour" } },
    { kind: "set_lane", tool: "vm_terminate", lane: "hide" },
    { kind: "set_lane", tool: "send", lane: "deny" },
  ];

  it.each([
    "",
    '{"version":"1","default":"deny"}',
    '{\n  "version": "1",\n  "default": "deny",\n  "tools": {}\n}\n',
    '{\n  "version": "1",\n  "tools": {\n    "read": { "action": "deny" }\n  },\n  "default": "deny"\n}\n',
  ])("are the same as one after the other: %j", (text) => {
    expect(JSON.parse(applyEdits(text, edits))).toEqual(JSON.parse(edits.reduce(applyEdit, text)));
  });

  it("leave the place and the layout of what they do not concern", () => {
    const text = '{\n  "version": "1",\n  "tools": {\n    "a": {}\n  },\n  "default": "deny"\n}\n';
    expect(
      applyEdits(text, [
        { kind: "set_lane", tool: "b", lane: "deny" },
        { kind: "set_lane", tool: "c", lane: "allow" },
      ]),
    ).toBe(
      '{\n  "version": "1",\n  "tools": {\n    "a": {},\n    "b": {\n      "action": "deny"\n    },\n    "c": {}\n  },\n  "default": "deny"\n}\n',
    );
  });
});
