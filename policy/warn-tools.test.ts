import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePolicy } from "./parse.ts";
import { type ListedTool, parseWithTools, warnWithTools } from "./warn-tools.ts";

const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more });

const tools: ListedTool[] = [
  {
    name: "vm_create",
    category: "Execute",
    inputSchema: object(
      {
        instanceType: { type: "string", enum: ["t3.micro", "t3.small"] },
        maxPrice: { type: "number" },
        count: { type: ["integer", "null"] },
        tags: { type: "array", items: { type: "string" } },
        disk: { $ref: "#/$defs/disk" },
        owner: { anyOf: [{ type: "string" }, { type: "null" }] },
        labels: { type: "object", additionalProperties: { type: "string" } },
        extra: {},
      },
      { $defs: { disk: object({ size: { type: "integer" } }, { additionalProperties: false }) } },
    ),
  },
  { name: "vm_list", category: "Read", inputSchema: object({}) },
  { name: "vm_terminate", category: "Destructive", inputSchema: object({ id: { type: "string" } }) },
  { name: "pay", category: "Financial", inputSchema: object({ amount: { type: "string" } }) },
];

function warnings(document: object): string[] {
  const text = JSON.stringify({ version: "1", default: "deny", ...document });
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const found = warnWithTools(parsed.document, tools);
  const placed = parseWithTools(text, tools).problems.map(({ from, to, line, ...rest }) => ({ ...rest, from }));
  for (const one of found) expect(placed).toContainEqual({ ...one, from: expect.any(Number) });
  expect(found.every(({ severity }) => severity === "warning")).toBe(true);
  return found.map(({ code, pointer, message }) => `${code} ${pointer} ${message}`);
}

const condition = (path: string, op: string, value: unknown) => ({ require: [{ conditions: [{ path, op, value }] }] });
const ofCreate = (path: string, op: string, value: unknown) =>
  warnings({ tools: { vm_create: condition(path, op, value) } }).map((line) => line.split(" /")[0]);

describe("a name that the server does not have", () => {
  it("is a warning with the nearest name", () => {
    expect(
      warnings({
        hide: ["vm_lst"],
        tools: { vm_craete: {}, something_else: {}, "db_*": {}, "vm_*": { action: "deny" } },
      }),
    ).toEqual([
      "unknown_tool /hide/0 this server has no tool `vm_lst`; did you mean `vm_list`?",
      "unknown_tool /tools/vm_craete this server has no tool `vm_craete`; did you mean `vm_create`?",
      "unknown_tool /tools/something_else this server has no tool `something_else`; check its spelling",
      "unknown_tool /tools/db_* no tool of this server fits `db_*`",
    ]);
  });

  it("is none as long as the server's tools are unknown", () => {
    const parsed = parsePolicy('{ "version": "1", "default": "allow", "tools": { "x": {} } }');
    if (!parsed.ok) throw new Error("not a policy");
    expect(warnWithTools(parsed.document, [])).toEqual([]);
  });
});

describe("a dangerous tool", () => {
  it("that nothing bounds is a warning, where it is allowed", () => {
    expect(warnings({ default: "allow" })).toEqual([
      "unguarded_tool /default `vm_terminate` can destroy and is allowed freely; add a limit, a condition or an approval",
      "unguarded_tool /default `pay` can spend money and is allowed freely; add a limit, a condition or an approval",
    ]);
    expect(
      warnings({ categories: { Destructive: {} }, tools: { pay: {} } }).map((line) => line.split(" `")[0]),
    ).toEqual(["unguarded_tool /categories/Destructive", "unguarded_tool /tools/pay"]);
  });

  it.each([
    { rate_limit: { max: 1, window: "day" } },
    { action: "require_approval" },
    { action: "deny" },
    { approve_if: [{ conditions: [] }] },
    { deny_if: [{ conditions: [{ path: "args.id", op: "eq", value: "x" }] }] },
  ])("with %j is none", (rule) => {
    expect(warnings({ tools: { vm_terminate: rule } })).toEqual([]);
    expect(
      warnings({ tools: { vm_terminate: {} }, all_tools: rule }).filter((line) => line.startsWith("unguarded")),
    ).toEqual([]);
  });
});

describe("an argument", () => {
  it("that the input schema does not have is a warning with the nearest name", () => {
    expect(warnings({ tools: { vm_create: condition("args.instancetype", "eq", "t3.micro") } })).toEqual([
      "unknown_argument /tools/vm_create/require/0/conditions/0/path `vm_create` has no argument `args.instancetype`; did you mean `instanceType`?",
    ]);
    const limits = [{ counter: "c", window: "day", max: 5, increment_from: "args.price", key: "args.disk.siez" }];
    expect(warnings({ tools: { vm_create: { limits } } })).toEqual([
      "unknown_argument /tools/vm_create/limits/0/increment_from `vm_create` has no argument `args.price`",
      "unknown_argument /tools/vm_create/limits/0/key `vm_create` has no argument `args.disk.siez`; did you mean `size`?",
    ]);
  });

  it("of another type is a warning", () => {
    expect(
      warnings({ tools: { pay: { deny_if: [{ conditions: [{ path: "args.amount", op: "gt", value: 5 }] }] } } }),
    ).toEqual([
      "argument_type /tools/pay/deny_if/0/conditions/0/value `args.amount` never is a number to compare: it is a text by the tool's input schema",
    ]);
  });

  it.each<[string, string, unknown]>([
    ["args.instanceType", "eq", "t3.large"],
    ["args.instanceType", "in", ["m5", 5]],
    ["args.instanceType", "gt", 5],
    ["args.maxPrice", "regex", "5"],
    ["args.maxPrice", "contains", 5],
    ["args.count", "eq", "3"],
    ["args.tags[*]", "lt", 5],
    ["args.owner", "eq", 5],
    ["args.disk.size", "eq", "10"],
    ["args.labels.team", "gt", 5],
  ])("%s never fits %s %j", (path, op, value) => expect(ofCreate(path, op, value)).toEqual(["argument_type"]));

  it.each<[string, string, unknown]>([
    ["args.instance", "eq", "x"],
    ["args.tags.name", "eq", "x"],
    ["args.maxPrice.amount", "eq", 1],
    ["args.maxPrice[*]", "eq", 1],
    ["args.disk.kind", "eq", "ssd"],
  ])("%s is missing (%s %j)", (path, op, value) => expect(ofCreate(path, op, value)).toEqual(["unknown_argument"]));

  it.each<[string, string, unknown]>([
    ["args.instanceType", "in", ["t3.micro", "m5"]],
    ["args.count", "gt", 5],
    ["args.count", "eq", null],
    ["args.tags[*]", "regex", "^a"],
    ["args.tags.0", "eq", "a"],
    ["args.tags", "contains", "a"],
    ["args.owner", "regex", "a"],
    ["args.disk.size", "lte", 10],
    ["args.labels.team", "eq", "a"],
    ["args.extra.anything[*].at.all", "gt", 5],
    ["args._callerRole", "exists", true],
    ["time.hour", "lt", 18],
  ])("%s fits %s %j", (path, op, value) => expect(ofCreate(path, op, value)).toEqual([]));

  it("of a rule for several tools is a warning only when none of them has it", () => {
    expect(warnings({ tools: { "vm_*": condition("args.id", "eq", "x") } })).toEqual([]);
    expect(warnings({ tools: { "vm_*": condition("args.idd", "eq", "x") } })).toEqual([
      "unknown_argument /tools/vm_*/require/0/conditions/0/path no tool of this rule has an argument `args.idd`",
    ]);
  });

  it("of a schema that is no schema, or that leads in circles, is none", () => {
    const document = { version: "1", default: "deny", tools: { t: condition("args.a.b[*].0", "gt", 5) } };
    const parsed = parsePolicy(JSON.stringify(document));
    if (!parsed.ok) throw new Error("not a policy");
    const circle = { $ref: "#/a", a: { $ref: "#" } };
    const wide = { $defs: { x: { anyOf: Array(50).fill({ $ref: "#/$defs/x" }) } }, $ref: "#/$defs/x" };
    for (const inputSchema of [circle, wide]) {
      expect(warnWithTools(parsed.document, [{ name: "t", category: "Other", inputSchema }])).toEqual([]);
    }
    const word = fc.constantFrom(
      "type",
      "properties",
      "items",
      "anyOf",
      "enum",
      "$ref",
      "a",
      "b",
      "array",
      "object",
      "#/a",
    );
    const schema = fc.letrec((tie) => ({
      node: fc.oneof({ maxDepth: 5 }, word, fc.array(tie("node"), { maxLength: 3 }), fc.dictionary(word, tie("node"))),
    })).node;
    fc.assert(
      fc.property(schema, (inputSchema) => {
        for (const one of warnWithTools(parsed.document, [{ name: "t", category: "Other", inputSchema }])) {
          expect(one.message).not.toContain("undefined");
        }
      }),
      { numRuns: 500 },
    );
  });
});
