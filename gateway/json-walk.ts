// Finds where the members of an object and the elements of an array lie in a text that JSON.parse has accepted, and changes
// single places of it. Nothing is written anew: every other byte stays as it was sent.

import type { Buffer } from "node:buffer";
import { fold } from "../policy/fold.ts";

export type Span = { from: number; to: number };
export type Member = Span & { key: string; keyFrom: number };
export type Edit = Span & { put: string };

export class Ambiguous extends Error {}

/**
 * Tells whether a text, or bytes, may hold one of these keys, also spelled with escapes or in letters that a forgiving parser
 * takes for them: another case, `\u017f` for s, `\u212a` for k. Quick; false is certain.
 *
 * @param words Of ASCII letters.
 */
export function signsOf(...words: readonly string[]): (text: string | Buffer) => boolean {
  const inText = new RegExp(`"(?:${words.join("|")})"|\\\\u(?:00|017f|212a)`, "iu");
  // The same letters in UTF-8 that is read byte for byte.
  const inBytes = new RegExp(`${inText.source}|\xc5\xbf|\xe2\x84\xaa`, "i");
  return (text) => (typeof text === "string" ? inText.test(text) : inBytes.test(text.toString("latin1")));
}

/**
 * The value of a member of an object, null when absent.
 *
 * @throws Ambiguous when it is there twice, or when another key is one that a forgiving parser takes for it (`Tools`).
 */
export function onlyMember(text: string, object: number, name: string): Span | null {
  let found: Span | null = null;
  for (const member of eachMember(text, object)) {
    if (!isNamed(member, name)) {
      if (mayBeTakenFor(member, name)) throw new Ambiguous(name);
      continue;
    }
    if (found !== null) throw new Ambiguous(name);
    found = { from: member.from, to: member.to };
  }
  return found;
}

/** The values of an object, whatever their keys are. */
export function valuesOf(text: string, object: number): Span[] {
  return [...eachMember(text, object)];
}

/** The object that a path of members leads to; null when there is none. @throws Ambiguous */
export function objectAt(text: string, object: number, ...path: readonly string[]): number | null {
  let at = object;
  for (const name of path) {
    const span = onlyMember(text, at, name);
    if (span === null || text[span.from] !== "{") return null;
    at = span.from;
  }
  return at;
}

/** Edits that take members out of an object, each with one of the commas beside it. Also one that is there twice. */
export function cutMembers(text: string, object: number, names: ReadonlySet<string>): Edit[] {
  const members = [...eachMember(text, object)];
  const isCut = members.map((member) => names.has(keyOf(member)));
  const edits: Edit[] = [];
  for (let first = 0; first < members.length; first += 1) {
    if (!isCut[first]) continue;
    let last = first;
    while (isCut[last + 1]) last += 1;
    const before = members[first - 1];
    const after = members[last + 1];
    const from = before?.to ?? (members[first] as Member).keyFrom;
    const to = before === undefined && after !== undefined ? after.keyFrom : (members[last] as Member).to;
    edits.push({ from, to, put: "" });
    first = last;
  }
  return edits;
}

export function elementsOf(text: string, array: number): Span[] {
  const elements: Span[] = [];
  let at = skipSpace(text, array + 1);
  while (text[at] !== "]") {
    const to = skipValue(text, at);
    elements.push({ from: at, to });
    at = skipSpace(text, to);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return elements;
}

/** The text with places of it changed, none of which lie in one another; the very same text without any. */
export function applied(text: string, edits: Edit[]): string {
  if (edits.length === 0) return text;
  edits.sort((one, other) => one.from - other.from);
  let out = "";
  let from = 0;
  for (const edit of edits) {
    out += text.slice(from, edit.from) + edit.put;
    from = edit.to;
  }
  return out + text.slice(from);
}

export function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at += 1;
  return at;
}

/** `key` is the text between the quotes, escapes and all. */
function* eachMember(text: string, object: number): Generator<Member> {
  let at = skipSpace(text, object + 1);
  while (text[at] !== "}") {
    const keyEnd = skipString(text, at);
    const from = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const to = skipValue(text, from);
    yield { key: text.slice(at + 1, keyEnd - 1), keyFrom: at, from, to };
    at = skipSpace(text, to);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
}

function isNamed(member: Member, name: string): boolean {
  return member.key === name || (member.key.includes("\\") && keyOf(member) === name);
}

/** `name` is ASCII, so a key in other letters folds to it only by what is not ASCII in it. */
function mayBeTakenFor(member: Member, name: string): boolean {
  const { key } = member;
  if (key.length === name.length && key.toLowerCase() === name.toLowerCase()) return true;
  return notPlain.test(key) && fold(keyOf(member)) === fold(name);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escapes and everything outside ASCII
const notPlain = /[\\\x00-\x1f\x7f-\uffff]/;

function keyOf({ key }: Member): string {
  return key.includes("\\") ? (JSON.parse(`"${key}"`) as string) : key;
}

function skipString(text: string, from: number): number {
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\") backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

function skipValue(text: string, from: number): number {
  if (text[from] === '"') return skipString(text, from);
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = skipString(text, at) - 1;
        break;
      case braceOpen:
      case bracketOpen:
        depth += 1;
        break;
      case braceClose:
      case bracketClose:
        if (depth === 0) return at; // a number or a word before the end of what holds it
        depth -= 1;
        if (depth === 0) return at + 1;
        break;
      case comma:
      case space:
      case tab:
      case lineFeed:
      case carriageReturn:
        if (depth === 0) return at;
    }
  }
  return text.length;
}

const [quote, comma] = [0x22, 0x2c];
const [braceOpen, braceClose, bracketOpen, bracketClose] = [0x7b, 0x7d, 0x5b, 0x5d];
const [space, tab, lineFeed, carriageReturn] = [0x20, 0x09, 0x0a, 0x0d];
