import { isDeepEqual } from "./deep-equal.ts";
import type { BlockList } from "./edit.ts";
import type { ApprovalGroup, Condition, Group, Limit, RateLimit, Scope, ToolRule, WindowName } from "./schema.ts";
import { asLimit } from "./words.ts";

type Quota = {
  counter: string;
  max: number;
  window: WindowName | number;
  scope: Scope;
  reset: "sliding" | "calendar";
  key?: string;
  onDeny?: string;
};

/** A part of a rule as the board shows it. What no other kind can say is `custom`. */
export type Block =
  /** Counts calls. */
  | ({ kind: "rate_limit" } & Quota)
  /** Adds up an argument. */
  | ({ kind: "spend_limit"; path: string } & Quota)
  | { kind: "must_be"; conditions: Condition[]; onDeny?: string }
  | { kind: "must_not_be"; conditions: Condition[]; onDeny?: string }
  /**
   * Allowed from the hour `from` (0 to 23) until before the hour `to` (1 to 24), over midnight when `from` is the later one;
   * on `weekdays` (Monday 1 to Sunday 7) or, when null, on all. After midnight it is the next weekday. The same hour twice
   * is no time at all.
   */
  | { kind: "hours"; from: number; to: number; weekdays: number[] | null; onDeny?: string }
  /** Without conditions every call asks. `timeout` in seconds. */
  | { kind: "ask_when"; conditions: Condition[]; message?: string; timeout?: number }
  | { kind: "custom" };
export type BlockKind = Exclude<Block["kind"], "custom">;
export type KnownBlock = Exclude<Block, { kind: "custom" }>;
export type Item = Group | ApprovalGroup | Limit;

/** Where a block stands. `rate_limit` is the short form of a rule. */
export type PlacedBlock = {
  block: Block;
  list: BlockList | "rate_limit";
  index: number;
  item: Item | RateLimit;
  /** JSON Pointer relative to the rule, without the first slash: `limits/0`. */
  at: string;
};

/** All items of a rule in the order in which they decide; within a list in the document's. */
export function blocksOf(rule: ToolRule): PlacedBlock[] {
  const placed = (list: BlockList) =>
    (rule[list] ?? []).map((item, index) => ({
      block: blockOf(list, item),
      list,
      index,
      item,
      at: `${list}/${index}`,
    }));
  const short = rule.rate_limit;
  return [
    ...placed("require"),
    ...placed("deny_if"),
    ...placed("limits"),
    ...(short
      ? [{ block: quotaBlock(asLimit(short)), list: "rate_limit" as const, index: 0, item: short, at: "rate_limit" }]
      : []),
    ...placed("approve_if"),
  ];
}

/** The item that says what a block says; `blocksOf` reads the same block from it. */
export function itemOf(block: KnownBlock): { list: BlockList; item: Item } {
  switch (block.kind) {
    case "rate_limit":
      return { list: "limits", item: limitOf(block) };
    case "spend_limit":
      return { list: "limits", item: { ...limitOf(block), increment_from: block.path } };
    case "must_be":
      return { list: "require", item: groupOf(block.conditions, block.onDeny) };
    case "must_not_be":
      return { list: "deny_if", item: groupOf(block.conditions, block.onDeny) };
    case "hours":
      return hoursItem(block);
    case "ask_when": {
      const { conditions, message, timeout } = block;
      const item: ApprovalGroup = { conditions };
      if (message !== undefined) item.message = message;
      if (timeout !== undefined) item.timeout = timeout;
      return { list: "approve_if", item };
    }
  }
}

function blockOf(list: BlockList, item: Item): Block {
  if ("counter" in item) return quotaBlock(item);
  const { conditions } = item;
  if (list === "approve_if") {
    const { message, timeout } = item as ApprovalGroup;
    return {
      kind: "ask_when",
      conditions,
      ...(message === undefined ? {} : { message }),
      ...(timeout === undefined ? {} : { timeout }),
    };
  }
  // One requires nothing, the other refuses everything; neither is about an argument.
  if (conditions.length === 0) return { kind: "custom" };
  const { on_deny } = item as Group;
  const onDeny = on_deny === undefined ? {} : { onDeny: on_deny };
  const hours = hoursOf(list, conditions);
  if (hours) return { kind: "hours", ...hours, ...onDeny };
  return { kind: list === "require" ? "must_be" : "must_not_be", conditions, ...onDeny };
}

function groupOf(conditions: Condition[], onDeny: string | undefined): Group {
  return onDeny === undefined ? { conditions } : { conditions, on_deny: onDeny };
}

function quotaBlock(limit: Limit): Block {
  const { counter, max, window, scope = "grant", reset = "sliding", key, on_deny, increment, increment_from } = limit;
  const quota: Quota = { counter, max, window, scope, reset };
  if (key !== undefined) quota.key = key;
  if (on_deny !== undefined) quota.onDeny = on_deny;
  if (increment_from !== undefined && increment === undefined) {
    return { kind: "spend_limit", path: increment_from, ...quota };
  }
  // Calls that count twice or not at all.
  if (increment_from !== undefined || (increment ?? 1) !== 1) return { kind: "custom" };
  return { kind: "rate_limit", ...quota };
}

function limitOf({ counter, max, window, scope, reset, key, onDeny }: Quota): Limit {
  const limit: Limit = { counter, window, max, scope };
  if (key !== undefined) limit.key = key;
  if (reset === "calendar") limit.reset = reset;
  if (onDeny !== undefined) limit.on_deny = onDeny;
  return limit;
}

type Hours = { from: number; to: number; weekdays: number[] | null };

/** The hours that conditions say, only when writing them again gives the same conditions. */
function hoursOf(list: BlockList, conditions: readonly Condition[]): Hours | null {
  const value = (path: string, op: Condition["op"]) =>
    conditions.find((condition) => condition.path === path && condition.op === op)?.value;
  const weekdays = value("time.weekday", "in") ?? null;
  if (weekdays !== null && !isWeekdays(weekdays)) return null;
  const [first, end] = [value("time.hour", "gte"), value("time.hour", "lt")];
  const night = value("time.hour", "in");
  let hours: Hours;
  if (list === "deny_if") hours = { from: Number(end), to: Number(first), weekdays };
  else if (Array.isArray(night)) hours = { from: Number(night[0]), to: Number(night.at(-1)) + 1, weekdays };
  else hours = { from: Number(first ?? 0), to: Number(end ?? 24), weekdays };
  if (!isHour(hours.from, 0, 23) || !isHour(hours.to, 1, 24)) return null;
  const written = hoursItem({ kind: "hours", ...hours });
  return written.list === list && hasSame(written.item.conditions, conditions) ? hours : null;
}

function hasSame(conditions: readonly Condition[], others: readonly Condition[]): boolean {
  return (
    conditions.length === others.length &&
    conditions.every((condition) => others.some((other) => isDeepEqual(condition, other)))
  );
}

function isHour(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

function isWeekdays(value: unknown): value is number[] {
  if (!Array.isArray(value) || value.length === 0 || new Set(value).size !== value.length) return false;
  return value.every((day) => Number.isInteger(day) && day >= 1 && day <= 7);
}

function hoursItem({ from, to: end, weekdays, onDeny }: KnownBlock & { kind: "hours" }): {
  list: "require" | "deny_if";
  item: Group;
} {
  // Until 0 is until midnight.
  const to = end === 0 && from > 0 ? 24 : end;
  const days: Condition[] = weekdays === null ? [] : [{ path: "time.weekday", op: "in", value: weekdays }];
  if (from <= to) {
    const isAllDay = from === 0 && to === 24 && weekdays !== null;
    return { list: "require", item: groupOf(isAllDay ? days : [...between(from, to), ...days], onDeny) };
  }
  if (weekdays === null) return { list: "deny_if", item: groupOf(between(to, from), onDeny) };
  // A denial of the gap would say nothing about the other weekdays.
  const night = Array.from({ length: 24 - from + to }, (_, nth) => (from + nth) % 24);
  return {
    list: "require",
    item: groupOf([{ path: "time.hour", op: "in", value: night }, ...days], onDeny),
  };
}

function between(from: number, to: number): Condition[] {
  return [
    { path: "time.hour", op: "gte", value: from },
    { path: "time.hour", op: "lt", value: to },
  ];
}
