// What could be written at a place of a policy document, also of one that is half typed: the fields and values of the
// language's JSON Schema, and the names, arguments and values of the server's tools. Pure; json-pane.tsx shows it.
import { findNodeAtLocation, getLocation, type JSONPath, type Node, parseTree } from "jsonc-parser";
import { riskCategories } from "../../catalog/schema.ts";
import { type ArgumentPath, argumentPaths } from "../../policy/argument-paths.ts";
import { compileGlob, isGlob } from "../../policy/glob.ts";
import type { EditorTool } from "./editor-tool.ts";
import { type SchemaNode, schemaAt } from "./schema-walk.ts";

export type Completion = {
  /** As it is offered and filtered, without quotes. */
  label: string;
  kind: "field" | "value" | "tool" | "argument";
  /** What takes the place of `from` to `to`. */
  insert: string;
  /** Where the cursor goes in `insert`. */
  cursor: number;
  /** Beside the label: a type, a category. */
  detail?: string;
  /** A sentence. */
  info?: string;
};

export type Completions = { from: number; to: number; options: Completion[] };

const shownMax = 200;
const facts = ["tool.name", "tool.category", "grant.label", "client.name", "session.id", "time.hour", "time.weekday"];

/** What could stand at `offset`, best first. Null where nothing is known. */
export function completionsAt(text: string, offset: number, tools: readonly EditorTool[]): Completions | null {
  const root = parseTree(text, undefined, { allowTrailingComma: true });
  const { path, isAtPropertyKey } = getLocation(text, offset);
  const span = spanAt(text, offset);
  if (isAtPropertyKey) {
    const parent = path.slice(0, -1);
    const object = root && findNodeAtLocation(root, parent);
    const taken = new Set(object?.children?.flatMap((member) => keyUnless(member, offset)) ?? []);
    const found = fieldsAt(parent, tools).filter(({ label }) => !taken.has(label));
    return answer(span, found, (option) => member(text, span, option));
  }
  const found = valuesAt(root, path, tools);
  return answer(span, found, ({ value, ...option }) => {
    const insert = JSON.stringify(value);
    return { ...option, insert, cursor: insert.length };
  });
}

/** What the schema says of the field or value at `offset`, and where it stands. */
export function descriptionAt(text: string, offset: number): { from: number; to: number; words: string } | null {
  const { path, previousNode } = getLocation(text, offset);
  const words = schemaAt(path)?.description;
  if (!words || !previousNode || offset > previousNode.offset + previousNode.length) return null;
  return { from: previousNode.offset, to: previousNode.offset + previousNode.length, words };
}

type Offered = Omit<Completion, "insert" | "cursor">;
type Field = Offered & { stub: string };
type Value = Offered & { value: unknown };
/** The word under the cursor: what it is replaced from and to, and what is typed of it. */
type Span = { from: number; to: number; typed: string };

function answer<T extends Offered>(
  { from, to, typed }: Span,
  found: readonly T[],
  finish: (option: T) => Completion,
): Completions | null {
  const wanted = typed.toLowerCase();
  const starting = found.filter(({ label }) => label.toLowerCase().startsWith(wanted));
  const containing = found.filter(
    ({ label }) => label.toLowerCase().includes(wanted) && !label.toLowerCase().startsWith(wanted),
  );
  const options = [...starting, ...containing].slice(0, shownMax).map(finish);
  return options.length === 0 ? null : { from, to, options };
}

/** A string is replaced as a whole, with the quote that may still be missing; else the letters before the cursor. */
function spanAt(text: string, offset: number): Span {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  let open = -1;
  for (let at = lineStart; at < offset; at += 1) {
    if (text[at] === "\\" && open >= 0) at += 1;
    else if (text[at] === '"') open = open >= 0 ? -1 : at;
  }
  if (open >= 0) {
    const line = /^[^\n]*/.exec(text.slice(offset))?.[0] ?? "";
    const quotes = [...line.matchAll(/\\.|"/g)].filter(([found]) => found === '"');
    // Quotes come in pairs: one too many on the rest of the line is the end of this string, else the next string begins there.
    const closes = quotes.length % 2 === 1 ? (quotes[0]?.index ?? -1) + 1 : 0;
    return { from: open, to: offset + closes, typed: text.slice(open + 1, offset) };
  }
  const word = /[\w.+-]*$/.exec(text.slice(lineStart, offset))?.[0] ?? "";
  return { from: offset - word.length, to: offset, typed: word };
}

function keyUnless(member: Node, offset: number): string[] {
  const key = member.children?.[0];
  // The key that is being written is not taken.
  if (!key || (key.offset <= offset && offset <= key.offset + key.length)) return [];
  return [String(key.value)];
}

function member(text: string, { to }: Span, { stub, ...option }: Field): Completion {
  const key = JSON.stringify(option.label);
  const after = text.slice(to).trimStart();
  if (after.startsWith(":")) return { ...option, insert: key, cursor: key.length };
  const comma = after.startsWith('"') ? "," : "";
  const inside = /[[{"]/.test(stub) ? stub.search(/[\]}"]$/) : stub.length;
  return { ...option, insert: `${key}: ${stub}${comma}`, cursor: key.length + 2 + Math.max(inside, 0) };
}

function fieldsAt(parent: JSONPath, tools: readonly EditorTool[]): Field[] {
  if (parent.length === 1 && parent[0] === "tools") {
    return tools.map((tool) => ({
      label: tool.name,
      kind: "tool",
      detail: tool.category,
      ...(tool.description ? { info: tool.description } : {}),
      stub: "{}",
    }));
  }
  const properties = schemaAt(parent)?.properties ?? {};
  return Object.entries(properties).map(([label, node]) => ({
    label,
    kind: "field",
    detail: typeWords(node),
    ...(node.description ? { info: node.description } : {}),
    stub: stubOf(node),
  }));
}

function typeWords({ type, enums }: SchemaNode): string {
  if (enums.length > 0) return enums.length === 1 ? JSON.stringify(enums[0]) : "choice";
  return type === "array" ? "list" : (type ?? "value");
}

function stubOf({ type, enums }: SchemaNode): string {
  if (enums.length === 1) return JSON.stringify(enums[0]);
  if (type === "array") return "[]";
  if (type === "object") return "{}";
  // The values of an unknown type are offered next.
  return type === "string" ? '""' : "";
}

function valuesAt(root: Node | undefined, path: JSONPath, tools: readonly EditorTool[]): Value[] {
  const last = path.at(-1);
  const inHide = path[0] === "hide" && path.length === 2;
  if (inHide) return tools.map(({ name, category }) => ({ label: name, kind: "tool", detail: category, value: name }));
  if (path.length === 1 && last === "timezone")
    return zones().map((zone) => ({ label: zone, kind: "value", value: zone }));
  const inCondition = path.indexOf("conditions");
  if (inCondition > 0) return conditionValues(root, path, path.slice(inCondition + 2), tools);
  if (last === "increment_from" || last === "key") {
    const paths = argumentsAt(path, tools).filter(({ types }) => last === "key" || !types || types.includes("number"));
    return paths.map(argumentValue);
  }
  if (last === "counter") return countersFor(root, path).map((name) => ({ label: name, kind: "value", value: name }));
  return schemaValues(path);
}

function conditionValues(root: Node | undefined, path: JSONPath, at: JSONPath, tools: readonly EditorTool[]): Value[] {
  const [field] = at;
  if (field === "path") {
    return [
      ...argumentsAt(path, tools).map(argumentValue),
      ...facts.map((fact) => ({ label: fact, kind: "value" as const, value: fact })),
    ];
  }
  if (field !== "value") return schemaValues(path);
  const condition = path.slice(0, path.indexOf("conditions") + 2);
  const [about, op] = ["path", "op"].map((name) => root && findNodeAtLocation(root, [...condition, name])?.value);
  if (op === "exists") return scalars([true, false]);
  // A list begins with a bracket; only its elements are offered.
  if ((op === "in" || op === "not_in") && at.length === 1) return [];
  if (about === "tool.category") return scalars([...riskCategories]);
  if (about === "tool.name") return scalars(tools.map(({ name }) => name));
  const argument = argumentsAt(path, tools).find((candidate) => candidate.path === about);
  return scalars(argument?.choices ?? (argument?.types?.includes("boolean") ? [true, false] : []));
}

function scalars(values: readonly unknown[]): Value[] {
  return values.map((value) => ({
    label: typeof value === "string" ? value : JSON.stringify(value),
    kind: "value",
    value,
  }));
}

function schemaValues(path: JSONPath): Value[] {
  const node = schemaAt(path);
  if (!node) return [];
  return scalars(node.type === "boolean" ? [true, false] : node.enums);
}

function argumentValue({ path, types, choices, required, description }: ArgumentPath): Value {
  const kind = choices ? "choice" : (types?.join(" or ") ?? "any");
  return {
    label: path,
    kind: "argument",
    detail: required ? `${kind}, required` : kind,
    ...(description ? { info: description } : {}),
    value: path,
  };
}

/** The arguments of the tools that the rule at `path` is for, each path once. */
function argumentsAt(path: JSONPath, tools: readonly EditorTool[]): ArgumentPath[] {
  const [place, name] = path;
  const found = new Map<string, ArgumentPath>();
  for (const tool of tools.filter((each) => isFor(String(place), String(name), each))) {
    for (const argument of argumentPaths(tool.inputSchema)) {
      if (!found.has(argument.path)) found.set(argument.path, argument);
    }
  }
  return [...found.values()];
}

function isFor(place: string, name: string, tool: EditorTool): boolean {
  if (place === "categories") return tool.category === name;
  if (place !== "tools") return place === "all_tools";
  return isGlob(name) ? compileGlob(name)(tool.name) : tool.name === name;
}

/** Names that are used in the document, and the one that the board would give; none twice in one rule. */
function countersFor(root: Node | undefined, path: JSONPath): string[] {
  const names = new Set<string>();
  const visit = (node: Node | undefined) => {
    if (node?.type === "property" && node.children?.[0]?.value === "counter" && node.children[1]?.value) {
      names.add(String(node.children[1].value));
    }
    for (const child of node?.children ?? []) visit(child);
  };
  visit(root);
  if (path[0] === "tools" && !isGlob(String(path[1]))) names.add(`${path[1]}_rate`);
  const own = root && findNodeAtLocation(root, path.slice(0, -2));
  const index = path.at(-2);
  for (const [at, limit] of (own?.children ?? []).entries()) {
    const used = findNodeAtLocation(limit, ["counter"])?.value;
    if (at !== index && used) names.delete(String(used));
  }
  return [...names];
}

function zones(): string[] {
  return typeof Intl.supportedValuesOf === "function" ? ["UTC", ...Intl.supportedValuesOf("timeZone")] : ["UTC"];
}
