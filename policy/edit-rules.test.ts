import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { riskCategories } from "../catalog/schema.ts";
import { applyEdit, applyEdits, type Edit, type RuleTarget } from "./edit.ts";
import { generateDocument, pick, type Random, randomOf, toolNames } from "./generate.test-support.ts";
import { generateEdit, generateItem, generateTarget, hostileNames } from "./generate-edits.test-support.ts";
import { parsePolicy } from "./parse.ts";
import { reachable } from "./reachable.ts";
import type { PolicyDocument, ToolRule } from "./schema.ts";

// Edits of what stands in a rule. Moving tools between lanes is tested in edit.test.ts.

// Many runs, on machines that are busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

const group = { conditions: [{ path: "args.n", op: "gt" as const, value: 5 }] };
const limit = { counter: "c", window: "minute" as const, max: 5 };

function parsed(text: string) {
  const answer = parsePolicy(text);
  if (!answer.ok) throw new Error(`${JSON.stringify(answer.problems)}\n${text}`);
  return answer;
}

function put(target: RuleTarget, list: (Edit & { kind: "put_block" })["list"], item: object): Edit {
  return { kind: "put_block", target, list, index: null, item: item as typeof group };
}

function edited(document: object, ...edits: Edit[]): PolicyDocument {
  return parsed(applyEdits(JSON.stringify({ version: "1", default: "deny", ...document }), edits)).document;
}

describe("putting a block", () => {
  it("writes it behind the others of its list, in the layout that is there", () => {
    const text = `{
  "version": "1", "default": "deny",
  "tools": {
    "t": { "limits": [{ "counter": "c", "window": "minute", "max": 5 }] },
    "u": {}
  }
}`;
    expect(applyEdit(text, put({ tool: "t" }, "limits", { counter: "d", window: "day", max: 9 }))).toBe(
      text.replace('"max": 5 }]', '"max": 5 }, { "counter": "d", "window": "day", "max": 9 }]'),
    );
    expect(
      applyEdit(text, {
        kind: "put_block",
        target: { tool: "t" },
        list: "limits",
        index: 0,
        item: { ...limit, max: 6 },
      }),
    ).toBe(text.replace('"max": 5', '"max": 6'));
  });

  it("gives a counter that is taken in its rule a number", () => {
    const { tools } = edited(
      { tools: { t: { limits: [limit] } } },
      put({ tool: "t" }, "limits", limit),
      put({ tool: "t" }, "limits", limit),
      { kind: "put_block", target: { tool: "t" }, list: "limits", index: 0, item: { ...limit, max: 1 } },
    );
    expect(tools?.t?.limits?.map(({ counter, max }) => [counter, max])).toEqual([
      ["c", 1],
      ["c_2", 5],
      ["c_3", 5],
    ]);
  });

  it("takes along what covered the tool, and does not open a tool that nothing named", () => {
    const covered = { tools: { "vm_*": { deny_if: [group] } }, categories: { Read: { require: [group] } } };
    expect(edited(covered, put({ tool: "vm_a" }, "limits", limit)).tools?.vm_a).toEqual({
      deny_if: [group],
      limits: [limit],
    });
    expect(edited(covered, put({ tool: "get", category: "Read" }, "limits", limit)).tools?.get).toEqual({
      require: [group],
      limits: [limit],
    });
    expect(edited({}, put({ tool: "t" }, "limits", limit)).tools?.t).toEqual({ action: "deny", limits: [limit] });
  });

  it("makes the rule of a pattern, a category or all tools when there is none", () => {
    expect(edited({ default: "allow" }, put({ entry: "vm_*" }, "limits", limit)).tools).toEqual({
      "vm_*": { limits: [limit] },
    });
    expect(edited({ default: "allow" }, put({ category: "Write" }, "deny_if", group)).categories).toEqual({
      Write: { deny_if: [group] },
    });
    expect(edited({}, put({ allTools: true }, "require", group)).all_tools).toEqual({ require: [group] });
  });

  it("writes nothing that is no item of the list", () => {
    const text = JSON.stringify({ version: "1", default: "deny", tools: { t: {} } });
    for (const item of [limit, { ...group, message: "m" }, {}, { conditions: [{ path: "args.a", op: "is" }] }])
      expect(applyEdit(text, put({ tool: "t" }, "require", item))).toBe(text);
    expect(applyEdit(text, put({ tool: "t" }, "limits", group))).toBe(text);
  });

  it("and taking it away again is the text it was", () => {
    forAll(300, (random) => {
      const text = someText(random, generateDocument(random));
      const { tools = {} } = parsed(text).document;
      const { list, item } = generateItem(random);
      for (const tool of Object.keys(tools)) {
        const target = { entry: tool };
        const length = tools[tool]?.[list]?.length ?? 0;
        if (length === 0) continue;
        const more = applyEdit(text, { kind: "put_block", target, list, index: null, item });
        expect(parsed(more).document.tools?.[tool]?.[list]).toHaveLength(length + 1);
        expect(applyEdit(more, { kind: "remove_block", target, list, index: length })).toBe(text);
      }
    });
  });
});

describe("taking a block away", () => {
  it("takes an empty list along", () => {
    const rule = { require: [group], limits: [limit] };
    expect(
      edited({ tools: { t: rule } }, { kind: "remove_block", target: { tool: "t" }, list: "limits", index: 0 }).tools,
    ).toEqual({ t: { require: [group] } });
  });

  it("that is not there changes nothing", () => {
    const text = JSON.stringify({ version: "1", default: "deny", tools: { "a*": {} } });
    for (const target of [{ tool: "ab" }, { tool: "b" }, { entry: "a*" }, { allTools: true } as const])
      expect(applyEdit(text, { kind: "remove_block", target, list: "limits", index: 0 })).toBe(text);
  });

  it("that a pattern covers takes it away for this tool only", () => {
    const { tools } = edited(
      { tools: { "a*": { limits: [limit], require: [group] } } },
      { kind: "remove_block", target: { tool: "ab" }, list: "limits", index: 0 },
    );
    expect(tools).toEqual({ "a*": { limits: [limit], require: [group] }, ab: { require: [group] } });
  });
});

describe("the other parts of a rule", () => {
  const target = { tool: "t" };
  it("are set and taken away", () => {
    const full = edited(
      { tools: { t: {} } },
      { kind: "set_rate_limit", target, rateLimit: { max: 1, window: 60 } },
      { kind: "set_reason", target, reason: "why" },
      { kind: "set_action", target, action: "require_approval" },
    );
    expect(full.tools?.t).toEqual({ action: "require_approval", rate_limit: { max: 1, window: 60 }, reason: "why" });
    const empty = edited(
      full,
      { kind: "set_rate_limit", target, rateLimit: null },
      { kind: "set_reason", target, reason: null },
      { kind: "set_action", target, action: null },
    );
    expect(empty.tools?.t).toEqual({});
  });

  it("an action can open a tool that was denied by default, and a category", () => {
    expect(edited({}, { kind: "set_action", target, action: null }).tools).toEqual({ t: {} });
    expect(edited({}, { kind: "set_action", target: { category: "Read" }, action: "allow" }).categories).toEqual({
      Read: { action: "allow" },
    });
  });

  it("the time zone goes behind the description", () => {
    const text = '{\n  "version": "1",\n  "description": "d",\n  "default": "deny"\n}\n';
    const zoned = applyEdit(text, { kind: "set_timezone", timezone: "Asia/Tokyo" });
    expect(zoned).toBe(text.replace('"d",\n', '"d",\n  "timezone": "Asia/Tokyo",\n'));
    expect(applyEdit(zoned, { kind: "set_timezone", timezone: null })).toBe(text);
  });
});

describe("taking a rule away", () => {
  it("leaves the tool to what else covers it, and shows it again", () => {
    const document = { hide: ["t", "u"], tools: { t: { action: "deny" }, "*": {} }, categories: { Read: {} } };
    const without = edited(document, { kind: "remove_rule", target: { tool: "t" } });
    expect([without.hide, without.tools]).toEqual([["u"], { "*": {} }]);
    expect(edited(document, { kind: "remove_rule", target: { entry: "*" } }).tools).toEqual({ t: { action: "deny" } });
    expect(edited(document, { kind: "remove_rule", target: { category: "Read" } }).categories).toEqual({});
    expect("all_tools" in edited({ all_tools: {} }, { kind: "remove_rule", target: { allTools: true } })).toBe(false);
  });

  it("does not show the tools of a pattern that is hidden as well", () => {
    const document = { hide: ["vm_*"], tools: { "vm_*": {} } };
    const without = edited(document, { kind: "remove_rule", target: { entry: "vm_*" } });
    expect([without.hide, without.tools]).toEqual([["vm_*"], {}]);
    expect("hide" in edited(without, { kind: "remove_rule", target: { entry: "vm_*" } })).toBe(false);
  });
});

function forAll(numRuns: number, promise: (random: Random) => void): void {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_294_967_295 }), (seed) => promise(randomOf(seed))),
    { numRuns },
  );
}

function someText(random: Random, document: object): string {
  return JSON.stringify(document, null, pick(random, [undefined, 2, "\t"]));
}

const everyTool = [...toolNames, ...hostileNames].flatMap((name) =>
  riskCategories.map((category) => ({ name, category })),
);
const ranks = { never: 0, with_approval: 1, under_conditions: 2, freely: 3 };

describe("every edit of every document", () => {
  it("leaves a document without errors, however many come after each other", () => {
    forAll(400, (random) => {
      const edits = Array.from({ length: 12 }, () => generateEdit(random));
      parsed(applyEdits(someText(random, generateDocument(random)), edits));
    });
  });

  it("is the same at once and one after the other", () => {
    forAll(100, (random) => {
      const text = someText(random, generateDocument(random));
      const edits = Array.from({ length: 6 }, () => generateEdit(random));
      expect(parsed(applyEdits(text, edits)).document).toEqual(parsed(edits.reduce(applyEdit, text)).document);
    });
  });

  it("writes only the rule that it is for", () => {
    forAll(400, (random) => {
      const text = someText(random, generateDocument(random));
      const edit = generateEdit(random);
      if (!("target" in edit)) return;
      const { target } = edit;
      const rules = (document: PolicyDocument): Map<string, ToolRule> => {
        const all = [
          ...Object.entries(document.tools ?? {}).map(([name, rule]) => [`tools ${name}`, rule] as const),
          ...Object.entries(document.categories ?? {}).map(([name, rule]) => [`category ${name}`, rule] as const),
          ["all", document.all_tools ?? {}] as const,
        ];
        const own =
          "tool" in target
            ? `tools ${target.tool}`
            : "entry" in target
              ? `tools ${target.entry}`
              : "category" in target
                ? `category ${target.category}`
                : "all";
        return new Map(all.filter(([name]) => name !== own));
      };
      const [before, after] = [parsed(text), parsed(applyEdit(text, edit))];
      expect(rules(after.document)).toEqual(rules(before.document));
      if (!("tool" in target)) return;
      const others = everyTool.filter(({ name }) => name !== target.tool);
      expect(reachable(after.policy, others)).toEqual(reachable(before.policy, others));
    });
  });

  it("that adds a block or a reason opens no tool further", () => {
    forAll(500, (random) => {
      const text = someText(random, generateDocument(random));
      const target = generateTarget(random);
      const edit: Edit =
        random() < 0.9
          ? { kind: "put_block", target, index: null, ...generateItem(random) }
          : { kind: "set_reason", target, reason: "so" };
      const [before, after] = [parsed(text), parsed(applyEdit(text, edit))];
      const tools =
        "tool" in target
          ? everyTool.filter(
              ({ name, category }) =>
                name === target.tool && (target.category === undefined || target.category === category),
            )
          : everyTool;
      const was = reachable(before.policy, tools);
      for (const [index, { tool, reach }] of reachable(after.policy, tools).entries()) {
        const old = was[index]?.reach ?? "never";
        expect(ranks[reach], `${tool}: ${old} → ${reach}\n${text}\n${JSON.stringify(edit)}`).toBeLessThanOrEqual(
          ranks[old],
        );
      }
    });
  });

  it("keeps away from names that are globs and from blank ones", () => {
    const text = JSON.stringify({ version: "1", default: "deny", tools: { "*": { limits: [limit] } } });
    for (const target of [{ tool: "*" }, { tool: "" }, { entry: "" }]) {
      expect(applyEdit(text, put(target, "limits", limit))).toBe(text);
      expect(applyEdit(text, { kind: "set_action", target, action: null })).toBe(text);
    }
  });
});
