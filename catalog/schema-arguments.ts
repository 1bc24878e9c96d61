type Schema = Record<string, unknown>;

/** One argument that a JSON Schema describes, at any depth. */
export type Argument = {
  name: string;
  /** The name in small letters, without anything else. */
  key: string;
  depth: number;
  isFlag: boolean;
  description: string;
  schema: Schema;
};

const depthMax = 8;
/** A schema is somebody else's: one of a million arguments costs no more than this. */
const argumentsMax = 5_000;
/** Where schemas stand inside a schema: one, a list, or by name. Definitions count whether or not something refers to them. */
const inside = new Map<string, "one" | "list" | "named">([
  ...["items", "additionalProperties", "if", "then", "else"].map((key) => [key, "one"] as const),
  ...["anyOf", "oneOf", "allOf", "prefixItems"].map((key) => [key, "list"] as const),
  ...["$defs", "definitions", "patternProperties", "dependentSchemas"].map((key) => [key, "named"] as const),
]);

const isSchema = (value: unknown): value is Schema => typeof value === "object" && value !== null;

/** The arguments of a JSON Schema, nested ones too, down to a fixed depth. */
export function argumentsOf(schema: unknown): Argument[] {
  const found: Argument[] = [];
  collect(schema, 0, found);
  return found;
}

function collect(schema: unknown, depth: number, found: Argument[]): void {
  if (!isSchema(schema) || depth > depthMax || found.length >= argumentsMax) return;
  for (const key of Object.keys(schema)) {
    const value = schema[key];
    if (!isSchema(value)) continue;
    if (key === "properties") {
      for (const name of Object.keys(value)) {
        found.push(argumentOf(name, value[name], depth));
        collect(value[name], depth + 1, found);
      }
      continue;
    }
    const kind = inside.get(key);
    if (kind === undefined) continue;
    if (kind === "one" && !Array.isArray(value)) collect(value, depth + 1, found);
    else for (const part of Object.values(value)) collect(part, depth + 1, found);
  }
}

function argumentOf(name: string, property: unknown, depth: number): Argument {
  const schema = isSchema(property) ? property : {};
  const { type, description } = schema;
  return {
    name,
    key: keyOf(name),
    depth,
    isFlag: type === "boolean" || (Array.isArray(type) && type.includes("boolean")),
    description: typeof description === "string" ? description : "",
    schema,
  };
}

const keyOf = (name: string) => (/^[a-z]*$/.test(name) ? name : name.toLowerCase().replace(/[^a-z]/g, ""));

/** The values that an argument lists, by `enum` or `const`. */
export function valuesOf({ schema }: Argument): string[] {
  const parts = [schema, schema.items, schema.anyOf, schema.oneOf].flat().filter(isSchema);
  return parts.flatMap((part) => [part.enum, part.const].flat()).filter((value) => typeof value === "string");
}

/** Those that its description lists: "One of: list, get, delete", "`create` | `drop`": single words between marks. */
export function toldValuesOf({ description }: Argument): string[] {
  const text = description.slice(0, 500);
  const marked = text.match(/["'`][a-zA-Z][\w-]{1,30}["'`]/g)?.map((word) => word.slice(1, -1)) ?? [];
  if (marked.length > 1) return marked;
  const list = /(?:^|[:(\s])([a-zA-Z][\w-]{1,30}(?:(?:\s?[|,/]\s?|,? or )[a-zA-Z][\w-]{1,30}){1,20})/.exec(text)?.[1];
  return list?.split(/\s?[|,/]\s?|,? or /) ?? [];
}
