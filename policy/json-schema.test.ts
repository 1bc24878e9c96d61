import { readdirSync, readFileSync } from "node:fs";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/sdk/validation/ajv";
import { describe, expect, it, vi } from "vitest";
import { generateDocument, pick, type Random, randomOf } from "./generate.test-support.ts";
import { policyJsonSchema, policySchemaId } from "./json-schema.ts";
import { parsePolicy } from "./parse.ts";
import type { ProblemCode } from "./problems.ts";

// Many runs, on machines that are busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

// Somebody else's reading of JSON Schema.
const validate = new AjvJsonSchemaValidator().getValidator(policyJsonSchema());
const isValid = (document: unknown) => validate(document).valid;

/** What JSON Schema cannot say. */
const beyond: ReadonlySet<ProblemCode> = new Set(["duplicate_counter", "bad_path", "bad_regex", "unknown_timezone"]);

function documentsOfCases(): { it: string; document: unknown }[] {
  const folder = new URL("./cases/", import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")))
    .filter(({ document }) => document !== undefined && document !== null);
}

describe("the JSON Schema of a policy", () => {
  it("has a name, and words for what people type", () => {
    const schema = policyJsonSchema();
    expect(schema).toMatchObject({ $id: policySchemaId, $schema: expect.stringContaining("draft-07") });
    const bare: string[] = [];
    const look = (node: unknown, at: string) => {
      if (typeof node !== "object" || node === null) return;
      // What a reference leads to has words of its own.
      const { properties } = node as {
        properties?: Record<string, { description?: string; $ref?: string; allOf?: unknown }>;
      };
      if (!/\/(if|then|not|allOf)/.test(at)) {
        for (const [name, field] of Object.entries(properties ?? {})) {
          const isReference = field.$ref !== undefined || field.allOf !== undefined;
          if (field.description === undefined && !isReference && name !== "op") bare.push(`${at}/${name}`);
        }
      }
      for (const [key, child] of Object.entries(node)) look(child, `${at}/${key}`);
    };
    look(schema, "");
    expect(bare).toEqual([]);
  });

  it("takes the document of every decision case, the seed's among them", () => {
    const documents = documentsOfCases();
    expect(documents.length).toBeGreaterThan(100);
    for (const { it: promise, document } of documents) expect(isValid(document), promise).toBe(true);
  });

  it.each<[string, unknown]>([
    ["no object", []],
    ["no version", { default: "deny" }],
    ["an unknown field", { version: "1", default: "deny", tolls: {} }],
    ["an unknown operator", rule({ require: [group({ path: "args.a", op: "like", value: 1 })] })],
    ["a text under gt", rule({ require: [group({ path: "args.a", op: "gt", value: "5" })] })],
    ["no list under in", rule({ require: [group({ path: "args.a", op: "in", value: "5" })] })],
    ["no value", rule({ require: [group({ path: "args.a", op: "eq" })] })],
    ["a negative max", rule({ limits: [{ counter: "c", window: "day", max: -1 }] })],
    ["a window of no time", rule({ rate_limit: { max: 1, window: 0 } })],
    ["half a second", rule({ rate_limit: { max: 1, window: 0.5 } })],
    ["a calendar of seconds", rule({ limits: [{ counter: "c", window: 60, max: 1, reset: "calendar" }] })],
    [
      "two increments",
      rule({ limits: [{ counter: "c", window: "day", max: 1, increment: 1, increment_from: "args.a" }] }),
    ],
    ["a tool without a name", { version: "1", default: "deny", tools: { "": {} } }],
    ["65 conditions", rule({ require: [{ conditions: Array(65).fill({ path: "args.a", op: "eq", value: 1 }) }] })],
    [
      "2,001 tools",
      {
        version: "1",
        default: "deny",
        tools: Object.fromEntries(Array.from({ length: 2_001 }, (_, n) => [`t${n}`, {}])),
      },
    ],
  ])("refuses %s, as the parser does", (_, document) => {
    expect(isValid(document)).toBe(false);
    expect(parsePolicy(JSON.stringify(document)).ok).toBe(false);
  });

  it("agrees with the parser about documents with one thing changed", () => {
    const random = randomOf(7);
    const sources = documentsOfCases().map(({ document }) => document);
    const counts = { taken: 0, refused: 0 };
    for (let run = 0; run < 3_000; run += 1) {
      const source = run % 2 === 0 ? pick(random, sources) : generateDocument(random);
      const document = withOneChange(random, structuredClone(source));
      const parsed = parsePolicy(JSON.stringify(document));
      const errors = parsed.problems.filter(({ code, severity }) => severity === "error" && !beyond.has(code));
      expect(isValid(document), JSON.stringify([document, errors])).toBe(errors.length === 0);
      counts[parsed.ok ? "taken" : "refused"] += 1;
    }
    expect(Math.min(counts.taken, counts.refused)).toBeGreaterThan(200);
  });
});

function rule(fields: object) {
  return { version: "1", default: "deny", tools: { t: fields } };
}

function group(condition: object) {
  return { conditions: [condition] };
}

const odd = [null, true, -1, 0, 1.5, 7, "", "x", "minute", "deny", [], {}, [{}], ["x"], { conditions: [] }];
const fields = ["max", "window", "increment", "increment_from", "reset", "require", "op", "action", "tools", "extra"];

/** Somewhere in it a value replaced, a field dropped or a field added. */
function withOneChange(random: Random, document: unknown): unknown {
  const places: object[] = [];
  const look = (node: unknown) => {
    if (typeof node !== "object" || node === null) return;
    places.push(node);
    Object.values(node).forEach(look);
  };
  look(document);
  const place = pick(random, places) as Record<string, unknown>;
  const key = pick(random, [...Object.keys(place), pick(random, fields)]);
  if (Array.isArray(place)) place[Number(key) || 0] = pick(random, odd);
  else if (random() < 0.3) delete place[key];
  else place[key] = structuredClone(pick(random, odd));
  return document;
}
