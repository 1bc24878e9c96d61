import { describe, expect, it } from "vitest";
import { argumentPaths } from "./argument-paths.ts";
import { parsePath } from "./path.ts";
import { parseWithTools } from "./warn-tools.ts";

const pathsOf = (schema: unknown) => argumentPaths(schema).map(({ path }) => path);
const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more });

describe("the arguments of a schema", () => {
  it("come each before what it contains, with what is known of them", () => {
    const schema = object(
      {
        amount: { type: "integer", minimum: 1, maximum: 100, description: " How much. " },
        kind: { enum: ["a", "b"] },
        files: { type: "array", items: object({ path: { type: "string" } }, { required: ["path"] }) },
        user: object({ name: { type: ["string", "null"] } }, { required: ["name"] }),
        anything: {},
      },
      { required: ["amount", "user", "files"] },
    );
    expect(argumentPaths(schema)).toEqual([
      {
        path: "args.amount",
        types: ["number"],
        choices: null,
        required: true,
        minimum: 1,
        maximum: 100,
        description: "How much.",
      },
      { path: "args.kind", types: ["string"], choices: ["a", "b"], required: false },
      { path: "args.files", types: ["array"], choices: null, required: true },
      { path: "args.files[*]", types: ["object"], choices: null, required: false },
      { path: "args.files[*].path", types: ["string"], choices: null, required: false },
      { path: "args.user", types: ["object"], choices: null, required: true },
      { path: "args.user.name", types: ["string", "null"], choices: null, required: true },
      { path: "args.anything", types: null, choices: null, required: false },
    ]);
  });

  it("are those of all alternatives, and required only where all require them", () => {
    const one = object({ id: { type: "string" }, only: {} }, { required: ["id", "only"] });
    const other = object({ id: { type: "number", minimum: 3 } }, { required: ["id"] });
    expect(argumentPaths({ anyOf: [one, other] })).toEqual([
      { path: "args.id", types: ["string", "number"], choices: null, required: true },
      { path: "args.only", types: null, choices: null, required: false },
    ]);
  });

  it("follow references", () => {
    const schema = {
      $defs: { money: object({ cents: { type: "integer" } }) },
      ...object({ price: { $ref: "#/$defs/money" } }),
    };
    expect(pathsOf(schema)).toEqual(["args.price", "args.price.cents"]);
  });

  it("leave out names that no path can spell", () => {
    expect(pathsOf(object({ "a.b": {}, "a[0]": {}, "": {}, "a b": {}, ü: {} }))).toEqual(["args.a b", "args.ü"]);
  });

  it("are paths that the check of a document knows in the same schema", () => {
    const schema = object({
      list: { type: "array", items: { type: "array", items: { type: "number" } } },
      nested: { anyOf: [object({ a: { type: "number" } }), { type: "null" }] },
      ["__proto__"]: { type: "number" },
    });
    const conditions = argumentPaths(schema).map(({ path }) => ({ path, op: "neq", value: null }));
    expect(conditions.map(({ path }) => path)).toContain("args.__proto__");
    const require = conditions.map((condition) => ({ conditions: [{ ...condition, op: "exists", value: true }] }));
    const text = JSON.stringify({ version: "1", default: "deny", tools: { t: { require } } });
    expect(parseWithTools(text, [{ name: "t", category: "Read", inputSchema: schema }])).toMatchObject({
      problems: [],
    });
  });
});

describe("a hostile schema", () => {
  it("that contains itself ends", () => {
    const schema = object({ a: { $ref: "#" }, list: { type: "array", items: { $ref: "#" } } });
    const paths = pathsOf(schema);
    expect(paths.length).toBeLessThanOrEqual(200);
    expect(paths).toContain("args.a.list[*].a");
    const cycle: Record<string, unknown> = { type: "object" };
    cycle.properties = { self: cycle };
    expect(pathsOf(cycle).length).toBeLessThan(20);
  });

  it("of a hundred thousand arguments or choices is cut short, quickly", () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, nth) => [`a${nth}`, {}]));
    const started = performance.now();
    expect(pathsOf(object(many, { required: Object.keys(many) }))).toHaveLength(200);
    expect(argumentPaths(object({ a: { enum: Object.keys(many) } }))[0]?.choices).toHaveLength(100_000);
    // Going through all for each would be minutes.
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it("does not push its neighbours out with one deep argument", () => {
    const wide = (depth: number): object =>
      depth === 0
        ? {}
        : object(Object.fromEntries(Array.from({ length: 20 }, (_, nth) => [`x${nth}`, wide(depth - 1)])));
    expect(pathsOf(object({ deep: wide(3), last: { type: "string" } }))).toContain("args.last");
  });

  it.each([
    null,
    1,
    "x",
    [],
    { properties: [] },
    { properties: { a: 1 } },
    { allOf: [object({ a: {} })] },
    { $ref: "#" },
  ])("that says nothing has no arguments or open ones: %j", (schema) => {
    for (const { path, types } of argumentPaths(schema)) {
      expect(types).toBeNull();
      expect(parsePath(path).ok).toBe(true);
    }
  });
});
