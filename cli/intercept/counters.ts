import { parsePath } from "../../policy/path.ts";
import type { Limit, Scope } from "../../policy/schema.ts";
import { type Fields, fieldsOf, jsonValueOf, textOf } from "./fields.ts";
import type { Notes, Place } from "./notes.ts";
import type { YamlNode } from "./yaml.ts";

// A `state` block names a counter; conditions on `state.<tool>.<counter>` say how far it may go. Here both are one limit.

export type StateBlock = {
  counter: string;
  window: "minute" | "hour" | "day";
  /** What each call adds; null when it comes from `from`. */
  step: number | null;
  from: string;
  place: Place;
};

export type Deny = (place: Place, sentence: string) => void;

const stateFields = ["counter", "window", "increment", "increment_from"] as const;

/** Reads a `state` block, or denies and answers null. */
export function readState(node: YamlNode, place: Place, notes: Notes, deny: Deny): StateBlock | null {
  if (node.kind !== "map") {
    deny(place, "`state` must be a map with `counter` and `window`");
    return null;
  }
  let ok = true;
  const refuse: Deny = (at, sentence) => {
    ok = false;
    deny(at, sentence);
  };
  const fields: Fields<(typeof stateFields)[number]> = fieldsOf(node, place.path, stateFields, notes, refuse);
  const at = (field: (typeof stateFields)[number]): Place => ({
    path: [...place.path, field],
    node: fields[field] ?? node,
  });
  const counter = textOf(fields.counter);
  if (counter === null || counter === "") refuse(at("counter"), "the counter has no name");
  const window = windowOf(textOf(fields.window) ?? "");
  if (window === null) refuse(at("window"), "`window` must be `minute`, `hour` or `day`");
  const step = fields.increment === undefined ? 1 : stepOf(fields.increment);
  if (step === null) refuse(at("increment"), "`increment` must be a whole number of 0 or more");
  const from = textOf(fields.increment_from);
  if (from === null || (from !== "" && !isArgument(from))) {
    refuse(at("increment_from"), "`increment_from` must be a path such as `args.amount`, without indexes");
  } else if (from !== "") {
    const sentence = "`increment_from` counts fractions in full here and refuses a negative amount";
    notes.addOnce(at("increment_from"), "stricter", sentence);
  }
  if (!ok || !counter || window === null || step === null || from === null) return null;
  return { counter, window, step: from === "" ? step : null, from, place };
}

export function windowOf(text: string): StateBlock["window"] | null {
  return text === "minute" || text === "hour" || text === "day" ? text : null;
}

function stepOf(node: YamlNode): number | null {
  const read = jsonValueOf(node);
  if (!read.ok) return null;
  const { value } = read;
  if (value === null || value === 0) return 1; // as there
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : null;
}

function isArgument(path: string): boolean {
  const parsed = parsePath(path);
  if (!parsed.ok || parsed.path.root !== "args") return false;
  return parsed.path.segments.every((segment) => segment.kind === "field" && segment.index < 0);
}

/** A condition on a counter: how far it may go. */
export type Bound = {
  op: string;
  value: unknown;
  onDeny: string;
  /**
   * The first `lt` or `lte` beside the counter's own block bounds what the counter holds after the call. Every other
   * condition looks at it before the call.
   */
  isLimit: boolean;
};

/**
 * The highest total that a bound allows.
 *
 * @returns Infinity when the condition always holds; null when no limit can say it.
 */
export function maxOf({ op, value, isLimit }: Bound, { step }: StateBlock): number | null {
  if (op === "exists") return value === true ? Number.POSITIVE_INFINITY : null;
  if (typeof value !== "number") return null;
  if (op === "gte" && value <= 0) return Number.POSITIVE_INFINITY;
  if (op === "gt" && value < 0) return Number.POSITIVE_INFINITY;
  if (op !== "lt" && op !== "lte") return null;
  if (isLimit) return op === "lte" ? Math.trunc(value) : Math.trunc(value) - 1;
  const before = op === "lte" ? Math.floor(value) : Math.ceil(value) - 1;
  // With amounts that differ, what comes on top is not known; without it, the limit refuses sooner. When nothing may be
  // counted before a call, no call passes at all.
  return before < 0 ? -1 : before + (step ?? 0);
}

/** One limit for a counter and everything that bounds it. */
export function limitOf(block: StateBlock, max: number, onDeny: string, scope: Scope): Limit {
  const { counter, window, step, from } = block;
  const limit: Limit = { counter, window, max, scope, reset: "calendar" };
  if (step === null) limit.increment_from = from;
  else if (step !== 1) limit.increment = step;
  if (onDeny !== "") limit.on_deny = onDeny;
  return limit;
}
