import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { riskCategories, severities } from "../catalog/schema.ts";
import {
  type Block,
  type BlockKind,
  blocksOf,
  blockWords,
  dropBlock,
  itemOf,
  type KnownBlock,
  newBlock,
} from "./blocks.ts";
import { applyEdits, type BlockList, laneOf } from "./edit.ts";
import { evaluate } from "./evaluate.ts";
import { generateRule, pick, type Random, randomOf } from "./generate.test-support.ts";
import { parsePolicy } from "./parse.ts";
import { reachable } from "./reachable.ts";
import type { ToolRule } from "./schema.ts";
import { parseWithTools } from "./warn-tools.ts";

// Many runs, on machines that are busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

const kinds: readonly BlockKind[] = ["rate_limit", "spend_limit", "must_be", "must_not_be", "hours", "ask_when"];
const denyAll = '{\n  "version": "1",\n  "default": "deny",\n  "tools": {}\n}\n';

function parsed(text: string) {
  const answer = parsePolicy(text);
  if (!answer.ok) throw new Error(`${JSON.stringify(answer.problems)}\n${text}`);
  return answer;
}

function only(rule: ToolRule): Block {
  const placed = blocksOf(rule);
  expect(placed).toHaveLength(1);
  return placed[0]?.block ?? { kind: "custom" };
}

function ruleOf(block: KnownBlock): ToolRule {
  const { list, item } = itemOf(block);
  return { [list]: [item] };
}

describe("the blocks of a rule", () => {
  it("stand in the order in which they decide, each with its place", () => {
    const condition = { path: "args.a", op: "eq" as const, value: 1 };
    const rule: ToolRule = {
      rate_limit: { max: 1, window: 60 },
      approve_if: [{ conditions: [condition] }],
      limits: [{ counter: "c", window: "day", max: 5, increment: 2 }],
      deny_if: [{ conditions: [] }, { conditions: [condition], on_deny: "no" }],
      require: [{ conditions: [condition] }],
    };
    expect(blocksOf(rule).map(({ block, at }) => [at, block.kind])).toEqual([
      ["require/0", "must_be"],
      ["deny_if/0", "custom"],
      ["deny_if/1", "must_not_be"],
      ["limits/0", "custom"],
      ["rate_limit", "rate_limit"],
      ["approve_if/0", "ask_when"],
    ]);
  });

  it("lose nothing: there are as many as items, and those that say something say it again", () => {
    forAll(500, (random) => {
      const rule = generateRule(random) as ToolRule;
      const placed = blocksOf(rule);
      for (const list of ["require", "deny_if", "limits", "approve_if"] as const) {
        expect(placed.filter((each) => each.list === list).map(({ item }) => item)).toEqual(rule[list] ?? []);
      }
      expect(placed.filter(({ list }) => list === "rate_limit")).toHaveLength(rule.rate_limit ? 1 : 0);
      for (const { block, list, item } of placed) {
        if (block.kind === "custom" || list === "rate_limit") continue;
        const written = itemOf(block);
        expect(written.list).toBe(list);
        expect(plain(written.item)).toEqual(plain(item));
      }
    });
  });

  it("are read as they were written", () => {
    forAll(500, (random) => {
      const block = generateBlock(random);
      expect(only(ruleOf(block))).toEqual(block);
    });
  });

  it("of hours that are written differently are conditions, not hours", () => {
    const hour = (op: "gte" | "lt" | "lte" | "in", value: unknown) => ({ path: "time.hour", op, value });
    const day = (value: unknown) => ({ path: "time.weekday", op: "in" as const, value });
    for (const conditions of [
      [hour("gte", 9), hour("lte", 17)],
      [hour("gte", 9)],
      [hour("gte", 9), hour("lt", 17), { path: "args.a", op: "eq" as const, value: 1 }],
      [hour("gte", 9.5), hour("lt", 17)],
      [hour("gte", 9), hour("lt", 25)],
      [hour("gte", 9), hour("lt", 17), day([])],
      [hour("gte", 9), hour("lt", 17), day([8])],
      [hour("in", [9, 11])],
      [hour("in", "x"), day([1])],
    ]) {
      expect(only({ require: [{ conditions }] }).kind).toBe("must_be");
    }
    const [from, to] = [hour("gte", 9), hour("lt", 17)];
    expect(only({ require: [{ conditions: [day([1, 2]), to, from] }] })).toEqual({
      kind: "hours",
      from: 9,
      to: 17,
      weekdays: [1, 2],
    });
    expect(only({ deny_if: [{ conditions: [from, to] }] })).toEqual({ kind: "hours", from: 17, to: 9, weekdays: null });
    expect(only({ deny_if: [{ conditions: [from, to, day([1])] }] }).kind).toBe("must_not_be");
  });
});

describe("an hours block", () => {
  it.each([
    [9, 17, null],
    [9, 17, [1, 2, 3, 4, 5]],
    [22, 6, null],
    [22, 6, [1, 5, 7]],
    [22, 0, [2]],
    [22, 0, null],
    [0, 24, [6, 7]],
    [0, 24, null],
    [5, 5, null],
  ] as const)("from %i to %i on %j allows those hours and no others", (from, to, weekdays) => {
    const block = { kind: "hours", from, to, weekdays: weekdays && [...weekdays] } as const;
    const { policy } = parsed(JSON.stringify({ version: "1", default: "deny", tools: { t: ruleOf(block) } }));
    const monday = Date.parse("2026-11-16T00:00:00Z");
    for (let hours = 0; hours < 7 * 24; hours += 1) {
      const [hour, weekday] = [hours % 24, Math.floor(hours / 24) + 1];
      const end = to === 0 ? 24 : to;
      const isIn = from <= end ? hour >= from && hour < end : hour >= from || hour < end;
      const isAllowed = isIn && (weekdays === null || (weekdays as readonly number[]).includes(weekday));
      const call = {
        tool: "t",
        category: "Read" as const,
        arguments: {},
        grant: { id: "g", label: "" },
        client: {},
        session: {},
        server: { id: "s" },
        organisation: { id: "o" },
        now: monday + hours * 3_600_000,
      };
      const { code } = evaluate(policy, call, { frozen: false, definitionChanged: false });
      expect(code === "allowed", `${weekday} ${hour}`).toBe(isAllowed);
    }
  });
});

describe("the words of a block", () => {
  it.each<[string, ToolRule]>([
    ["10 a minute", { limits: [{ counter: "c", window: "minute", max: 10 }] }],
    ["10 in 60 seconds for each session", { rate_limit: { max: 10, window: 60 } }],
    [
      "50 of maxPrice a day of the calendar (UTC)",
      ruleOf({
        kind: "spend_limit",
        path: "args.maxPrice",
        counter: "c",
        max: 50,
        window: "day",
        scope: "grant",
        reset: "calendar",
      }),
    ],
    ["9 in total, 3 a call, a day", { limits: [{ counter: "c", window: "day", max: 9, increment: 3 }] }],
    [
      "instanceType is one of t3.micro, t3.small",
      { require: [{ conditions: [{ path: "args.instanceType", op: "in", value: ["t3.micro", "t3.small"] }] }] },
    ],
    [
      'id is "5" and n is 5',
      {
        require: [
          {
            conditions: [
              { path: "args.id", op: "eq", value: "5" },
              { path: "args.n", op: "eq", value: 5 },
            ],
          },
        ],
      },
    ],
    ["name is one of nothing", { require: [{ conditions: [{ path: "args.name", op: "in", value: [] }] }] }],
    [
      'not when any of files[*].path contains ".."',
      { deny_if: [{ conditions: [{ path: "args.files[*].path", op: "contains", value: ".." }] }] },
    ],
    ["Mon–Fri 9–17", ruleOf({ kind: "hours", from: 9, to: 17, weekdays: [1, 2, 3, 4, 5] })],
    ["Mon, Wed–Fri, Sun 22–6", ruleOf({ kind: "hours", from: 22, to: 6, weekdays: [7, 5, 4, 3, 1] })],
    ["Sat, Sun 0–24", ruleOf({ kind: "hours", from: 0, to: 24, weekdays: [6, 7] })],
    [
      "ask when spot is false (within 10 minutes)",
      { approve_if: [{ conditions: [{ path: "args.spot", op: "eq", value: false }], timeout: 600 }] },
    ],
    ["ask always", { approve_if: [{ conditions: [] }] }],
    ["denies every call", { deny_if: [{ conditions: [] }] }],
    ["always holds", { require: [{ conditions: [] }] }],
  ])("%s", (words, rule) => {
    expect(blocksOf(rule).map(blockWords)).toEqual([words]);
  });
});

const schema = {
  type: "object",
  properties: {
    instanceType: { type: "string", enum: ["t3.micro", "t3.small"] },
    maxPrice: { type: "number", maximum: 20 },
    name: { type: "string" },
    force: { type: "boolean" },
  },
  required: ["instanceType"],
};
const tool = { name: "vm_create", category: "Execute", severity: "high", inputSchema: schema } as const;
const property = (name: string, value: unknown, isRequired = true) => ({
  ...tool,
  inputSchema: { type: "object", properties: { [name]: value }, required: isRequired ? [name] : [] },
});

describe("a new block", () => {
  it("knows the tool's arguments and how dangerous it is", () => {
    expect(newBlock("rate_limit", tool)).toMatchObject({ counter: "vm_create_rate", max: 10, window: "minute" });
    expect(newBlock("rate_limit", { ...tool, severity: "critical" })).toMatchObject({ max: 1, window: "hour" });
    expect(newBlock("spend_limit", tool)).toMatchObject({ path: "args.maxPrice", max: 50, window: "day" });
    const types = { path: "args.instanceType", op: "in", value: ["t3.micro", "t3.small"] };
    expect(newBlock("must_be", tool)).toEqual({ kind: "must_be", conditions: [types] });
    expect(newBlock("ask_when", tool)).toEqual({ kind: "ask_when", conditions: [] });
    const force = { path: "args.force", op: "eq", value: true };
    expect(newBlock("must_not_be", tool)).toEqual({ kind: "must_not_be", conditions: [force] });
    expect(newBlock("hours", tool)).toEqual({ kind: "hours", from: 9, to: 17, weekdays: [1, 2, 3, 4, 5] });
  });

  it.each([
    ["a number", { type: "number" }, { op: "lte", value: 0 }, { op: "gt", value: 0 }],
    [
      "a number with bounds",
      { type: "integer", minimum: 1, maximum: 9 },
      { op: "lte", value: 9 },
      { op: "gt", value: 1 },
    ],
    ["a text", { type: "string" }, { op: "in", value: [] }, { op: "exists", value: true }],
    ["anything", {}, { op: "in", value: [] }, { op: "exists", value: true }],
    ["a switch", { type: "boolean" }, { op: "eq", value: false }, { op: "eq", value: true }],
  ])("about %s lets nothing through that it was not told to", (_, value, must, mustNot) => {
    expect(newBlock("must_be", property("a", value))).toMatchObject({ conditions: [{ path: "args.a", ...must }] });
    expect(newBlock("must_not_be", property("a", value))).toMatchObject({
      conditions: [{ path: "args.a", ...mustNot }],
    });
    expect(newBlock("ask_when", property("a", value))).toMatchObject({ conditions: [{ path: "args.a", ...mustNot }] });
    expect(newBlock("ask_when", property("a", value, false))).toMatchObject({ conditions: [] });
  });

  it("turns no switch off that makes a call harmless", () => {
    expect(newBlock("must_be", property("dryRun", { type: "boolean" }))).toMatchObject({
      conditions: [{ path: "args.dryRun", op: "eq", value: true }],
    });
  });

  it("without a tool is one for any", () => {
    for (const kind of kinds)
      parsed(JSON.stringify({ version: "1", default: "deny", tools: { "*": ruleOf(newBlock(kind, null)) } }));
  });

  it("raises no warning for a tool with plain arguments", () => {
    for (const kind of kinds) {
      const text = applyEdits(denyAll, dropBlock(parsed(denyAll).document, tool, kind));
      expect(parseWithTools(text, [tool])).toMatchObject({ ok: true, problems: [] });
    }
  });
});

describe("dropping a block on a tool", () => {
  it("makes a denied tool callable within it, or says what it waits for, whatever schema its server sends", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.constantFrom(...riskCategories),
        fc.constantFrom(...severities),
        schemas,
        fc.constantFrom("t", "__proto__", "a/b~c", "7", "ü"),
        (kind, category, severity, inputSchema, name) => {
          const dropped = { name, category, severity, inputSchema };
          const { policy, problems } = parsed(applyEdits(denyAll, dropBlock(parsed(denyAll).document, dropped, kind)));
          // A requirement that has no value yet refuses every call, and says so.
          const waits = problems.some(({ code }) => code === "never_allows");
          const reach = waits ? /^never$/ : /^(under_conditions|with_approval)$/;
          expect(reachable(policy, [dropped])[0]?.reach).toMatch(reach);
          if (waits) expect(kind).toBe("must_be");
        },
      ),
      { numRuns: 500 },
    );
  });

  it("keeps everything that a refused tool's rule says besides", () => {
    const limits = [{ counter: "c", window: "day", max: 1 }];
    const rule = { action: "deny", reason: "No.", limits, deny_if: [{ conditions: [] }] };
    const dropOn = (document: object) => {
      const text = JSON.stringify({ version: "1", default: "deny", ...document });
      return parsed(applyEdits(text, dropBlock(parsed(text).document, tool, "hours"))).document;
    };
    const hours = itemOf(newBlock("hours", tool)).item;
    expect(dropOn({ tools: { vm_create: rule } }).tools?.vm_create).toEqual({ limits, require: [hours] });
    const asking = { action: "require_approval", reason: "Look.", limits };
    expect(dropOn({ hide: ["vm_create"], tools: { vm_create: asking } })).toEqual({
      version: "1",
      default: "deny",
      tools: { vm_create: { ...asking, require: [hours] } },
    });
    expect(dropOn({ tools: { "vm_*": { action: "hide", limits } } }).tools?.vm_create).toEqual({
      limits,
      require: [hours],
    });
    expect(dropOn({ categories: { Execute: asking } }).tools?.vm_create).toEqual({ ...asking, require: [hours] });
  });

  it("does not loosen a tool that is allowed", () => {
    const text = JSON.stringify({ version: "1", default: "allow" });
    for (const kind of kinds) {
      const edits = dropBlock(parsed(text).document, tool, kind);
      expect(edits.map((edit) => edit.kind)).toEqual(["put_block"]);
      expect(laneOf(parsed(applyEdits(text, edits)).document, tool).lane).not.toBe("deny");
    }
  });
});

function forAll(numRuns: number, promise: (random: Random) => void): void {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_294_967_295 }), (seed) => promise(randomOf(seed))),
    { numRuns },
  );
}

/** What an item says, defaults left out. */
function plain(item: object): object {
  const fields = Object.entries(item).filter(
    ([name, value]) =>
      !(
        (name === "scope" && value === "grant") ||
        (name === "reset" && value === "sliding") ||
        (name === "increment" && value === 1)
      ),
  );
  const { conditions, ...others } = Object.fromEntries(fields);
  if (!Array.isArray(conditions)) return others;
  const sorted = conditions.map((condition) => JSON.stringify(condition)).sort();
  return { ...others, conditions: sorted };
}

function generateBlock(random: Random): KnownBlock {
  const onDeny = random() < 0.3 ? { onDeny: "no" } : {};
  if (random() < 0.5) {
    const from = Math.floor(random() * 24);
    const to = 1 + Math.floor(random() * 24);
    const days = [1, 2, 3, 4, 5, 6, 7].filter(() => random() < 0.5);
    const hours = { kind: "hours", from, to, weekdays: days.length > 0 ? days : null } as const;
    return { ...hours, ...onDeny };
  }
  for (;;) {
    const lists: BlockList[] = ["require", "deny_if", "limits", "approve_if"];
    const list = pick(random, lists);
    const rule = generateRule(random) as ToolRule;
    const block = blocksOf({ [list]: rule[list]?.slice(0, 1) ?? [] })[0]?.block;
    if (block && block.kind !== "custom") return block;
  }
}

const names = fc.constantFrom(
  "a",
  "amount",
  "x.y",
  "[*]",
  "",
  "__proto__",
  "constructor",
  "toString",
  "0",
  "ü ~/",
  "\ud800",
);
const { schema: schemas } = fc.letrec((tie) => ({
  schema: fc.oneof(
    { depthSize: "small" },
    fc.anything({ withNullPrototype: true }),
    fc.record(
      {
        type: fc.oneof(
          fc.constantFrom("object", "array", "string", "number", "boolean", "null", "x"),
          fc.array(fc.constantFrom("number", "string")),
        ),
        properties: fc.oneof(fc.dictionary(names, tie("schema"), { maxKeys: 5 }), fc.anything()),
        required: fc.oneof(fc.array(names), fc.anything()),
        items: tie("schema"),
        enum: fc.oneof(fc.array(fc.anything()), fc.array(fc.string())),
        minimum: fc.oneof(fc.double(), fc.anything()),
        maximum: fc.oneof(fc.double(), fc.anything()),
        anyOf: fc.array(tie("schema"), { maxLength: 3 }),
        $ref: fc.constantFrom("#", "#/properties/a", "#/x"),
        description: fc.anything(),
      },
      { requiredKeys: ["properties"] },
    ),
  ),
}));
