import type { Segment } from "./path.ts";

// What a tool's input schema says about a path. A schema comes from the server and is untrusted: whatever cannot be read says
// nothing, and work is bounded.

/** How far a schema of references and alternatives is followed. */
export const schemasMax = 1_000;

const jsonTypes = ["string", "number", "boolean", "null", "array", "object"] as const;
export type JsonType = (typeof jsonTypes)[number];

export type ArgumentShape =
  /** The schema has no such argument. `known` are the names that it has in the last place where it has any. */
  | { kind: "missing"; step: string; known: string[] }
  /** The schema says nothing about it. */
  | { kind: "open" }
  /** What may stand there; null where the schema leaves it open. */
  | { kind: "known"; types: ReadonlySet<JsonType> | null; choices: readonly unknown[] | null };

export type Schema = Record<string, unknown>;

/** What a schema says about the argument at a path. */
export function argumentAt(inputSchema: unknown, segments: readonly Segment[]): ArgumentShape {
  const budget = { left: schemasMax };
  let at = alternatives(inputSchema, inputSchema, budget);
  for (const segment of segments) {
    const next = at === null ? "open" : stepInto(at, segment, inputSchema, budget);
    if (next === "open") return { kind: "open" };
    if (!("schemas" in next)) return next;
    at = next.schemas;
  }
  if (at === null || at.length === 0) return { kind: "open" };
  return { kind: "known", types: typesOf(at), choices: choicesOf(at) };
}

function stepInto(
  schemas: readonly Schema[],
  segment: Segment,
  root: unknown,
  budget: { left: number },
): "open" | { schemas: Schema[] } | ArgumentShape {
  const found: Schema[] = [];
  const known: string[] = [];
  for (const schema of schemas) {
    const isIndex = segment.kind === "each" || (segment.index >= 0 && typesOf([schema])?.has("array") === true);
    const below = isIndex ? itemsOf(schema, segment) : propertyOf(schema, segment.kind === "field" ? segment.name : "");
    if (below === "open") return "open";
    if (segment.kind === "field" && isSchema(schema.properties)) {
      for (const name of Object.keys(schema.properties)) known.push(name);
    }
    if (below === null) continue;
    const all = alternatives(below, root, budget);
    if (all === null) return "open";
    found.push(...all);
  }
  if (found.length > 0) return { schemas: found };
  return { kind: "missing", step: segment.kind === "each" ? "[*]" : segment.name, known };
}

/** Null when the schema has none, "open" when it does not say. */
function propertyOf(schema: Schema, name: string): unknown {
  const { properties, additionalProperties, patternProperties } = schema;
  const types = typesOf([schema]);
  if (types !== null && !types.has("object")) return null;
  if (isSchema(properties) && Object.hasOwn(properties, name)) return properties[name];
  if (isSchema(additionalProperties)) return additionalProperties;
  if (additionalProperties === true || patternProperties !== undefined) return "open";
  // Without `additionalProperties` a schema allows any other name, but a server that lists its arguments means the list.
  return isSchema(properties) || additionalProperties === false ? null : "open";
}

function itemsOf(schema: Schema, segment: Segment): unknown {
  const types = typesOf([schema]);
  if (types !== null && !types.has("array")) return null;
  const { items, prefixItems } = schema;
  if (segment.kind === "field" && Array.isArray(prefixItems) && segment.index < prefixItems.length) {
    return prefixItems[segment.index];
  }
  return isSchema(items) && prefixItems === undefined ? items : "open";
}

/** The schemas that may apply, references and alternatives followed; null when they cannot be told. */
export function alternatives(schema: unknown, root: unknown, budget: { left: number }): Schema[] | null {
  budget.left -= 1;
  if (budget.left < 0 || !isSchema(schema)) return null;
  if (typeof schema.$ref === "string") {
    const target = resolve(root, schema.$ref);
    return target === undefined ? null : alternatives(target, root, budget);
  }
  // What several schemas say together is not worked out.
  if (["allOf", "if", "not", "$dynamicRef", "dependentSchemas"].some((word) => word in schema)) return null;
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices === undefined) return [schema];
  if (!Array.isArray(choices) || "properties" in schema) return null;
  const all: Schema[] = [];
  for (const choice of choices) {
    const found = alternatives(choice, root, budget);
    if (found === null) return null;
    all.push(...found);
  }
  return all;
}

function resolve(root: unknown, reference: string): unknown {
  if (reference !== "#" && !reference.startsWith("#/")) return undefined;
  let at = root;
  for (const step of reference.split("/").slice(1)) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (!isSchema(at) || !Object.hasOwn(at, name)) return undefined;
    at = at[name];
  }
  return at;
}

/** Null when one of them allows any type. */
export function typesOf(schemas: readonly Schema[]): Set<JsonType> | null {
  const types = new Set<JsonType>();
  for (const schema of schemas) {
    const choices = choicesOf([schema]);
    const named = schema.type ?? (choices ? choices.map(jsonTypeOf) : undefined);
    for (const name of Array.isArray(named) ? named : [named]) {
      const type = name === "integer" ? "number" : jsonTypes.find((known) => known === name);
      if (type === undefined) return null;
      types.add(type);
    }
  }
  return types;
}

export function choicesOf(schemas: readonly Schema[]): unknown[] | null {
  const choices: unknown[] = [];
  for (const schema of schemas) {
    // One by one: a list of a million choices is more than a call takes as arguments.
    if (Array.isArray(schema.enum)) for (const choice of schema.enum) choices.push(choice);
    else if ("const" in schema) choices.push(schema.const);
    else if (schema.type !== "null") return null;
    else choices.push(null);
  }
  return choices;
}

export function jsonTypeOf(value: unknown): JsonType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return jsonTypes.find((type) => type === typeof value) ?? "object";
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
