import { riskCategories } from "../catalog/schema.ts";
import type { ToolCall } from "./evaluate.ts";
import { facts } from "./path.ts";
import { operators, type PolicyDocument, scopes } from "./schema.ts";

// Documents and calls from few names and values, so that they meet often.

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export type Random = () => number;

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function pick<T>(random: Random, values: readonly T[]): T {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined && values.length === 0) throw new Error("nothing to pick from");
  return value as T;
}

const chance = (random: Random, likelihood: number) => random() < likelihood;

function some<T>(random: Random, countMax: number, make: () => T): T[] {
  return Array.from({ length: Math.floor(random() * (countMax + 1)) }, make);
}

function maybe<T>(random: Random, name: string, likelihood: number, make: () => T): Record<string, T> {
  return chance(random, likelihood) ? { [name]: make() } : {};
}

export const toolNames = ["a", "ab", "abc", "b", "cab", "x/y~z"];
const globs = ["a*", "*b", "*", "a*c", "ab*", "**", "c*b"];
const argumentPaths = [
  "args.n",
  "args.s",
  "args.v",
  "args.list",
  "args.list[*]",
  "args.list.0",
  "args.list.1.x",
  "args.list[*].x",
  "args.list[*][*]",
  "args.o",
  "args.o.x",
  "args.o.x.y",
  "args.o.0",
  "args.missing",
];
const scalars = [0, 1, 5, -1, 0.5, "x", "xy", "5", "", "a", "Read", true, false, null];
const patterns = ["^x", "y$", "x+y", "[0-9]", "", "^(x|a)b?$", "\\d", "^.$"];
const windows = ["minute", "hour", "day", "month", 1, 30, 90] as const;

export function generateDocument(random: Random): PolicyDocument {
  const names = [...toolNames, ...globs].filter(() => chance(random, 0.3));
  // The order of keys decides ties between globs.
  if (chance(random, 0.5)) names.reverse();
  const document = {
    version: "1",
    ...maybe(random, "timezone", 0.2, () => pick(random, ["Europe/Berlin", "Asia/Kolkata", "UTC"])),
    default: pick(random, ["allow", "allow", "deny", "hide"]),
    ...maybe(random, "hide", 0.15, () => some(random, 2, () => pick(random, [...toolNames, "*b", "ab*"]))),
    ...maybe(random, "all_tools", 0.4, () => generateRule(random)),
    ...maybe(random, "categories", 0.4, () =>
      Object.fromEntries(riskCategories.filter(() => chance(random, 0.4)).map((name) => [name, generateRule(random)])),
    ),
    ...maybe(random, "tools", 0.9, () => Object.fromEntries(names.map((name) => [name, generateRule(random)]))),
  };
  return document as PolicyDocument;
}

export function generateRule(random: Random): object {
  let counter = 0;
  const group = (texts: () => object) => ({ conditions: some(random, 2, () => generateCondition(random)), ...texts() });
  // Groups without conditions always hold; often enough is enough.
  const groups = (texts: () => object) =>
    some(random, 2, () => group(texts)).filter(({ conditions }) => conditions.length > 0 || chance(random, 0.15));
  const onDeny = () => maybe(random, "on_deny", 0.3, () => pick(random, ["no", "not so"]));
  return {
    ...maybe(random, "action", 0.2, () => pick(random, ["allow", "deny", "hide", "require_approval"])),
    ...maybe(random, "reason", 0.2, () => "because"),
    ...maybe(random, "require", 0.35, () => groups(onDeny)),
    ...maybe(random, "deny_if", 0.35, () => groups(onDeny)),
    ...maybe(random, "approve_if", 0.3, () =>
      groups(() => ({
        ...maybe(random, "message", 0.3, () => "look"),
        ...maybe(random, "timeout", 0.3, () => pick(random, [1, 60])),
      })),
    ),
    ...maybe(random, "limits", 0.4, () => some(random, 2, () => generateLimit(random, `c${counter++}`))),
    ...maybe(random, "rate_limit", 0.15, () => ({ max: pick(random, [0, 1, 2, 5]), window: pick(random, windows) })),
  };
}

function generateCondition(random: Random): object {
  const path = chance(random, 0.8) ? pick(random, argumentPaths) : pick(random, facts);
  const op = pick(random, operators);
  const value = () => generateValue(random, 2);
  switch (op) {
    case "lt":
    case "lte":
    case "gt":
    case "gte":
      return { path, op, value: pick(random, [0, 1, 5, 0.5, 12]) };
    case "in":
    case "not_in":
      return { path, op, value: some(random, 4, value) };
    case "regex":
      return { path, op, value: pick(random, patterns) };
    case "exists":
      return { path, op, value: chance(random, 0.5) };
    default:
      return { path, op, value: value() };
  }
}

function generateLimit(random: Random, counter: string): object {
  const isCalendar = chance(random, 0.3);
  const single = argumentPaths.filter((path) => !path.includes("[*]"));
  const amount = random();
  return {
    counter,
    window: isCalendar ? pick(random, ["minute", "hour", "day", "month"]) : pick(random, windows),
    max: pick(random, [0, 1, 2, 3, 5.5, 10]),
    ...(isCalendar ? { reset: "calendar" } : {}),
    ...maybe(random, "scope", 0.5, () => pick(random, scopes)),
    ...(amount < 0.2 ? { increment: pick(random, [0, 0.5, 2]) } : {}),
    ...(amount > 0.8 ? { increment_from: pick(random, single) } : {}),
    ...maybe(random, "key", 0.3, () =>
      pick(random, [...single, "tool.name", "tool.category", "grant.label", "client.name", "session.id"]),
    ),
    ...maybe(random, "on_deny", 0.2, () => "full"),
  };
}

/** Any JSON value, and NaN for a number that lost its digits when `withNaN`. */
export function generateValue(random: Random, depth: number, withNaN = false): unknown {
  const kind = random();
  if (depth > 0 && kind < 0.15) return some(random, 3, () => generateValue(random, depth - 1, withNaN));
  if (depth > 0 && kind < 0.3) {
    return {
      ...maybe(random, "x", 0.6, () => generateValue(random, depth - 1, withNaN)),
      ...maybe(random, "y", 0.3, () => generateValue(random, depth - 1, withNaN)),
      ...maybe(random, "0", 0.2, () => generateValue(random, depth - 1, withNaN)),
    };
  }
  return withNaN && kind > 0.97 ? Number.NaN : pick(random, scalars);
}

export function generateArguments(random: Random): unknown {
  if (chance(random, 0.01)) return generateValue(random, 2, true);
  const value = () => generateValue(random, 2, true);
  return {
    ...maybe(random, "n", 0.7, () => (chance(random, 0.6) ? pick(random, [0, 1, 2, 5, 6]) : value())),
    ...maybe(random, "s", 0.7, () => (chance(random, 0.6) ? pick(random, ["x", "xy", "a"]) : value())),
    ...maybe(random, "v", 0.5, value),
    ...maybe(random, "list", 0.6, () => (chance(random, 0.8) ? some(random, 3, value) : value())),
    ...maybe(random, "o", 0.6, () => (chance(random, 0.7) ? { x: value() } : value())),
    // A forgiving server may take it for another one.
    ...maybe(random, pick(random, ["N", "s\u0000", "Missing", "ο", "other"]), 0.04, value),
  };
}

/** Friday, shortly before a midnight in which also the month ends, so that calendar windows turn soon. */
export const startTime = Date.UTC(2026, 6, 31, 23, 58);

export function generateCall(random: Random, now: number): ToolCall {
  return {
    tool: pick(random, toolNames),
    category: pick(random, riskCategories),
    arguments: generateArguments(random),
    grant: { id: pick(random, ["g1", "g2"]), label: pick(random, ["x", "ci"]) },
    client: maybe(random, "name", 0.7, () => pick(random, ["a", "cursor"])),
    session: maybe(random, "id", 0.7, () => pick(random, ["s1", "s2"])),
    server: { id: "server" },
    organisation: { id: "organisation" },
    now,
  };
}
