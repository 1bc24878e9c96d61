import type { RE2JS } from "re2js";
import type { Operator } from "./schema.ts";

/** Indeterminate holds in `deny_if` and `approve_if` and does not in `require`: what we cannot read never opens a door. */
export type Truth = "holds" | "does_not_hold" | "indeterminate";

/** What one evaluation may still spend, in units of some tens of nanoseconds. */
export type Work = { left: number };

/**
 * Every operator is linear, but linear in 4 MiB of arguments times thousands of conditions still stops a gateway for
 * minutes. What does not fit in half a second is indeterminate.
 */
export const workMax = 10_000_000;

/** Takes `units` from what is left; false when it is used up. */
export function spend(work: Work, units: number): boolean {
  work.left -= units;
  return work.left >= 0;
}

export type Test = { absent: Truth; present(value: unknown, work: Work): Truth };

/** The test of one operator against the value that the document gives it (which check.ts has found to fit). */
export function testOf(op: Operator, expected: unknown, pattern: RE2JS | null): Test {
  switch (op) {
    case "eq":
      return { absent: "does_not_hold", present: (value, work) => equality(value, expected, work) };
    case "neq":
      return { absent: "holds", present: (value, work) => not(equality(value, expected, work)) };
    case "in":
      return { absent: "does_not_hold", present: membership(expected) };
    case "not_in": {
      const member = membership(expected);
      return { absent: "holds", present: (value, work) => not(member(value, work)) };
    }
    case "lt":
      return comparison(expected, (value, bound) => value < bound);
    case "lte":
      return comparison(expected, (value, bound) => value <= bound);
    case "gt":
      return comparison(expected, (value, bound) => value > bound);
    case "gte":
      return comparison(expected, (value, bound) => value >= bound);
    case "contains":
      return { absent: "does_not_hold", present: (value, work) => containment(value, expected, work) };
    case "regex":
      return { absent: "does_not_hold", present: (value, work) => search(value, pattern, work) };
    case "exists":
      return {
        absent: truth(expected === false),
        present: (value) => truth((value !== null) === expected),
      };
  }
}

export function truth(value: boolean): Truth {
  return value ? "holds" : "does_not_hold";
}

function not(value: Truth): Truth {
  if (value === "indeterminate") return value;
  return truth(value !== "holds");
}

function comparison(expected: unknown, compare: (value: number, bound: number) => boolean): Test {
  return {
    absent: "does_not_hold",
    present: (value) =>
      Number.isFinite(value) && Number.isFinite(expected)
        ? truth(compare(value as number, expected as number))
        : "indeterminate",
  };
}

function equality(value: unknown, expected: unknown, work: Work): Truth {
  if (typeof value !== "object" || value === null) {
    return Number.isNaN(value) ? "indeterminate" : truth(value === expected);
  }
  if (holdsNaN(value, work)) return "indeterminate";
  return settled(isEqual(value, expected, work), work);
}

function membership(expected: unknown): (value: unknown, work: Work) => Truth {
  const list = Array.isArray(expected) ? expected : [];
  const scalars = new Set(list.filter((item) => typeof item !== "object" || item === null));
  const others = list.filter((item) => typeof item === "object" && item !== null);
  return (value, work) => {
    if (typeof value !== "object" || value === null) {
      // A Set takes 0 and -0 for the same, as `===` does.
      return Number.isNaN(value) ? "indeterminate" : truth(scalars.has(value));
    }
    if (holdsNaN(value, work)) return "indeterminate";
    return settled(
      others.some((item) => work.left >= 0 && isEqual(value, item, work)),
      work,
    );
  };
}

function containment(value: unknown, expected: unknown, work: Work): Truth {
  if (typeof value === "string") {
    if (typeof expected !== "string" || !spend(work, searchWork(value, expected))) return "indeterminate";
    return truth(value.includes(expected));
  }
  if (!Array.isArray(value)) return "indeterminate";
  let answer: Truth = "does_not_hold";
  for (const item of value) {
    if (!spend(work, 1)) return "indeterminate";
    const found = equality(item, expected, work);
    if (found === "holds") return found;
    if (found === "indeterminate") answer = found;
  }
  return answer;
}

/** The usual search skips ahead; one that was made to be slow looks at every character of what it seeks at every place. */
function searchWork(text: string, sought: string): number {
  return text.length * (1 / 16 + sought.length / 256);
}

function search(value: unknown, pattern: RE2JS | null, work: Work): Truth {
  if (typeof value !== "string" || pattern === null) return "indeterminate";
  if (!spend(work, value.length * pattern.programSize())) return "indeterminate";
  return truth(pattern.test(value));
}

/** A comparison that was broken off because there was too much to look at says nothing. */
function settled(isSame: boolean, work: Work): Truth {
  return work.left < 0 ? "indeterminate" : truth(isSame);
}

/** What counting one key of an object costs: some engines collect them anew each time. */
const keyWork = 10;

/** Recursion is bounded by the depth of `expected`, which comes from a checked document. */
function isEqual(value: unknown, expected: unknown, work: Work): boolean {
  if (typeof value !== "object" || value === null || typeof expected !== "object" || expected === null) {
    return value === expected;
  }
  if (Array.isArray(value) || Array.isArray(expected)) {
    if (!Array.isArray(value) || !Array.isArray(expected) || value.length !== expected.length) return false;
    return value.every((item, index) => isEqual(item, expected[index], work));
  }
  const keys = Object.keys(expected);
  const count = Object.keys(value).length;
  if (!spend(work, keyWork * count) || count !== keys.length) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(value, key) &&
      isEqual((value as Record<string, unknown>)[key], (expected as Record<string, unknown>)[key], work),
  );
}

/** A loop and not recursion: arguments may be nested deeper than the stack. What is too much to look at may hold one. */
function holdsNaN(value: object, work: Work): boolean {
  const open: object[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (!spend(work, 1)) return true;
    for (const item of Array.isArray(next) ? next : Object.values(next)) {
      if (!spend(work, 1)) return true;
      if (typeof item === "object" && item !== null) open.push(item);
      else if (Number.isNaN(item)) return true;
    }
  }
  return false;
}
