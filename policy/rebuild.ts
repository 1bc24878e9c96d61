// Arguments again, from what was recorded of them: such that decide as the ones that came would, or nothing.
import type { ArgumentNeed } from "./mentioned.ts";
import { parsePath, type Segment } from "./path.ts";
import { andMore, firstName, type RecordedArguments, type RecordedValue } from "./recorded.ts";

/**
 * Rebuilds the arguments of a call as far as `needs` (`argumentNeeds`) goes.
 *
 * @param recorded Null when no values were recorded.
 * @param names The names of the outermost arguments as recorded (`argumentNames`).
 * @returns `known` only when a policy with these needs decides the rebuilt arguments exactly like the original ones.
 */
export function rebuildArguments(
  recorded: RecordedArguments | null,
  names: readonly string[],
  needs: readonly ArgumentNeed[],
): { known: true; arguments: unknown } | { known: false } {
  if (needs.length === 0) return { known: true, arguments: {} };
  // U+FFFD may stand for something that Postgres does not take.
  if (names.some((name) => name === andMore || name.includes("\uFFFD"))) return { known: false };
  const values = new Map(recorded?.values);
  const paths = new Set(recorded?.paths);
  for (const { path, reads } of needs) {
    const first = firstName(path);
    if (!names.includes(first)) continue;
    const parsed = parsePath(path);
    const value = values.get(first);
    if (!parsed.ok || parsed.path.root !== "args" || !paths.has(path) || value === undefined) return { known: false };
    if (!suffices(value, parsed.path.segments, 1, reads)) return { known: false };
  }
  // All names, also of what nobody asked about: a name may be taken for another one.
  return {
    known: true,
    arguments: objectOf(names.map((name) => [name, rebuilt(values.get(name) ?? { value: null })])),
  };
}

/** Whether what is recorded says all that is read at the path. */
function suffices(
  recorded: RecordedValue,
  segments: readonly Segment[],
  from: number,
  reads: ArgumentNeed["reads"],
): boolean {
  const segment = segments[from];
  if (segment === undefined) return saysWhatIsRead(recorded, reads);
  if ("withheld" in recorded) {
    if (recorded.type === "object") return segment.kind === "each";
    if (recorded.type === "array") return segment.kind === "field" && segment.index < 0;
    return true;
  }
  if ("items" in recorded) {
    if (segment.kind === "each") return recorded.items.every((item) => suffices(item, segments, from + 1, reads));
    const item = segment.index < 0 ? undefined : recorded.items[segment.index];
    return item === undefined || suffices(item, segments, from + 1, reads);
  }
  if ("fields" in recorded && segment.kind === "field") {
    const field = recorded.fields.find(([name]) => name === segment.name);
    return field === undefined || suffices(field[1], segments, from + 1, reads);
  }
  // Nothing has such a step, whatever the value is.
  return true;
}

function saysWhatIsRead(recorded: RecordedValue, reads: ArgumentNeed["reads"]): boolean {
  if ("value" in recorded || "inexact" in recorded) return true;
  if (reads === "content") return false;
  if (!("withheld" in recorded) || recorded.type === "array" || recorded.type === "object") return true;
  // Of the scalars only a number may hold under a comparison or add to a limit.
  return reads === "type" && recorded.type !== "number";
}

function rebuilt(recorded: RecordedValue): unknown {
  if ("value" in recorded) return recorded.value;
  if ("inexact" in recorded) return Number.NaN;
  if ("fields" in recorded) return objectOf(recorded.fields.map(([name, value]) => [name, rebuilt(value)]));
  if ("items" in recorded) return recorded.items.map(rebuilt);
  return { string: "", number: 0, boolean: false, null: null, array: [], object: {} }[recorded.type];
}

/** Without a prototype, so that `__proto__` is a name like any other. */
function objectOf(entries: readonly (readonly [string, unknown])[]): object {
  const object: Record<string, unknown> = Object.create(null);
  for (const [name, value] of entries) object[name] = value;
  return object;
}
