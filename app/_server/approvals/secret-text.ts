// Where in a text something stands that looks like a secret. Every step is linear in the text: it comes from a stranger.
import { isSecretName } from "./secret-words.ts";

/** From and to, in UTF-16 code units; in order, none overlapping another. */
export type Span = readonly [from: number, to: number];

/** @param isFingerprint The text stands where a hash is expected: a long row of hexadecimal digits is none. */
export function secretSpans(text: string, isFingerprint = false): Span[] {
  return joined([...keyBlocks(text), ...named(text), ...runs(text, isFingerprint)]);
}

const keyBlockBegin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----/g;

/** A private key reaches from its first line to its last, or to the end of the text. */
function keyBlocks(text: string): Span[] {
  const spans: Span[] = [];
  let past = 0;
  for (const { index, 0: begin } of text.matchAll(keyBlockBegin)) {
    if (index < past) continue;
    const end = text.indexOf("-----END ", index + begin.length);
    past = end === -1 ? text.length : Math.min(text.length, (text.indexOf("\n", end) + 1 || text.length + 1) - 1);
    spans.push([index, past]);
    if (past === text.length) break;
  }
  return spans;
}

// What follows a word that says what it is. Each pattern has one open end, which it consumes.
const credential = /\b(?:bearer|basic)[ \t]{1,4}([\w.+/=~-]{8,})/gi;
const inAddress = /[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/@:]{0,200}:([^\s/@]{1,500})@/gi;
const assignment = /([A-Za-z_][\w-]{1,60})["']?[ \t]{0,3}[=:][ \t]{0,3}["']?([^\s"',;&]{4,})/g;
const option = /--([a-z][a-z0-9-]{1,60})[ \t]{1,4}["']?([^\s"'-][^\s"']{3,})/gi;

function named(text: string): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(credential)) spans.push(lastGroup(match, match[1] ?? ""));
  for (const match of text.matchAll(inAddress)) {
    const to = match.index + match[0].length - 1;
    spans.push([to - (match[1] ?? "").length, to]);
  }
  for (const pattern of [assignment, option]) {
    for (const match of text.matchAll(pattern)) {
      if (isSecretName(match[1] ?? "")) spans.push(lastGroup(match, match[2] ?? ""));
    }
  }
  return spans;
}

function lastGroup(match: RegExpMatchArray, group: string): Span {
  const to = (match.index ?? 0) + match[0].length;
  return [to - group.length, to];
}

const run = /[A-Za-z0-9_.+-]{16,}={0,2}/g;

function runs(text: string, isFingerprint: boolean): Span[] {
  const spans: Span[] = [];
  for (const { index, 0: found } of text.matchAll(run)) {
    if (hasKnownForm(found) || found.split(".").some((piece) => isRandom(piece, isFingerprint))) {
      spans.push([index, index + found.length]);
    }
  }
  return spans;
}

// By those who issue them, who want them to be found.
const knownForms = [
  /^(?:sk|rk|pk)[-_](?:live|test|proj|ant|or|svcacct)?[-_]?[A-Za-z0-9_-]{12,}/,
  /^gh[pousr]_[A-Za-z0-9]{16,}/,
  /^github_pat_\w{20,}/,
  /^glpat-[\w-]{16,}/,
  /^xox[abeprs]-[\w-]{10,}/,
  /^(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}/,
  /^AIza[\w-]{30,}/,
  /^ya29\.[\w-]{16,}/,
  /^(?:npm|hf|dop_v1|plg|pla|pat|shpat|lin_api|ntn|gsk|r8)_[A-Za-z0-9_-]{16,}/,
  /^pypi-[\w-]{16,}/,
  /^SG\.[\w-]{16,}\.[\w-]{16,}/,
  /^whsec_[\w+]{16,}/,
  /^eyJ[\w-]{6,}\.[\w-]{2,}\.[\w-]*/,
];

function hasKnownForm(text: string): boolean {
  return knownForms.some((form) => form.test(text));
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Long and without a pattern that a person would write. */
function isRandom(text: string, isFingerprint: boolean): boolean {
  if (text.length < 24 || uuid.test(text)) return false;
  if (/^[0-9a-f]+$/i.test(text)) return !isFingerprint && text.length >= 32 && bitsPerCharacter(text) > 3;
  if (isWords(text)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/].filter((kind) => kind.test(text)).length;
  return kinds === 3 ? bitsPerCharacter(text) > 3.5 : kinds === 2 && text.length >= 32 && bitsPerCharacter(text) > 4;
}

/** `my-long-branch-name-2`, `CONSTANT_OF_MINE`, `a_file_of_2026-11-23`: parts that are words or numbers. */
function isWords(text: string): boolean {
  const parts = text.replace(/=+$/, "").split(/[-_+]/);
  return (
    parts.length > 1 &&
    parts.every((part) => part.length <= 14 && /^(?:[A-Z]?[a-z]*|[A-Z]*|[0-9]*|v[0-9]+)$/.test(part))
  );
}

/** Shannon's measure over the characters of the text. */
function bitsPerCharacter(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

function joined(spans: Span[]): Span[] {
  const result: [number, number][] = [];
  for (const [from, to] of spans.sort(([a], [b]) => a - b)) {
    const last = result.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else if (to > from) result.push([from, to]);
  }
  return result;
}
