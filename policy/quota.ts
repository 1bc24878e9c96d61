import type { Reservation, ToolCall } from "./call.ts";
import { isGlob } from "./glob.ts";
import { absent, parsePath, single, type ValuePath } from "./path.ts";
import { type Path, pointerOf } from "./pointer.ts";
import type { Limit, Scope, ToolRule, WindowName } from "./schema.ts";

// What a limit of a document takes from which counter. Counting itself is limits.ts.

/** A limit, prepared. */
export type LimitRule = {
  readonly pointer: string;
  /** Where the amount comes from, like `args.maxPrice`; undefined when every call adds the same. */
  readonly amountPath: string | undefined;
  readonly max: number;
  readonly scope: Scope;
  /** A calendar window is never longer. */
  readonly windowMs: number;
  /** What every call adds; undefined when it comes from the arguments. */
  readonly increment: number | undefined;
  /** Null when the call's amount cannot be read. */
  readonly reservation: (call: ToolCall) => Reservation | null;
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** A sliding month is the longest one, so that no calendar month ever holds more than `max` either. */
const windowsMs: Record<WindowName, number> = { minute: minuteMs, hour: hourMs, day: dayMs, month: 31 * dayMs };
/** A longer value of `key` is not worth a counter of its own. */
const keyLengthMax = 1_024;

/** The limits of a rule; `rate_limit` is one more, with a session each. */
export function compileLimits(rule: ToolRule, path: Path): LimitRule[] {
  const limits = (rule.limits ?? []).map((limit, index) =>
    compileLimit(limit, path, path, pointerOf([...path, "limits", index])),
  );
  if (rule.rate_limit) {
    const at = [...path, "rate_limit"];
    const short: Limit = { counter: "rate_limit", ...rule.rate_limit, scope: "session" };
    limits.push(compileLimit(short, path, at, pointerOf(at)));
  }
  return limits;
}

/**
 * The counter's identity is the scope's owner, the rule, the counter's name and the window, but neither the limit's
 * index nor the policy or its version: publishing an unchanged limit again keeps its count.
 */
function compileLimit(limit: Limit, rule: Path, identity: Path, pointer: string): LimitRule {
  const scope = limit.scope ?? "grant";
  const calendar = limit.reset === "calendar" && typeof limit.window === "string" ? limit.window : null;
  const windowMs = typeof limit.window === "number" ? limit.window * 1_000 : windowsMs[limit.window];
  const identityEnd = JSON.stringify([pointerOf(identity), limit.counter, calendar ?? windowMs / 1_000]).slice(1, -1);
  const keyOf = keysKept(scope, identityEnd);
  const keyPath = limit.key === undefined ? null : readable(limit.key);
  const amountPath = limit.increment_from === undefined ? undefined : readable(limit.increment_from);
  const sentence = sentenceOf(limit, rule);
  return {
    pointer,
    amountPath: limit.increment_from,
    max: limit.max,
    scope,
    windowMs,
    increment: limit.increment_from === undefined ? (limit.increment ?? 1) : undefined,
    reservation(call) {
      const amount = amountPath === undefined ? (limit.increment ?? 1) : amountPath && valueAt(amountPath, call);
      if (typeof amount !== "number" || !Number.isFinite(amount) || amount < 0) return null;
      const reservation: Reservation = {
        key:
          keyPath === null
            ? keyOf(call)
            : `[${ownerOf(scope, call)},${identityEnd},${keyText(valueAt(keyPath, call))}]`,
        windowMs,
        max: limit.max,
        amount,
        rule: pointer,
        sentence: sentence(call.tool),
      };
      if (limit.on_deny !== undefined) reservation.onDeny = limit.on_deny;
      if (calendar) {
        const [start, end] = calendarWindow(calendar, call.now);
        reservation.windowMs = end - start;
        reservation.calendarStart = start;
        reservation.calendarEnd = end;
      }
      return reservation;
    },
  };
}

const keysKeptMax = 256;

/**
 * Makes the keys of a limit without `key`. Those of the same owner are one string: whoever looks a key up has its hash from the
 * last time. Sessions come and go, so theirs are made anew.
 */
function keysKept(scope: Scope, identityEnd: string): (call: ToolCall) => string {
  const kept = new Map<string, string>();
  const make = (call: ToolCall) => `[${ownerOf(scope, call)},${identityEnd}]`;
  if (scope === "session") return make;
  return (call) => {
    const { id } = call[scope];
    let key = kept.get(id);
    if (key === undefined) {
      key = make(call);
      if (kept.size >= keysKeptMax) kept.clear();
      kept.set(id, key);
    }
    return key;
  };
}

/** A session counts inside its grant; without a session (2026-07-28 has none) the grant's calls count together. */
function ownerOf(scope: Scope, call: ToolCall): string {
  switch (scope) {
    case "grant":
      return `"grant",${JSON.stringify(call.grant.id)}`;
    case "session":
      return call.session.id === undefined
        ? `"session",${JSON.stringify(call.grant.id)},null`
        : `"session",${JSON.stringify(call.grant.id)},${JSON.stringify(call.session.id)}`;
    case "server":
      return `"server",${JSON.stringify(call.server.id)}`;
    case "organisation":
      return `"organisation",${JSON.stringify(call.organisation.id)}`;
  }
}

/**
 * One text for each value, `[]` for none. Values nobody can tell apart (a number that lost digits, anything longer than
 * the cap) share one counter: that refuses sooner, a counter for each would never refuse.
 */
function keyText(value: unknown): string {
  if (value === absent || value === null) return "[]";
  if (typeof value === "string") return value.length > keyLengthMax ? "[[]]" : `[${JSON.stringify(value)}]`;
  if (typeof value === "number") return Number.isFinite(value) ? `[${JSON.stringify(value)}]` : "[[]]";
  if (typeof value === "boolean") return `[${value}]`;
  // Objects and arrays have many spellings and are no names of anything.
  return "[[]]";
}

function readable(text: string): ValuePath | null {
  const parsed = parsePath(text);
  return parsed.ok ? parsed.path : null;
}

function valueAt(path: ValuePath, call: ToolCall): unknown {
  switch (path.root) {
    case "args":
      return single(call.arguments, path.segments);
    case "tool.name":
      return call.tool;
    case "tool.category":
      return call.category;
    case "grant.label":
      return call.grant.label;
    case "client.name":
      return call.client.name ?? absent;
    case "session.id":
      return call.session.id ?? absent;
    // check.ts refuses a clock as key: it would be a second window.
    case "time.hour":
    case "time.weekday":
      return absent;
  }
}

/**
 * The same reservation by another clock: a calendar window is the one that `now` is in.
 *
 * @param now Milliseconds since the epoch.
 */
export function inWindowAt(reservation: Reservation, now: number): Reservation {
  if (reservation.calendarStart === undefined) return reservation;
  const names: readonly WindowName[] = ["minute", "hour", "day"];
  const name = names.find((one) => windowsMs[one] === reservation.windowMs) ?? "month";
  const [calendarStart, calendarEnd] = calendarWindow(name, now);
  return { ...reservation, windowMs: calendarEnd - calendarStart, calendarStart, calendarEnd };
}

function calendarWindow(window: WindowName, now: number): [start: number, end: number] {
  if (window !== "month") {
    const start = Math.floor(now / windowsMs[window]) * windowsMs[window];
    return [start, start + windowsMs[window]];
  }
  const date = new Date(now);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return [Date.UTC(year, month), Date.UTC(year, month + 1)];
}

function sentenceOf(limit: Limit, rule: Path): (tool: string) => string {
  const countsCalls = limit.increment_from === undefined && (limit.increment ?? 1) === 1;
  const amount = countsCalls ? `${limit.max} ${limit.max === 1 ? "call" : "calls"}` : `a total of ${limit.max}`;
  const bound = `limited to ${amount} ${spell(limit.window)}.`;
  const [place, name] = rule;
  if (limit.key === "tool.name") return (tool) => `${tool} is ${bound}`;
  if (place === "all_tools") return () => `The tools of this server together are ${bound}`;
  if (place === "tools" && !isGlob(String(name))) return () => `${name} is ${bound}`;
  return (tool) => `${tool} and the tools that share its rule are ${bound}`;
}

function spell(window: WindowName | number): string {
  switch (window) {
    case "minute":
    case 60:
      return "a minute";
    case "hour":
    case 3_600:
      return "an hour";
    case "day":
    case 86_400:
      return "a day";
    case "month":
      return "a month";
    case 1:
      return "a second";
    default:
      return `in ${window} seconds`;
  }
}
