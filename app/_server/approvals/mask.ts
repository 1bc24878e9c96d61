// Arguments as an approver sees them first: what looks like a secret is hidden, everything else stands there exactly as the
// caller wrote it. Pure.
import { type Node, parseTree } from "jsonc-parser";
import { pointerOf } from "../../../policy/pointer.ts";
import { type Span, secretSpans } from "./secret-text.ts";
import { isFingerprintName, isSecretName, isSecretNumberName } from "./secret-words.ts";

export type MaskedArguments = {
  /** JSON text, two spaces a level. Numbers as they were written; characters that cannot be seen, as escapes. */
  text: string;
  /** JSON Pointers of the values of which something is hidden. */
  hidden: string[];
};

/** @param revealed JSON Pointers of values that are shown whatever they look like; `all`: every one. */
export function maskArguments(json: string, revealed: ReadonlySet<string> | "all" = new Set()): MaskedArguments {
  const hidden: string[] = [];
  const root = parseTree(json);
  if (!root) return { text: "null", hidden };
  const shown = (pointer: string) => revealed === "all" || revealed.has(pointer);
  const text = write(root, json, "", (node, pointer, place) => {
    const mask = shown(pointer) ? null : maskOf(node, place);
    if (mask !== null) hidden.push(pointer);
    return mask;
  });
  return { text, hidden };
}

export type Restored = { ok: true; text: string } | { ok: false; pointers: string[] };

/**
 * Puts what was hidden back into a text that an approver edited: where the mask still stands in its place. Somewhere else, or
 * changed, nobody can say what is meant, and the places are named.
 */
export function restoreHidden(edited: string, original: string): Restored {
  const masks = new Map<string, { mask: string; raw: string }>();
  const theirs = new Map<string, unknown>();
  const first = parseTree(original);
  if (first) {
    write(first, original, "", (node, pointer, place) => {
      const mask = maskOf(node, place);
      if (mask !== null) masks.set(pointer, { mask, raw: raw(node, original) });
      theirs.set(pointer, node.value);
      return null;
    });
  }
  const root = parseTree(edited);
  const changes: { node: Node; raw: string }[] = [];
  const pointers: string[] = [];
  if (root) {
    write(root, edited, "", (node, pointer) => {
      if (typeof node.value !== "string" || !hasMask(node.value)) return null;
      const kept = masks.get(pointer);
      if (kept?.mask === node.value) changes.push({ node, raw: kept.raw });
      else if (theirs.get(pointer) !== node.value) pointers.push(pointer);
      return null;
    });
  }
  if (pointers.length > 0) return { ok: false, pointers };
  const pieces: string[] = [];
  let from = 0;
  for (const { node, raw } of changes) {
    pieces.push(edited.slice(from, node.offset), raw);
    from = node.offset + node.length;
  }
  return { ok: true, text: pieces.join("") + edited.slice(from) };
}

/** What a scalar stands under. */
type Place = {
  names: readonly string[] /** The option or variable that it is the value of, where it stands beside it. */;
  of: string | null;
};

type See = (node: Node, pointer: string, place: Place) => string | null;

const nowhere: Place = { names: [], of: null };

/** Lays out a value; `see` is asked of each scalar and answers what is to stand there instead. */
function write(
  node: Node,
  json: string,
  indent: string,
  see: See,
  path: readonly (string | number)[] = [],
  place = nowhere,
): string {
  const { children = [] } = node;
  const deeper = `${indent}  `;
  if (node.type === "array") {
    if (children.length === 0) return "[]";
    const lines = children.map((child, index) => {
      const before = children[index - 1]?.value;
      const of = typeof before === "string" && /^--?[A-Za-z]/.test(before) && !before.includes("=") ? before : null;
      return `${deeper}${write(child, json, deeper, see, [...path, index], { names: place.names, of })}`;
    });
    return `[\n${lines.join(",\n")}\n${indent}]`;
  }
  if (node.type === "object") {
    if (children.length === 0) return "{}";
    const of = variableOf(children);
    const lines = children.map(({ children: [key, value] = [] }) => {
      if (!key || !value) return deeper;
      const name = String(key.value);
      const below = { names: [...place.names, name], of: name === "value" ? of : null };
      return `${deeper}${visible(raw(key, json))}: ${write(value, json, deeper, see, [...path, name], below)}`;
    });
    return `{\n${lines.join(",\n")}\n${indent}}`;
  }
  const mask = see(node, pointerOf(path), place);
  return mask === null ? visible(raw(node, json)) : JSON.stringify(mask);
}

/** `{ "name": "API_KEY", "value": … }`: which variable it is. */
function variableOf(members: readonly Node[]): string | null {
  for (const { children: [key, value] = [] } of members) {
    if (/^(?:name|key|header|variable|field)$/i.test(String(key?.value)) && typeof value?.value === "string") {
      return value.value;
    }
  }
  return null;
}

/** What stands instead of a scalar; null when it is shown. */
function maskOf(node: Node, { names, of }: Place): string | null {
  const under = of === null ? names : [...names, of];
  if (node.type === "number") return under.some(isSecretNumberName) ? "[hidden: a number]" : null;
  if (node.type !== "string" || node.value === "") return null;
  const text = String(node.value);
  if (under.some(isSecretName)) return hiddenWords(text.length);
  const isFingerprint = under.some(isFingerprintName);
  const spans = secretSpans(text, isFingerprint);
  return spans.length === 0 ? null : without(text, spans);
}

function without(text: string, spans: readonly Span[]): string {
  const pieces: string[] = [];
  let at = 0;
  for (const [from, to] of spans) {
    pieces.push(text.slice(at, from), hiddenWords(to - from));
    at = to;
  }
  return pieces.join("") + text.slice(at);
}

function hiddenWords(length: number): string {
  return `[hidden: ${length} ${length === 1 ? "character" : "characters"}]`;
}

function hasMask(text: string): boolean {
  return /\[hidden: (?:a number|\d+ characters?)\]/.test(text);
}

function raw(node: Node, json: string): string {
  return json.slice(node.offset, node.offset + node.length);
}

/** Characters that have no look of their own, or turn the direction of what follows, could show something else than is there. */
function visible(token: string): string {
  return token.replace(/[\p{Cf}\p{Zl}\p{Zp}\p{Co}\u007f-\u009f\u115f\u1160\u3164\uffa0]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
