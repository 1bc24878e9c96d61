import { policyJsonSchema } from "../../policy/json-schema.ts";

/** What the JSON Schema of the language says about one place of a document. */
export type SchemaNode = {
  type: string | null;
  description: string | null;
  /** Values that are named; there may be others beside them when `type` is null. */
  enums: readonly unknown[];
  properties: Record<string, SchemaNode>;
};

type Raw = Record<string, unknown>;

let whole: Raw | undefined;

/** Null where the schema has no such place. */
export function schemaAt(path: readonly (string | number)[]): SchemaNode | null {
  whole ??= policyJsonSchema();
  let at: Raw[] = resolved(whole);
  for (const step of path) {
    at = at.flatMap((node) => below(node, step)).flatMap(resolved);
    if (at.length === 0) return null;
  }
  return nodeOf(at, 1);
}

function below(node: Raw, step: string | number): Raw[] {
  if (typeof step === "number") return isRaw(node.items) ? [node.items] : [];
  const properties = isRaw(node.properties) ? node.properties : {};
  const own = Object.hasOwn(properties, step) ? properties[step] : node.additionalProperties;
  return isRaw(own) ? [own] : [];
}

/** A node with everything that it refers to; what stands nearer comes first. */
function resolved(node: Raw): Raw[] {
  const found = [node];
  if (typeof node.$ref === "string") {
    const definitions = whole?.definitions as Record<string, Raw> | undefined;
    const target = definitions?.[node.$ref.replace("#/definitions/", "")];
    if (target) found.push(...resolved(target));
  }
  for (const list of [node.allOf, node.anyOf]) {
    if (Array.isArray(list)) found.push(...list.filter(isRaw).flatMap(resolved));
  }
  return found;
}

/** `depth`: how many levels of properties are read with it. */
function nodeOf(nodes: readonly Raw[], depth: number): SchemaNode {
  const types = [...new Set(nodes.flatMap(({ type }) => (typeof type === "string" ? [type] : [])))];
  const description = nodes.find((node) => typeof node.description === "string")?.description;
  const enums = nodes.flatMap((node) =>
    Array.isArray(node.enum) ? node.enum : node.const === undefined ? [] : [node.const],
  );
  const properties: Record<string, SchemaNode> = {};
  if (depth > 0) {
    for (const node of nodes) {
      for (const [name, value] of Object.entries(isRaw(node.properties) ? node.properties : {})) {
        if (isRaw(value)) properties[name] ??= nodeOf(resolved(value), depth - 1);
      }
    }
  }
  return {
    type: types.length === 1 ? (types[0] ?? null) : null,
    description: typeof description === "string" ? description : null,
    enums,
    properties,
  };
}

function isRaw(value: unknown): value is Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
