// Paths of conditions, `increment_from` and `key`: `args.files[*].path`, `tool.name`, `time.hour`…

export const facts = [
  "tool.name",
  "tool.category",
  "grant.label",
  "client.name",
  "session.id",
  "time.hour",
  "time.weekday",
] as const;
/** What a condition can look at besides the arguments. */
export type Fact = (typeof facts)[number];

export type Segment =
  | { kind: "each" }
  | { kind: "field"; name: string /** The name as array index, or -1. */; index: number };

export type ValuePath = { root: "args"; segments: readonly Segment[] } | { root: Fact };

/** A path's reading, or a sentence on what is wrong with it. */
export function parsePath(text: string): { ok: true; path: ValuePath } | { ok: false; message: string } {
  const fact = facts.find((name) => name === text);
  if (fact) return { ok: true, path: { root: fact } };
  if (text === "args") return refused(text, "names no argument; write `args.<name>`");
  if (!text.startsWith("args.")) {
    return refused(text, `must start with \`args.\` or be one of ${facts.map((name) => `\`${name}\``).join(", ")}`);
  }
  const segments: Segment[] = [];
  for (const part of text.slice("args.".length).split(".")) {
    const [, name = "", brackets = ""] = /^([^[\]]*)(.*)$/s.exec(part) ?? [];
    if (name === "") return refused(text, "has an empty step; write a name between the dots");
    if (!/^(?:\[\*\])*$/.test(brackets))
      return refused(text, "may have only `[*]` in brackets; write `.0` for an index");
    segments.push({ kind: "field", name, index: /^(?:0|[1-9]\d{0,9})$/.test(name) ? Number(name) : -1 });
    for (let each = 0; each < brackets.length / 3; each += 1) segments.push({ kind: "each" });
  }
  return { ok: true, path: { root: "args", segments } };
}

function refused(path: string, what: string): { ok: false; message: string } {
  return { ok: false, message: `the path \`${path}\` ${what}` };
}

/** Whether the path names at most one value. */
export function isSingle(path: ValuePath): boolean {
  return path.root !== "args" || path.segments.every((segment) => segment.kind === "field");
}

/** Nothing is at the path. */
export const absent = Symbol("absent");
/** Something on the way is of a type that has no such step, so nobody can say what the server would read there. */
export const mistyped = Symbol("mistyped");

/** One step into a value. Own properties only: `args.constructor` is absent unless the caller sent it. */
export function step(value: unknown, segment: Segment & { kind: "field" }): unknown {
  if (value === null || value === undefined) return absent;
  if (Array.isArray(value)) {
    if (segment.index < 0) return mistyped;
    return segment.index < value.length ? value[segment.index] : absent;
  }
  if (typeof value !== "object") return mistyped;
  // JSON has no undefined; a caller who builds the arguments by hand means "not there".
  const found = Object.hasOwn(value, segment.name) ? (value as Record<string, unknown>)[segment.name] : undefined;
  return found === undefined ? absent : found;
}

/** The value at a path without `[*]`, or `absent` or `mistyped`. */
export function single(value: unknown, segments: readonly Segment[]): unknown {
  let found = value;
  for (const segment of segments) {
    if (segment.kind === "each") return mistyped;
    found = step(found, segment);
    if (found === absent || found === mistyped) return found;
  }
  return found;
}
