import { alternatives, choicesOf, isSchema, type JsonType, type Schema, schemasMax, typesOf } from "./input-schema.ts";
import { parsePath } from "./path.ts";

/** An argument that a condition can name. */
export type ArgumentPath = {
  /** Like `args.user.name` or `args.files[*].path`. */
  path: string;
  /** Null when the schema leaves it open. */
  types: JsonType[] | null;
  /** The only values it may have; null when there are others. */
  choices: unknown[] | null;
  /** Whether every call has it, by the schema. */
  required: boolean;
  description?: string;
  minimum?: number;
  maximum?: number;
};

/** A server may send any schema: recursive ones, or ones with a million arguments. */
const pathsMax = 200;
const stepsMax = 6;
const pathLengthMax = 256;
const descriptionLengthMax = 300;

/** A place in the schema, with what is below it. */
type Node = { entry: ArgumentPath | null; schemas: readonly Schema[]; depth: number; below: Node[] };

/**
 * The arguments that a tool's input schema lists, each before what it contains, in the schema's order. What cannot be
 * read says nothing; arguments whose names no path can spell are left out.
 */
export function argumentPaths(inputSchema: unknown): ArgumentPath[] {
  const budget = { left: schemasMax };
  const root: Node = {
    entry: null,
    schemas: alternatives(inputSchema, inputSchema, budget) ?? [],
    depth: 0,
    below: [],
  };
  let left = pathsMax;
  // Level by level: a deep argument must not use up the place of its neighbours.
  for (const open = [root]; open.length > 0 && left > 0; ) {
    const node = open.shift();
    if (node === undefined || node.depth >= stepsMax) continue;
    for (const below of stepsBelow(node, inputSchema, budget)) {
      if (left === 0) break;
      left -= 1;
      node.below.push(below);
      open.push(below);
    }
  }
  return inOrder(root);
}

function inOrder({ entry, below }: Node): ArgumentPath[] {
  return [...(entry ? [entry] : []), ...below.flatMap(inOrder)];
}

function stepsBelow(node: Node, root: unknown, budget: { left: number }): Node[] {
  const found = new Map<string, { schemas: Schema[]; isOpen: boolean; requiredBy: number; written: unknown }>();
  const at = node.entry?.path ?? "args";
  const add = (path: string, schema: unknown, isRequired: boolean) => {
    if (path.length > pathLengthMax || found.size > pathsMax || !parsePath(path).ok) return;
    const known = found.get(path) ?? { schemas: [], isOpen: false, requiredBy: 0, written: schema };
    const all = alternatives(schema, root, budget);
    if (all === null) known.isOpen = true;
    else known.schemas.push(...all);
    if (isRequired) known.requiredBy += 1;
    found.set(path, known);
  };
  for (const schema of node.schemas) {
    const required = Array.isArray(schema.required) ? schema.required : [];
    for (const [name, property] of isSchema(schema.properties) ? Object.entries(schema.properties) : []) {
      if (/[.[\]]/.test(name) || found.size > pathsMax) continue;
      add(`${at}.${name}`, property, required.includes(name));
    }
    const isList = node.entry !== null && schema.prefixItems === undefined;
    if (isList && isSchema(schema.items)) add(`${at}[*]`, schema.items, false);
  }
  const isAlwaysThere = node.entry?.required ?? true;
  return [...found].map(([path, { schemas, isOpen, requiredBy, written }]) => ({
    entry: entryOf(path, isOpen ? [] : schemas, isAlwaysThere && requiredBy === node.schemas.length, written),
    schemas: isOpen ? [] : schemas,
    depth: node.depth + 1,
    below: [],
  }));
}

function entryOf(path: string, schemas: readonly Schema[], required: boolean, written: unknown): ArgumentPath {
  const types = schemas.length === 0 ? null : typesOf(schemas);
  const entry: ArgumentPath = {
    path,
    types: types === null ? null : [...types],
    choices: schemas.length === 0 ? null : choicesOf(schemas),
    required,
  };
  const description = isSchema(written) ? written.description : undefined;
  if (typeof description === "string" && description.trim() !== "") {
    entry.description = description.trim().slice(0, descriptionLengthMax);
  }
  const bounds = (word: "minimum" | "maximum") =>
    schemas.map((schema) => schema[word]).filter(Number.isFinite) as number[];
  // Only where all alternatives have one is it a bound of the argument.
  const [minimums, maximums] = [bounds("minimum"), bounds("maximum")];
  if (schemas.length > 0 && minimums.length === schemas.length) entry.minimum = Math.min(...minimums);
  if (schemas.length > 0 && maximums.length === schemas.length) entry.maximum = Math.max(...maximums);
  return entry;
}
