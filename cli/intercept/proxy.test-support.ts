// The Intercept proxy's own decisions, written from its documentation and behaviour alone, slowly and plainly: what a
// converted policy is compared with.

export type ProxyCondition = { path: string; op: string; value: unknown };
export type ProxyRule = {
  name: string;
  action?: "deny" | "evaluate";
  rate_limit?: string;
  conditions?: ProxyCondition[];
  on_deny?: string;
  state?: { counter: string; window: "minute" | "hour" | "day"; increment?: number; increment_from?: string };
};
export type ProxyPolicy = {
  version: "1";
  default?: "allow" | "deny";
  hide?: string[];
  tools: Record<string, { rules: ProxyRule[] }>;
};

const windowsMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
type Counted = { value: number; start: number; windowMs: number };

export class InterceptProxy {
  private readonly counters = new Map<string, Counted>();
  private readonly policy: ProxyPolicy;

  constructor(policy: ProxyPolicy) {
    this.policy = policy;
  }

  allows(tool: string, args: Record<string, unknown>, now: number): boolean {
    const { hide = [], tools } = this.policy;
    if (hide.includes(tool) || hide.includes("*")) return false;
    if (this.policy.default === "deny" && !Object.hasOwn(tools, tool)) return false;
    const rules = [
      ...(tools[tool]?.rules ?? []).map((rule) => ({ rule: written(rule, tool), scope: tool })),
      ...(tools["*"]?.rules ?? []).map((rule) => ({ rule: written(rule, "_global"), scope: "_global" })),
    ];
    for (const { rule } of rules) {
      if (rule.action === "deny") return false;
      if (!(rule.conditions ?? []).every((condition) => this.holds(condition, args, now))) return false;
    }
    return this.reserves(rules, args, now);
  }

  private holds({ path, op, value }: ProxyCondition, args: Record<string, unknown>, now: number): boolean {
    const [isThere, found] = path.startsWith("state.")
      ? [true, this.count(path.slice(6), now)]
      : at(args, path.slice(5));
    if (op === "exists") return (isThere && found !== null) === value;
    if (!isThere) return false;
    const numbers = typeof found === "number" && typeof value === "number" ? [found, value] : null;
    const list = Array.isArray(value) ? value : [];
    if (op === "eq") return isEqual(found, value);
    if (op === "neq") return !isEqual(found, value);
    if (op === "in") return list.some((one) => isEqual(found, one));
    if (op === "not_in") return !list.some((one) => isEqual(found, one));
    if (op === "regex") return typeof found === "string" && new RegExp(String(value)).test(found);
    if (op === "contains") {
      if (typeof found === "string") return typeof value === "string" && found.includes(value);
      return Array.isArray(found) && found.some((one) => isEqual(one, value));
    }
    const [left = 0, right = 0] = numbers ?? [];
    const order: Record<string, boolean> = {
      lt: left < right,
      lte: left <= right,
      gt: left > right,
      gte: left >= right,
    };
    return numbers !== null && order[op] === true;
  }

  private count(key: string, now: number): number {
    const counted = this.counters.get(key);
    return counted && counted.start === startOf(now, counted.windowMs) ? counted.value : 0;
  }

  private reserves(rules: { rule: ProxyRule; scope: string }[], args: Record<string, unknown>, now: number): boolean {
    const taken: { key: string; amount: number }[] = [];
    for (const { rule, scope } of rules) {
      if (!rule.state) continue;
      const { counter, window, increment, increment_from } = rule.state;
      const [isThere, amountThere] = increment_from ? at(args, increment_from.slice(5)) : [true, increment || 1];
      const amount = isThere && typeof amountThere === "number" ? Math.trunc(amountThere) : null;
      const bound = (rule.conditions ?? []).find(
        ({ path, op }) => path === `state.${scope}.${counter}` && (op === "lt" || op === "lte"),
      );
      const limit = bound ? Math.trunc(Number(bound.value)) - (bound.op === "lt" ? 1 : 0) : Number.POSITIVE_INFINITY;
      const key = `${scope}.${counter}`;
      const value = this.count(key, now);
      if (amount === null || (bound && value + amount > limit)) {
        for (const { key: other, amount: back } of taken) {
          const counted = this.counters.get(other);
          if (counted) counted.value -= back;
        }
        return false;
      }
      if (!bound) continue;
      const windowMs = windowsMs[window];
      this.counters.set(key, { value: value + amount, start: startOf(now, windowMs), windowMs });
      taken.push({ key, amount });
    }
    return true;
  }
}

/** A rate written out. */
function written(rule: ProxyRule, scope: string): ProxyRule {
  if (rule.rate_limit === undefined) return rule;
  const [count, window] = rule.rate_limit.split("/") as [string, "minute" | "hour" | "day"];
  const counter = `_rate_${window}`;
  const conditions = [{ path: `state.${scope}.${counter}`, op: "lte", value: Number(count) }];
  return { name: rule.name, conditions, state: { counter, window } };
}

function startOf(now: number, windowMs: number): number {
  return Math.floor(now / windowMs) * windowMs;
}

function at(args: unknown, path: string): [boolean, unknown] {
  let value = args;
  for (const step of path.split(".")) {
    if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, step)) {
      return [false, undefined];
    }
    value = (value as Record<string, unknown>)[step];
  }
  return [true, value];
}

function isEqual(left: unknown, right: unknown): boolean {
  if (typeof left === "number" && typeof right === "number") return left === right;
  return print(left, true) === print(right, false);
}

/** As the proxy prints a value: numbers of the arguments are floating, whole numbers of the policy are not. */
function print(value: unknown, isFloating: boolean): string {
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return `[${value.map((one) => print(one, isFloating)).join(" ")}]`;
  if (typeof value === "number" && isFloating && Math.abs(value) >= 1e6) {
    return value.toExponential().replace(/e\+(\d)$/, "e+0$1");
  }
  return String(value);
}
