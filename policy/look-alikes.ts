// Arguments whose names are not the ones that a rule reads, but that a forgiving server takes for them: it may read `Path` or
// `path\u0000` as `path`, and a rule about `path` would have looked at nothing.
import { fold } from "./fold.ts";
import { spend, type Work } from "./operators.ts";
import { parsePath } from "./path.ts";
import type { ToolRule } from "./schema.ts";

/** The argument names that paths mention, as far as the paths go. */
export type KnownNames = {
  readonly fields: Map<string, KnownNames>;
  /** The same names, folded. */
  readonly folded: Set<string>;
  /** What `[*]` leads to. */
  each: KnownNames | null;
  /** Whether a path ends here. */
  ends: boolean;
};

/** What looking at one element, and at one name, may cost of an evaluation's work. */
export const elementWork = 10;
export const nameWork = 20;

/** The names in the paths of a rule of a checked document, and in the objects that it compares with what lies there. */
export function namesOf(rule: ToolRule): KnownNames {
  const groups = [...(rule.require ?? []), ...(rule.deny_if ?? []), ...(rule.approve_if ?? [])];
  const conditions = groups.flatMap((group) => group.conditions);
  const limits = (rule.limits ?? []).flatMap(({ increment_from, key }) => [increment_from, key]);
  const paths = [...conditions.map(({ path }) => path), ...limits].filter((path) => path !== undefined);
  const root = namesIn(paths);
  for (const { path, op, value } of conditions) {
    const at = placeOf(root, path);
    if (at === null) continue;
    if (op === "contains") addNames(eachOf(at), value);
    else if ((op === "in" || op === "not_in") && Array.isArray(value)) for (const item of value) addNames(at, item);
    else addNames(at, value);
  }
  return root;
}

/** Where a path ends; null when it leads to no argument. */
function placeOf(root: KnownNames, text: string): KnownNames | null {
  const parsed = parsePath(text);
  if (!parsed.ok || parsed.path.root !== "args") return null;
  return parsed.path.segments.reduce(
    (at, segment) => (segment.kind === "each" ? eachOf(at) : fieldOf(at, segment.name)),
    root,
  );
}

/** Adds the names in a value of a checked document, which bounds its depth. */
function addNames(at: KnownNames, value: unknown): void {
  if (Array.isArray(value)) for (const item of value) addNames(eachOf(at), item);
  else if (typeof value === "object" && value !== null) {
    for (const [name, held] of Object.entries(value)) addNames(fieldOf(at, name), held);
  }
}

/** The names in paths; those that lead to no argument are passed over. */
export function namesIn(paths: readonly string[]): KnownNames {
  const root = noNames();
  for (const text of paths) {
    const parsed = parsePath(text);
    if (!parsed.ok || parsed.path.root !== "args") continue;
    let at = root;
    for (const segment of parsed.path.segments) {
      at = segment.kind === "each" ? eachOf(at) : fieldOf(at, segment.name);
    }
    at.ends = true;
  }
  return root;
}

function noNames(): KnownNames {
  return { fields: new Map(), folded: new Set(), each: null, ends: false };
}

function eachOf(names: KnownNames): KnownNames {
  names.each ??= noNames();
  return names.each;
}

function fieldOf(names: KnownNames, name: string): KnownNames {
  let field = names.fields.get(name);
  if (field === undefined) {
    field = noNames();
    names.fields.set(name, field);
    names.folded.add(fold(name));
  }
  return field;
}

/**
 * Finds an argument that may be taken for one of the known names and is none of them.
 *
 * @param known The names of all rules that apply, together: what one of them spells is exact.
 * @returns Its name; "" when there is too much to look at; null when there is none.
 */
export function findLookAlike(value: unknown, known: readonly KnownNames[], work: Work): string | null {
  if (typeof value !== "object" || value === null) return null;
  if (Array.isArray(value)) {
    const hasIndexes = known.some(({ fields }) => fields.size > 0);
    if (!hasIndexes && known.every(({ each }) => each === null)) return null;
    for (const [index, item] of value.entries()) {
      if (!spend(work, elementWork)) return "";
      const below = known.flatMap(({ each, fields }) =>
        [each, fields.get(String(index))].filter((names) => names != null),
      );
      const found = below.length === 0 ? null : findLookAlike(item, below, work);
      if (found !== null) return found;
    }
    return null;
  }
  for (const name of Object.keys(value)) {
    const below = namesBelow(known, name);
    if (!spend(work, below.length > 0 ? elementWork : nameWork + name.length)) return "";
    if (below.length === 0 && isLookAlike(name, known)) return name;
    const found = findLookAlike((value as Record<string, unknown>)[name], below, work);
    if (found !== null) return found;
  }
  return null;
}

function namesBelow(known: readonly KnownNames[], name: string): KnownNames[] {
  const below: KnownNames[] = [];
  for (const { fields } of known) {
    const field = fields.get(name);
    if (field !== undefined) below.push(field);
  }
  return below;
}

/** Whether a name that is none of the known ones may be taken for one. */
export function isLookAlike(name: string, known: readonly KnownNames[]): boolean {
  const folded = fold(name);
  return known.some((names) => names.folded.has(folded));
}
