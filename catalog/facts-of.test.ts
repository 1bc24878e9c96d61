import { describe, expect, it } from "vitest";
import { classify } from "./classify.ts";
import { toolFactsSchema } from "./facts.ts";
import { serverFactsOf, toolFactsOf } from "./facts-of.ts";
import { parametersOf } from "./parameters.ts";

const factsOf = (definition: { name: string } & Record<string, unknown>) =>
  toolFactsOf(definition, { definitionHash: "0".repeat(64), classification: classify(definition) });

describe("the facts of a tool", () => {
  const sentence = "Permanently deletes the whole project and everything that was ever in it.";
  const facts = factsOf({
    name: "delete_project",
    title: "Delete a project for good",
    description: sentence,
    inputSchema: { type: "object", properties: { force: { type: "boolean", description: sentence } } },
    annotations: { title: sentence, destructiveHint: true, readOnlyHint: "yes", strange: sentence },
  });

  it("hold no sentence of the server's", () => {
    expect(JSON.stringify(facts)).not.toMatch(/Permanently|for good/);
    expect(facts.signals.find(({ source }) => source === "description")?.quote).toBeNull();
  });

  it("hold its name, arguments, hints and classification, and parse", () => {
    expect(facts).toMatchObject({
      name: "delete_project",
      presence: "listed",
      annotations: { destructiveHint: true },
      category: "Destructive",
      severity: "critical",
      parameters: [{ name: "force", types: ["boolean"], required: false, declared: true }],
    });
    expect(facts.signals.find(({ source }) => source === "name")?.quote).toBe("delete");
    expect(toolFactsSchema.parse(facts)).toEqual(facts);
  });

  it("name an argument whose description speaks, without its words", () => {
    const permanent = { type: "boolean", description: "Permanently delete it instead of moving it to the bin" };
    const { signals } = factsOf({ name: "move_item", inputSchema: { type: "object", properties: { permanent } } });
    for (const { quote } of signals) expect(quote ?? "").not.toMatch(/Permanently delete/i);
  });

  it("are taken of definitions that are nonsense", () => {
    const odd = factsOf({ name: "x", inputSchema: [1], annotations: null, description: 7 });
    expect(odd).toMatchObject({ parameters: [], category: "Other", severity: "high" });
  });
});

describe("the parameters of an input schema", () => {
  const parameters = (properties: object, more: object = {}) =>
    parametersOf({ type: "object", properties, ...more }).map(({ declared: _, ...rest }) => rest);

  it("are listed with nested ones behind what holds them", () => {
    const user = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
    const files = { type: "array", items: { type: "object", properties: { path: { type: "string" } } } };
    expect(parameters({ user, files, n: { type: "integer" } }, { required: ["user"] })).toEqual([
      { name: "user", types: ["object"], required: true },
      { name: "user.name", types: ["string"], required: true },
      { name: "files", types: ["array"], required: false },
      { name: "files[*].path", types: ["string"], required: false },
      { name: "n", types: ["integer"], required: false },
    ]);
  });

  it("follow references and alternatives", () => {
    const schema = {
      type: "object",
      $defs: { at: { type: "object", properties: { x: { type: "number" } } } },
      properties: {
        at: { $ref: "#/$defs/at" },
        id: { anyOf: [{ type: "string" }, { type: "null" }] },
        both: { allOf: [{ properties: { a: { type: "string" } } }, { properties: { b: {} } }] },
      },
    };
    expect(parametersOf(schema).map(({ name, types }) => [name, types])).toEqual([
      ["at", ["object"]],
      ["at.x", ["number"]],
      ["id", ["string", "null"]],
      ["both", ["object"]],
      ["both.a", ["string"]],
      ["both.b", null],
    ]);
  });

  it("name the values they may have, when they are few and short", () => {
    const long = { enum: ["This value is a whole sentence of the server"] };
    const many = { enum: Array.from({ length: 100 }, (_, index) => `v${index}`) };
    const tags = { type: "array", items: { enum: ["a", "b"] } };
    expect(parameters({ to: { enum: ["on", "off", null] }, one: { const: 1 }, long, many, tags })).toEqual([
      { name: "to", types: ["string", "null"], required: false, choices: ["on", "off", null] },
      { name: "one", types: ["number"], required: false, choices: [1] },
      { name: "long", types: ["string"], required: false },
      { name: "many", types: ["string"], required: false },
      { name: "tags", types: ["array"], required: false },
      { name: "tags[*]", types: ["string"], required: false, choices: ["a", "b"] },
    ]);
  });

  it("of hostile schemas cost no more than others", () => {
    const recursive = {
      type: "object",
      properties: { a: { $ref: "#" }, b: { anyOf: [{ $ref: "#" }, { $ref: "#" }] } },
    };
    const wide = { properties: Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`p${at}`, recursive])) };
    let deep: object = {};
    for (let at = 0; at < 5_000; at += 1) deep = { properties: { a: deep }, allOf: [deep] };
    const began = performance.now();
    for (const schema of [recursive, wide, deep, { $ref: "#" }, { properties: { __proto__: null } }]) {
      expect(parametersOf(schema).length).toBeLessThanOrEqual(60);
    }
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe("the facts of a server", () => {
  it("are what the listing says, without its descriptions", () => {
    const facts = serverFactsOf({
      ok: true,
      source: "npm:@acme/mcp",
      name: "@acme/mcp",
      packageName: "@acme/mcp",
      version: "1.2.3",
      repository: "https://github.com/acme/mcp",
      homepage: null,
      licence: "MIT",
      description: "Everything Acme has to offer to your agent",
      protocolVersion: "2025-06-18",
      serverInfo: { name: "Acme" },
      instructions: "Always call us first",
      at: "2026-11-23T01:02:03.004Z",
      ms: 1,
      tools: [
        { name: "get", definition: '{"name":"get","description":"Gets a thing"}', definitionHash: "a".repeat(64) },
      ],
      leftOut: [],
      isolation: null,
    });
    expect(facts).toMatchObject({ slug: "acme-mcp", seen: "2026-11-23", licence: "MIT", version: "1.2.3" });
    expect(JSON.stringify(facts)).not.toMatch(/Everything|Always|Gets/);
    expect(facts).not.toHaveProperty("homepage");
  });
});
