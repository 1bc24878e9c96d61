import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, Scalar } from "yaml";
import { isExactNumber } from "../../policy/number.ts";

// A YAML text as nodes with positions. Stricter than YAML: one key once, and nothing that grows out of its aliases.

export type YamlNode = { at: number } & (
  | { kind: "map"; entries: YamlEntry[] }
  | { kind: "list"; items: YamlNode[] }
  | {
      kind: "scalar";
      value: string | number | boolean | null;
      /** As it is written, which is what a field that holds a text reads: `version: 1` is "1". */
      text: string;
      /** Why another reader of YAML may see another value; null when none does. */
      unclear: string | null;
    }
);
export type YamlEntry = { key: string; at: number; node: YamlNode };
export type Position = { line: number; column: number };
export type YamlProblem = Position & { message: string };

export const yamlBytesMax = 1024 * 1024;
const nodesMax = 100_000;
const depthMax = 64;

class Refused extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/** Reads a text; never throws. */
export function readYaml(
  text: string,
): { ok: true; root: YamlNode; positionOf: (at: number) => Position } | { ok: false; problems: YamlProblem[] } {
  if (text.length > yamlBytesMax) {
    return {
      ok: false,
      problems: [{ line: 1, column: 1, message: `the file is larger than ${yamlBytesMax / 1024} KiB` }],
    };
  }
  const lineCounter = new LineCounter();
  const positionOf = (at: number): Position => {
    const { line, col } = lineCounter.linePos(at);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  try {
    // Duplicates are looked for below, in linear time.
    // A "silent" parser would leave out that there is a second document.
    const document = parseDocument(text, { lineCounter, uniqueKeys: false, prettyErrors: false, logLevel: "error" });
    // A warning is a tag or a directive that this reader does not know, so it cannot know what was meant.
    const faults = [...document.errors, ...document.warnings];
    if (faults.length > 0) {
      return {
        ok: false,
        problems: faults.slice(0, 20).map(({ pos, message }) => ({ ...positionOf(pos[0]), message: wordsOf(message) })),
      };
    }
    const reader = new Reader((alias) => alias.resolve(document) ?? null);
    return { ok: true, root: reader.node(document.contents, 0, 0), positionOf };
  } catch (cause) {
    if (cause instanceof Refused) {
      return { ok: false, problems: [{ ...positionOf(cause.at), message: cause.message }] };
    }
    if (cause instanceof RangeError) {
      return { ok: false, problems: [{ line: 1, column: 1, message: "the file is nested too deeply" }] };
    }
    throw cause;
  }
}

/** The parser is recursive, and says so in the words of its engine. */
function wordsOf(message: string): string {
  return /call stack/i.test(message) ? "the file is nested too deeply" : message.trim();
}

type Alias = Extract<Node, { source: string; resolve: unknown }>;

class Reader {
  private nodes = 0;
  private readonly resolve: (alias: Alias) => Node | null;
  /** Anchored nodes that are being read: an alias to one of them would never end. */
  private readonly open = new Set<Node>();

  constructor(resolve: (alias: Alias) => Node | null) {
    this.resolve = resolve;
  }

  node(node: unknown, depth: number, at: number): YamlNode {
    this.nodes += 1;
    if (this.nodes > nodesMax) throw new Refused(at, `the file has more than ${nodesMax} values, aliases written out`);
    if (depth > depthMax) throw new Refused(at, `the file is nested deeper than ${depthMax}`);
    if (isAlias(node)) {
      const from = node.range?.[0] ?? at;
      const target = this.resolve(node);
      if (target === null) throw new Refused(from, `\`*${node.source}\` names no anchor above it`);
      if (this.open.has(target)) throw new Refused(from, `\`*${node.source}\` stands inside what it names`);
      return this.node(target, depth + 1, from);
    }
    if (isMap(node) || isSeq(node)) {
      this.open.add(node);
      const from = node.range?.[0] ?? at;
      const read: YamlNode = isMap(node)
        ? { at: from, kind: "map", entries: this.entries(node.items, depth, from) }
        : { at: from, kind: "list", items: node.items.map((item) => this.node(item, depth + 1, from)) };
      this.open.delete(node);
      return read;
    }
    if (isScalar(node)) return scalar(node, node.range?.[0] ?? at);
    return { at, kind: "scalar", value: null, text: "", unclear: null };
  }

  private entries(pairs: readonly { key: unknown; value: unknown }[], depth: number, from: number): YamlEntry[] {
    const entries = new Map<string, YamlEntry>();
    const merged: YamlNode[] = [];
    for (const pair of pairs) {
      const { key: keyNode } = pair;
      const at = isScalar(keyNode) ? (keyNode.range?.[0] ?? from) : from;
      if (!isScalar(keyNode) || keyNode.value === null) throw new Refused(at, "a key must be a text");
      const key = keyNode.type === Scalar.PLAIN ? (keyNode.source ?? "") : String(keyNode.value);
      const node = this.node(pair.value, depth + 1, at);
      if (key === "<<" && keyNode.type === Scalar.PLAIN) merged.push(...(node.kind === "list" ? node.items : [node]));
      else if (entries.has(key))
        throw new Refused(at, `\`${key}\` is written twice in the same place; keep one of them`);
      else entries.set(key, { key, at, node });
    }
    // What stands here itself goes before what is merged in, and the first merged map before the next.
    for (const node of merged) {
      if (node.kind !== "map") throw new Refused(node.at, "`<<` needs a map, or a list of maps");
      for (const entry of node.entries) if (!entries.has(entry.key)) entries.set(entry.key, entry);
    }
    return [...entries.values()];
  }
}

function scalar(node: Scalar, at: number): YamlNode {
  const { value, source = "" } = node;
  const isPlain = node.type === Scalar.PLAIN;
  if (typeof value === "string") {
    return { at, kind: "scalar", value, text: isPlain ? source : value, unclear: isPlain ? doubtOf(source) : null };
  }
  if (typeof value === "number")
    return { at, kind: "scalar", value, text: source, unclear: doubtOfNumber(value, source) };
  if (typeof value === "boolean") return { at, kind: "scalar", value, text: source, unclear: null };
  if (value === null || value === undefined) return { at, kind: "scalar", value: null, text: "", unclear: null };
  return { at, kind: "scalar", value: null, text: source, unclear: "is of a kind that JSON does not have" };
}

/** Texts without quotes that YAML readers do not agree on. */
function doubtOf(source: string): string | null {
  if (/^\d{4}-\d{1,2}-\d{1,2}(?:$|[Tt\s])/.test(source)) return "may be read as a date; put it in quotes";
  if (/^[-+]?(?:0[bB][01_]+|0[oOxX]?[0-9a-fA-F_]+|[0-9][0-9_]*(?:\.[0-9_]*)?)$/.test(source)) {
    return "may be read as a number; put it in quotes, or write the number plainly";
  }
  return null;
}

function doubtOfNumber(value: number, source: string): string | null {
  if (!Number.isFinite(value)) return "is no number that JSON has";
  if (/^[-+]?0[0-9]/.test(source)) return "begins with 0, which some read as an octal number; write it without";
  const literal = source
    .replace(/^\+/, "")
    .replace(/^(-?)\./, "$10.")
    .replace(/\.(?=$|[eE])/, "");
  return /^-?\d/.test(literal) && !/^-?0[xo]/i.test(literal) && !isExactNumber(literal)
    ? "has more digits than a number can hold"
    : null;
}
