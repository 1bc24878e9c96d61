/** One argument that a JSON Schema describes, at any depth. */
export type Argument = {
  name: string;
  /** The name in small letters, without anything else. */
  key: string;
  depth: number;
  isFlag: boolean;
  description: string;
  /** The values it lists, by `enum` or `const`. */
  values: () => string[];
  /** Those that its description lists. */
  toldValues: () => string[];
};

type Schema = Record<string, unknown>;

const depthMax = 8;
/** A schema is somebody else's: one of a million arguments costs no more than this. */
const argumentsMax = 5_000;
/** Where schemas stand inside a schema. Definitions count whether or not something refers to them. */
const oneInside = ["items", "additionalProperties", "if", "then", "else"];
const manyInside = ["anyOf", "oneOf", "allOf", "prefixItems"];
const namedInside = ["$defs", "definitions", "patternProperties", "dependentSchemas"];

const isSchema = (value: unknown): value is Schema => typeof value === "object" && value !== null;

/** The arguments of a JSON Schema, nested ones too, down to a fixed depth. */
export function argumentsOf(schema: unknown, depth = 0, found: Argument[] = []): Argument[] {
  if (!isSchema(schema) || depth > depthMax || found.length >= argumentsMax) return found;
  if (isSchema(schema.properties)) {
    for (const name of Object.keys(schema.properties)) {
      const property = schema.properties[name];
      found.push(argumentOf(name, property, depth));
      argumentsOf(property, depth + 1, found);
    }
  }
  for (const key of oneInside) if (isSchema(schema[key])) argumentsOf(schema[key], depth + 1, found);
  for (const key of manyInside) {
    const parts = schema[key];
    if (Array.isArray(parts)) for (const part of parts) argumentsOf(part, depth + 1, found);
  }
  for (const key of namedInside) {
    const parts = schema[key];
    if (isSchema(parts)) for (const part of Object.values(parts)) argumentsOf(part, depth + 1, found);
  }
  return found;
}

function argumentOf(name: string, property: unknown, depth: number): Argument {
  const schema = isSchema(property) ? property : {};
  return {
    name,
    key: name.toLowerCase().replace(/[^a-z]/g, ""),
    depth,
    isFlag: schema.type === "boolean" || (Array.isArray(schema.type) && schema.type.includes("boolean")),
    description: typeof schema.description === "string" ? schema.description : "",
    values: () => valuesOf(schema),
    toldValues: () => valuesInWords(schema),
  };
}

function valuesOf(schema: Schema): string[] {
  const parts = [schema, schema.items, schema.anyOf, schema.oneOf].flat().filter(isSchema);
  return parts.flatMap((part) => [part.enum, part.const].flat()).filter((value) => typeof value === "string");
}

/** "One of: list, get, delete", "`create` | `drop`": single words between marks. */
function valuesInWords(schema: Schema): string[] {
  const text = typeof schema.description === "string" ? schema.description.slice(0, 500) : "";
  const marked = text.match(/["'`][a-zA-Z][\w-]{1,30}["'`]/g)?.map((word) => word.slice(1, -1)) ?? [];
  if (marked.length > 1) return marked;
  const list = /(?:^|[:(\s])([a-zA-Z][\w-]{1,30}(?:(?:\s?[|,/]\s?|,? or )[a-zA-Z][\w-]{1,30}){1,20})/.exec(text)?.[1];
  return list?.split(/\s?[|,/]\s?|,? or /) ?? [];
}
