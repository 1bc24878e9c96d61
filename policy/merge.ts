import { isDeepEqual } from "./deep-equal.ts";
import { readDocument } from "./edit.ts";
import { isGlob } from "./glob.ts";
import { type Path, pointerOf } from "./pointer.ts";
import { rewrite } from "./rewrite.ts";
import type { PolicyDocument } from "./schema.ts";

export type Merged =
  | { ok: true; text: string }
  /** JSON Pointers to what both changed differently; none when one of the texts is no document. */
  | { ok: false; conflicts: string[] };

/**
 * Brings together two changes of one text. Lists of groups and limits, and everything else that is only right as a
 * whole, are one place; `hide` is a set of names.
 *
 * @returns The result in the layout of `theirs`. What is no document merges only when one side left it as it was.
 */
export function mergeTexts(base: string, mine: string, theirs: string): Merged {
  if (mine === theirs || theirs === base) return { ok: true, text: mine };
  if (mine === base) return { ok: true, text: theirs };
  const [before, own, other] = [readDocument(base), readDocument(mine), readDocument(theirs)];
  if (before === null || own === null || other === null) return { ok: false, conflicts: [] };

  const conflicts: Path[] = [];
  const [iReordered, theyReordered] = [isReordered(before, own), isReordered(before, other)];
  // The order of globs decides which of two comes first; a layout can keep only one of two new orders.
  if (iReordered && theyReordered && isReordered(own, other)) conflicts.push(["tools"]);
  const isMineKept = iReordered && !theyReordered;
  const [kept, added] = isMineKept ? [own, other] : [other, own];
  const merged = mergeFields(fieldsOf(before), fieldsOf(kept), fieldsOf(added), [], conflicts);
  if (conflicts.length > 0) return { ok: false, conflicts: conflicts.map(pointerOf) };
  return { ok: true, text: rewrite(isMineKept ? mine : theirs, merged) };
}

type Fields = Record<string, unknown>;

/** Nothing is there. A document cannot hold it. */
const nothing = undefined;

function mergeFields(base: Fields, kept: Fields, added: Fields, path: Path, conflicts: Path[]): Fields {
  const merged = new Map<string, unknown>();
  for (const key of keysOf(kept, added)) {
    const value = mergeValue(at(base, key), at(kept, key), at(added, key), [...path, key], conflicts);
    if (value !== nothing) merged.set(key, value);
  }
  return Object.fromEntries(merged);
}

function mergeValue(base: unknown, kept: unknown, added: unknown, path: Path, conflicts: Path[]): unknown {
  if (isDeepEqual(added, base) || isDeepEqual(kept, added)) return kept;
  if (isDeepEqual(kept, base)) return added;
  if (path.length === 1 && path[0] === "hide") return mergeNames(base, kept, added);
  // Rules that both added stand beside each other; the same rule twice is one place.
  const isMap = path.length === 1 && (path[0] === "tools" || path[0] === "categories");
  const isRule = path.length === (path[0] === "all_tools" ? 1 : 2);
  const start = base === nothing && isMap ? {} : base;
  if ((isMap || isRule) && isFields(start) && isFields(kept) && isFields(added)) {
    return mergeFields(start, kept, added, path, conflicts);
  }
  conflicts.push(path);
  return kept;
}

function mergeNames(base: unknown, kept: unknown, added: unknown): unknown {
  const [before, left, right] = [base, kept, added].map((names) => (Array.isArray(names) ? names : []));
  const [known, wanted] = [new Set(before), new Set(right)];
  const held = (left ?? []).filter((name) => wanted.has(name) || !known.has(name));
  const come = (right ?? []).filter((name) => !known.has(name) && !held.includes(name));
  const names = [...held, ...come];
  return names.length === 0 ? nothing : names;
}

/** The keys of `kept`, and those that only `added` has behind the one they follow there. */
function keysOf(kept: Fields, added: Fields): string[] {
  const keys = Object.keys(kept);
  let previous: string | null = null;
  for (const key of Object.keys(added)) {
    if (!Object.hasOwn(kept, key)) {
      keys.splice(previous === null ? 0 : keys.indexOf(previous) + 1, 0, key);
    }
    previous = key;
  }
  return keys;
}

function isReordered(before: PolicyDocument, after: PolicyDocument): boolean {
  const globs = (document: PolicyDocument, other: PolicyDocument) =>
    Object.keys(document.tools ?? {}).filter((name) => isGlob(name) && Object.hasOwn(other.tools ?? {}, name));
  return globs(before, after).join("\n") !== globs(after, before).join("\n");
}

function at(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : nothing;
}

function fieldsOf(document: PolicyDocument): Fields {
  return document;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
