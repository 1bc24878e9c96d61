import { parsePath } from "./path.ts";
import type { Condition, Limit, RateLimit, WindowName } from "./schema.ts";

// The parts of a document in plain words, for explain.ts and diff.ts.

/** How `[*]` reads: any element in `deny_if` and `approve_if`, every element in `require`. */
type Elements = "any" | "every";

/** How much of a value is worth reading in a sentence. */
export type Brevity = {
  charactersMax: number;
  membersMax: number;
  /** Names and texts without `args.` and quotes, for a place where everybody knows what they are. */
  isPlain?: boolean;
};
export const inSentence: Brevity = { charactersMax: 120, membersMax: 12 };
/** For the chip of a block. */
export const inChip: Brevity = { charactersMax: 40, membersMax: 4, isPlain: true };
/** For comparing: nothing is left out. */
export const inFull: Brevity = { charactersMax: Number.POSITIVE_INFINITY, membersMax: Number.POSITIVE_INFINITY };

/** Conditions of one group, like: args.amount is more than 100 and args.currency is "EUR". */
export function conditionsWords(conditions: readonly Condition[], elements: Elements, brevity = inSentence): string {
  return conditions.map((condition) => conditionWords(condition, elements, brevity)).join(" and ");
}

function conditionWords({ path, op, value }: Condition, elements: Elements, brevity: Brevity): string {
  const subject = pathWords(path, elements, brevity.isPlain);
  const shown = valueWords(value, brevity);
  switch (op) {
    case "eq":
      return `${subject} is ${shown}`;
    case "neq":
      return `${subject} is not ${shown}`;
    case "lt":
      return `${subject} is less than ${shown}`;
    case "lte":
      return `${subject} is at most ${shown}`;
    case "gt":
      return `${subject} is more than ${shown}`;
    case "gte":
      return `${subject} is at least ${shown}`;
    case "in":
      return `${subject} is one of ${membersWords(value, brevity)}`;
    case "not_in":
      return `${subject} is none of ${membersWords(value, brevity)}`;
    case "contains":
      return `${subject} contains ${shown}`;
    case "regex":
      return `${subject} matches the pattern ${shown}`;
    case "exists":
      return `${subject} ${value === false ? "is not given" : "is given"}`;
  }
}

const factWords = {
  "tool.name": "the tool's name",
  "tool.category": "the tool's category",
  "grant.label": "the grant's label",
  "client.name": "the client's name",
  "session.id": "the session's id",
  "time.hour": "the hour of the day",
  "time.weekday": "the weekday (Monday is 1)",
} as const;

export function pathWords(path: string, elements: Elements, isPlain = false): string {
  const parsed = parsePath(path);
  if (!parsed.ok) return `\`${path}\``;
  if (parsed.path.root !== "args") return factWords[parsed.path.root];
  const hasEach = parsed.path.segments.some(({ kind }) => kind === "each");
  const name = isPlain ? path.slice("args.".length) : path;
  if (!hasEach) return name;
  return `${elements === "any" ? "any of" : "each of"} ${name}`;
}

/** Text as JSON writes it, so that a value's type can be seen. */
export function valueWords(value: unknown, { charactersMax, isPlain }: Brevity = inSentence): string {
  const text = isPlain && isWord(value) ? value : (JSON.stringify(value) ?? "nothing");
  return text.length > charactersMax ? `${text.slice(0, charactersMax)}…` : text;
}

/** Whether a text can stand without quotes and be taken neither for another type nor for more than one value. */
function isWord(value: unknown): value is string {
  return (
    typeof value === "string" && /^[\p{L}_/][\p{L}\p{N}_./:@-]*$/u.test(value) && !/^(true|false|null)$/.test(value)
  );
}

function membersWords(value: unknown, brevity: Brevity): string {
  if (!Array.isArray(value)) return valueWords(value, brevity);
  if (value.length === 0) return "nothing";
  const shown = value.slice(0, brevity.membersMax).map((item) => valueWords(item, brevity));
  const more = value.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}

/** A limit in full; `rate_limit` is one of each session. */
export function asLimit(rate: RateLimit): Limit {
  return { counter: "rate_limit", ...rate, scope: "session" };
}

const scopeWords = {
  grant: "for each grant",
  session: "for each session",
  server: "for all grants of the server together",
  organisation: "for the whole organisation",
} as const;

/** Like: at most 10 calls in any minute for each grant. */
export function limitWords(limit: Limit): string {
  const window = windowWords(limit.window);
  const period = limit.reset === "calendar" ? `in a calendar ${window} (UTC)` : `in any ${window}`;
  return [`at most ${quantityWords(limit)} ${period} ${scopeWords[limit.scope ?? "grant"]}`, ...apartWords(limit)].join(
    ", ",
  );
}

/** Like: at most 10 a minute. Only what is unusual is said besides. */
export function shortLimitWords(limit: Limit): string {
  const each = typeof limit.window === "number" ? `in ${windowWords(limit.window)}` : perWords[limit.window];
  const countsCalls = limit.increment_from === undefined && (limit.increment ?? 1) === 1;
  const quantity = countsCalls ? String(limit.max) : quantityWords(limit);
  const scope = limit.scope === undefined || limit.scope === "grant" ? "" : ` ${scopeWords[limit.scope]}`;
  const calendar = limit.reset === "calendar" ? " of the calendar (UTC)" : "";
  return [`at most ${quantity} ${each}${calendar}${scope}`, ...apartWords(limit)].join(", ");
}

function quantityWords(limit: Limit): string {
  if (limit.increment_from !== undefined) return `${limit.max} in total of ${limit.increment_from}`;
  const increment = limit.increment ?? 1;
  if (increment !== 1) return `${limit.max} in total, ${increment} a call,`;
  return `${limit.max} ${limit.max === 1 ? "call" : "calls"}`;
}

function apartWords(limit: Limit): string[] {
  return limit.key === undefined ? [] : [`each value of ${pathWords(limit.key, "any")} apart`];
}

const perWords: Record<WindowName, string> = { minute: "a minute", hour: "an hour", day: "a day", month: "a month" };

function windowWords(window: WindowName | number): string {
  if (typeof window === "string") return window;
  return window === 1 ? "second" : `${window} seconds`;
}

/** Like: 10 minutes. */
export function durationWords(seconds: number): string {
  if (seconds % 3_600 === 0) return seconds === 3_600 ? "an hour" : `${seconds / 3_600} hours`;
  if (seconds % 60 === 0) return seconds === 60 ? "a minute" : `${seconds / 60} minutes`;
  return seconds === 1 ? "a second" : `${seconds} seconds`;
}

/** Like: `a`, `b` and 3 more. */
export function namesWords(names: readonly string[], namesMax = 3): string {
  const quoted = names.map((name) => `\`${name}\``);
  if (quoted.length > namesMax + 1)
    return `${quoted.slice(0, namesMax).join(", ")} and ${quoted.length - namesMax} more`;
  const last = quoted.pop() ?? "";
  return quoted.length === 0 ? last : `${quoted.join(", ")} and ${last}`;
}
