import type { RE2JS } from "re2js";
import type { ToolCall } from "./call.ts";
import { spend, type Test, type Truth, testOf, type Work } from "./operators.ts";
import { absent, type Fact, mistyped, parsePath, type Segment, step } from "./path.ts";
import type { Condition } from "./schema.ts";
import type { LocalTime } from "./time.ts";

/** One call while it is evaluated. */
export type CallView = Work & { call: ToolCall; localTime: LocalTime };

/** How `[*]` reads: any element in `deny_if` and `approve_if`, every element in `require`. */
export type Quantifier = "any" | "every";

/** Prepares a condition of a checked document. */
export function compileCondition(
  condition: Condition,
  quantifier: Quantifier,
  pattern: RE2JS | null,
): (view: CallView) => Truth {
  const parsed = parsePath(condition.path);
  const test = testOf(condition.op, condition.value, pattern);
  // check.ts refuses such a path; if it ever came here it must not open a door.
  if (!parsed.ok) return () => "indeterminate";
  const { path } = parsed;
  if (path.root === "args") return (view) => walk(view.call.arguments, path.segments, 0, quantifier, test, view);
  const read = factReader(path.root);
  return (view) => {
    const value = read(view);
    return value === undefined ? test.absent : test.present(value, view);
  };
}

function walk(
  start: unknown,
  segments: readonly Segment[],
  from: number,
  quantifier: Quantifier,
  test: Test,
  view: CallView,
): Truth {
  let value = start;
  for (let at = from; at < segments.length; at += 1) {
    const segment = segments[at];
    if (segment === undefined) break;
    if (segment.kind === "each") {
      if (value === null) return test.absent;
      if (!Array.isArray(value)) return "indeterminate";
      return overElements(value, quantifier, view, (item) => walk(item, segments, at + 1, quantifier, test, view));
    }
    value = step(value, segment);
    if (value === absent) return test.absent;
    if (value === mistyped) return "indeterminate";
  }
  return test.present(value, view);
}

function overElements(
  items: readonly unknown[],
  quantifier: Quantifier,
  work: Work,
  holds: (item: unknown) => Truth,
): Truth {
  const decisive = quantifier === "any" ? "holds" : "does_not_hold";
  let answer: Truth = quantifier === "any" ? "does_not_hold" : "holds";
  for (const item of items) {
    if (!spend(work, 2)) return "indeterminate";
    const found = holds(item);
    if (found === decisive) return found;
    if (found === "indeterminate") answer = found;
  }
  return answer;
}

function factReader(fact: Fact): (view: CallView) => string | number | undefined {
  switch (fact) {
    case "tool.name":
      return ({ call }) => call.tool;
    case "tool.category":
      return ({ call }) => call.category;
    case "grant.label":
      return ({ call }) => call.grant.label;
    case "client.name":
      return ({ call }) => call.client.name;
    case "session.id":
      return ({ call }) => call.session.id;
    case "time.hour":
      return ({ call, localTime }) => localTime(call.now).hour;
    case "time.weekday":
      return ({ call, localTime }) => localTime(call.now).weekday;
  }
}
