import { isDeepEqual } from "../../../policy/deep-equal.ts";
import {
  alternatives,
  choicesOf,
  isSchema,
  type JsonType,
  jsonTypeOf,
  type Schema,
  schemasMax,
  typesOf,
} from "../../../policy/input-schema.ts";

// The form of a tool's arguments. A schema comes from the server and may refer to itself, so a level is read when it is shown.

/** What one value of the arguments is filled in with. */
export type ValueField = {
  kind: "choice" | "boolean" | "number" | "text" | "list" | "object" | "json";
  choices: readonly unknown[];
  minimum?: number;
  maximum?: number;
  description?: string;
  /** What the value starts with. */
  start: unknown;
  /** Of a list. */
  item: unknown;
  /** What `fieldsOf` reads the fields of an object from. */
  schemas: readonly Schema[];
};
export type ArgumentField = ValueField & { name: string; required: boolean };

/** More than anybody fills in; the JSON takes the rest. */
const fieldsMax = 200;
const choicesMax = 500;
/** How deep required values are filled in beforehand. */
const startDepthMax = 5;
const descriptionLengthMax = 300;

/** The arguments that a tool takes, required ones first. */
export function argumentFields(inputSchema: unknown): ArgumentField[] {
  const schemas = alternatives(inputSchema, inputSchema, { left: schemasMax }) ?? [];
  return fieldsOf(schemas, inputSchema);
}

/** The fields of an object. @param root The whole input schema, which references point into. */
export function fieldsOf(schemas: readonly Schema[], root: unknown, depth = 0): ArgumentField[] {
  const fields = new Map<string, ArgumentField>();
  for (const { properties, required } of schemas) {
    if (!isSchema(properties)) continue;
    const needed = Array.isArray(required) ? required : [];
    for (const [name, schema] of Object.entries(properties)) {
      if (fields.size >= fieldsMax) break;
      // Of several alternatives the first that has the name.
      if (fields.has(name)) continue;
      fields.set(name, { name, required: needed.includes(name), ...valueField(schema, root, depth) });
    }
  }
  return [...fields.values()].sort((a, b) => Number(b.required) - Number(a.required));
}

/** The field for one value, as its schema describes it. */
export function valueField(schema: unknown, root: unknown, depth = 0): ValueField {
  const schemas = alternatives(schema, root, { left: schemasMax }) ?? [];
  const real = schemas.filter(({ type }) => type !== "null");
  const [first] = real;
  const choices = real.length === 0 ? null : choicesOf(real);
  const types = real.length === 0 ? null : typesOf(real);
  const field: ValueField = {
    kind: kindOf(types, choices),
    choices: choices?.slice(0, choicesMax) ?? [],
    item: first?.items,
    schemas: real,
    start: undefined,
  };
  const description = [isSchema(schema) ? schema.description : undefined, first?.description].find(
    (text) => typeof text === "string" && text.trim() !== "",
  );
  if (typeof description === "string") field.description = description.trim().slice(0, descriptionLengthMax);
  if (typeof first?.minimum === "number") field.minimum = first.minimum;
  if (typeof first?.maximum === "number") field.maximum = first.maximum;
  field.start = startOf(field, [schema, first], types, root, depth);
  return field;
}

function kindOf(types: ReadonlySet<JsonType> | null, choices: readonly unknown[] | null): ValueField["kind"] {
  if (choices !== null && choices.length > 0 && choices.every(isScalar)) return "choice";
  const [type, ...others] = [...(types ?? [])].filter((one) => one !== "null");
  if (type === undefined || others.length > 0) return "json";
  switch (type) {
    case "string":
      return "text";
    case "array":
      return "list";
    case "number":
    case "boolean":
    case "object":
      return type;
    default:
      return "json";
  }
}

/** What the schema itself gives as a value, else the least that fits its type. */
function startOf(
  field: ValueField,
  written: readonly unknown[],
  types: ReadonlySet<JsonType> | null,
  root: unknown,
  depth: number,
): unknown {
  for (const schema of written) {
    if (!isSchema(schema)) continue;
    const examples = Array.isArray(schema.examples) ? schema.examples : [];
    for (const value of [schema.default, schema.example, examples[0]]) {
      if (value !== undefined && (types === null || types.has(jsonTypeOf(value)))) return value;
    }
  }
  switch (field.kind) {
    case "choice":
      return field.choices[0];
    case "boolean":
      return false;
    case "number":
      return field.minimum ?? Math.min(1, field.maximum ?? 1);
    case "text":
      return "";
    case "list":
      return [];
    case "object":
      return depth >= startDepthMax ? {} : startValues(fieldsOf(field.schemas, root, depth + 1));
    case "json":
      return null;
  }
}

/** The values that a call needs at least. */
export function startValues(fields: readonly ArgumentField[]): Record<string, unknown> {
  return Object.fromEntries(fields.filter(({ required }) => required).map(({ name, start }) => [name, start]));
}

/**
 * The arguments of a call of the log. Where a whole argument is not on record the field starts as in a new call, and an argument
 * that the tool does not name stays null.
 */
export function recordedValues(
  recorded: { arguments: Readonly<Record<string, unknown>>; missing: readonly string[] },
  fields: readonly ArgumentField[],
): Record<string, unknown> {
  const starts = new Map(fields.map(({ name, start }) => [name, start]));
  const missing = new Set(recorded.missing);
  return Object.fromEntries(
    Object.entries(recorded.arguments).map(([name, value]) => [
      name,
      missing.has(name) && starts.has(name) ? starts.get(name) : value,
    ]),
  );
}

/** Whether the field can show the value; else it is shown as JSON, as which it was written. */
export function canShow({ kind, choices }: ValueField, value: unknown): boolean {
  switch (kind) {
    case "choice":
      return choices.some((choice) => isDeepEqual(choice, value));
    case "boolean":
    case "number":
      return typeof value === kind;
    case "text":
      return typeof value === "string";
    case "list":
      return Array.isArray(value);
    case "object":
      return jsonTypeOf(value) === "object";
    case "json":
      return true;
  }
}

function isScalar(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}
