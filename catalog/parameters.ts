// The arguments that a tool's input schema lists, as facts: names, types, the few values they may have. A schema comes from a
// server and is untrusted: recursive ones and ones with a million arguments cost no more than others.
import { jsonTypes, type ToolParameter } from "./facts.ts";

type JsonType = (typeof jsonTypes)[number];
type Schema = Record<string, unknown>;
type Place = { name: string; shapes: Schema[]; required: boolean; depth: number };
/** What may still be looked at, and what has been: one object may be referred to from everywhere. */
type Budget = { left: number; entries: WeakMap<object, [string, unknown][]> };
type Choice = NonNullable<ToolParameter["choices"]>[number];

export const parametersMax = 60;
const depthMax = 3;
const schemasMax = 1_000;
const nameLengthMax = 128;
const choicesMax = 30;
const choiceLengthMax = 48;
const wordsOfChoiceMax = 4;

/** Level by level, so that a deep argument does not use up the place of its neighbours; each before what it contains. */
export function parametersOf(inputSchema: unknown): ToolParameter[] {
  const budget: Budget = { left: schemasMax, entries: new WeakMap() };
  const open: Place[] = [{ name: "", shapes: shapesOf(inputSchema, inputSchema, budget), required: true, depth: 0 }];
  const below = new Map<string, { parameter: ToolParameter; children: string[] }>();
  const top: string[] = [];
  for (let place = open.shift(); place !== undefined; place = open.shift()) {
    for (const child of childrenOf(place, inputSchema, budget)) {
      if (below.size >= parametersMax) break;
      if (below.has(child.name)) continue;
      below.set(child.name, { parameter: parameterOf(child), children: [] });
      (below.get(place.name)?.children ?? top).push(child.name);
      if (child.depth < depthMax) open.push(child);
    }
  }
  const inOrder = (names: readonly string[]): ToolParameter[] =>
    names.flatMap((name) => {
      const found = below.get(name);
      return found ? [found.parameter, ...inOrder(found.children)] : [];
    });
  return inOrder(top);
}

function childrenOf(place: Place, root: unknown, budget: Budget): Place[] {
  const children = new Map<string, Place>();
  const elements = place.shapes.filter(({ items }) => isSchema(items));
  // `files[*].path` says what `files[*]` would.
  const each = elements.flatMap(({ items }) => shapesOf(items, root, budget));
  const holders = place.name === "" ? place.shapes : [...place.shapes, ...each];
  for (const shape of holders) {
    const isElement = each.includes(shape);
    const prefix = place.name === "" ? "" : `${place.name}${isElement ? "[*]" : ""}.`;
    const required = Array.isArray(shape.required) ? shape.required : [];
    for (const [key, property] of entriesOf(shape.properties, budget)) {
      const name = `${prefix}${key}`;
      if (children.size >= parametersMax) break;
      // A name with a dot in it cannot be told from a nested one.
      if (/[.[\]]/.test(key) || key === "" || name.length > nameLengthMax || children.has(name)) continue;
      const isRequired = place.required && !isElement && place.shapes.length === 1 && required.includes(key);
      const shapes = shapesOf(property, root, budget);
      children.set(name, { name, shapes, required: isRequired, depth: place.depth + 1 });
    }
  }
  if (place.name !== "" && each.length > 0 && choicesOf(each) !== undefined) {
    const name = `${place.name}[*]`;
    children.set(name, { name, shapes: each, required: false, depth: depthMax });
  }
  return [...children.values()];
}

function parameterOf({ name, shapes, required }: Place): ToolParameter {
  const choices = choicesOf(shapes);
  return { name, types: typesOf(shapes), required, ...(choices && { choices }), declared: true };
}

/** The schemas of which one applies, with references followed; none when nothing is known. */
function shapesOf(schema: unknown, root: unknown, budget: Budget): Schema[] {
  budget.left -= 1;
  if (budget.left < 0 || !isSchema(schema)) return [];
  if (typeof schema.$ref === "string") return shapesOf(resolve(root, schema.$ref), root, budget);
  const choices = [schema.anyOf, schema.oneOf].find(Array.isArray);
  if (choices) {
    const { anyOf: _, oneOf: __, ...own } = schema;
    const all = choices.slice(0, schemasMax).map((choice) => shapesOf(choice, root, budget));
    // One that says nothing leaves the argument open.
    if (all.some((shapes) => shapes.length === 0)) return isSchema(own.properties) ? [own] : [];
    return all.flat().map((shape) => together(own, shape, budget));
  }
  if (Array.isArray(schema.allOf)) {
    const { allOf, ...own } = schema;
    const parts = (allOf as unknown[]).slice(0, schemasMax).flatMap((part) => shapesOf(part, root, budget).slice(0, 1));
    return [parts.reduce<Schema>((all, part) => together(all, part, budget), own)];
  }
  return [schema];
}

function together(a: Schema, b: Schema, budget: Budget): Schema {
  const properties = Object.fromEntries([...entriesOf(a.properties, budget), ...entriesOf(b.properties, budget)]);
  const required = [a.required, b.required].flat().slice(0, schemasMax);
  return { ...a, ...b, ...(Object.keys(properties).length > 0 && { properties }), required };
}

/** No more of them than could be listed. */
function entriesOf(properties: unknown, budget: Budget): [string, unknown][] {
  if (!isSchema(properties)) return [];
  const known = budget.entries.get(properties) ?? Object.entries(properties).slice(0, parametersMax);
  budget.entries.set(properties, known);
  return known;
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

function typesOf(shapes: readonly Schema[]): JsonType[] | null {
  const found = new Set<JsonType>();
  for (const shape of shapes) {
    const named = shape.type ?? typeByContent(shape);
    const types = [named].flat().map((name) => jsonTypes.find((known) => known === name));
    for (const type of types) {
      if (type === undefined) return null;
      found.add(type);
    }
  }
  return found.size === 0 ? null : jsonTypes.filter((type) => found.has(type));
}

function typeByContent(shape: Schema): unknown {
  if (isSchema(shape.properties)) return "object";
  const values = Array.isArray(shape.enum) ? shape.enum.slice(0, choicesMax) : "const" in shape ? [shape.const] : [];
  return values.length === 0 ? undefined : values.map((value) => (value === null ? "null" : typeof value));
}

/** Undefined when there are others, many, or ones that are no short words. */
function choicesOf(shapes: readonly Schema[]): Choice[] | undefined {
  const choices = new Set<Choice>();
  for (const shape of shapes) {
    const values = Array.isArray(shape.enum) ? shape.enum : "const" in shape ? [shape.const] : null;
    if (values === null && shape.type === "null") choices.add(null);
    else if (values === null || values.length > choicesMax || !values.every(isShort)) return undefined;
    else for (const value of values) choices.add(value);
  }
  const isWorthwhile = choices.size <= choicesMax && [...choices].some((choice) => choice !== null);
  return isWorthwhile ? [...choices] : undefined;
}

function isShort(value: unknown): value is Choice {
  if (typeof value === "string")
    return value.length <= choiceLengthMax && value.split(/\s+/).length <= wordsOfChoiceMax;
  return value === null || typeof value === "number" || typeof value === "boolean";
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
