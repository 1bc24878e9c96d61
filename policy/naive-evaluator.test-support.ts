import type { ToolCall } from "./evaluate.ts";
import type { ApprovalGroup, Condition, Group, Limit, PolicyDocument, ToolRule } from "./schema.ts";

// The language once more, as the contract and README.md say it. It shares no code with evaluate.ts and works another way: slow,
// nothing prepared, every question asked of the document itself. Only to be compared with.

export type NaiveAnswer = {
  code: string;
  rule: string;
  /** The author's own words for the answer, where there are any. */
  text?: string;
  timeoutS?: number;
};

/** What was counted: when, how much and for which counter. */
export type NaiveLog = { counter: string; at: number; amount: number }[];

type Named = { rule: ToolRule; pointer: string };
type Three = true | false | "unclear";

/** Decides a call and, when it is let through or waits, writes down what it takes. */
export function decideNaively(document: PolicyDocument, call: ToolCall, log: NaiveLog): NaiveAnswer {
  const own = ruleOf(document, call);
  const rules: Named[] = [];
  if (own) rules.push(own);
  if (document.all_tools) rules.push({ rule: document.all_tools, pointer: "/all_tools" });

  if ((document.hide ?? []).some((name) => matches(name, call.tool))) return { code: "hidden", rule: "/hide" };
  if (own?.rule.action === "hide") return { code: "hidden", rule: own.pointer };
  if (!own && document.default === "hide") return { code: "hidden", rule: "/default" };
  if (document.all_tools?.action === "hide") return { code: "hidden", rule: "/all_tools" };
  if (!own && document.default === "deny") return { code: "default_deny", rule: "/default" };
  for (const { rule, pointer } of rules) {
    if (rule.action === "deny") return withText({ code: "denied", rule: `${pointer}/action` }, rule.reason);
  }
  if (
    hasLookAlike(
      call.arguments,
      rules.flatMap(({ rule }) => [...pathsOf(rule), ...pathsOfValues(rule)]),
    )
  ) {
    return { code: "ambiguous_argument", rule: "(arguments)" };
  }
  for (const { rule, pointer } of rules) {
    for (const [index, group] of (rule.require ?? []).entries()) {
      if (groupHolds(group, "every", call, document) === true) continue;
      return withText({ code: "requirement_failed", rule: `${pointer}/require/${index}` }, group.on_deny);
    }
  }
  for (const { rule, pointer } of rules) {
    for (const [index, group] of (rule.deny_if ?? []).entries()) {
      if (groupHolds(group, "some", call, document) === false) continue;
      return withText({ code: "denied", rule: `${pointer}/deny_if/${index}` }, group.on_deny);
    }
  }
  const taken: { limit: Limit; pointer: string; counter: string; amount: number }[] = [];
  for (const { rule, pointer } of rules) {
    const limits = (rule.limits ?? []).map((limit, index) => ({
      limit,
      at: `${pointer}/limits/${index}`,
      of: pointer,
    }));
    if (rule.rate_limit) {
      const limit: Limit = { counter: "rate_limit", scope: "session", ...rule.rate_limit };
      limits.push({ limit, at: `${pointer}/rate_limit`, of: `${pointer}/rate_limit` });
    }
    for (const { limit, at, of } of limits) {
      const amount = limit.increment_from ? valuesAt(limit.increment_from, call, document)[0] : (limit.increment ?? 1);
      if (typeof amount !== "number" || !Number.isFinite(amount) || amount < 0)
        return { code: "invalid_increment", rule: at };
      taken.push({ limit, pointer: at, counter: counterOf(limit, of, call, document), amount });
    }
  }
  for (const { limit, pointer, counter, amount } of taken) {
    const used = log.filter((entry) => entry.counter === counter && isInWindow(entry.at, limit, call.now));
    const total = used.reduce((sum, entry) => sum + entry.amount, 0);
    // Nothing that adds nothing is ever too much, unless what is there already is.
    if (total + amount > limit.max) return withText({ code: "rate_limited", rule: pointer }, limit.on_deny);
  }
  for (const { counter, amount } of taken) log.push({ counter, at: call.now, amount });
  for (const { rule, pointer } of rules) {
    if (rule.action === "require_approval") {
      return withText({ code: "approval_required", rule: `${pointer}/action`, timeoutS: 300 }, rule.reason);
    }
    for (const [index, group] of (rule.approve_if ?? []).entries()) {
      if (groupHolds(group, "some", call, document) === false) continue;
      const answer = {
        code: "approval_required",
        rule: `${pointer}/approve_if/${index}`,
        timeoutS: group.timeout ?? 300,
      };
      return withText(answer, group.message ?? rule.reason);
    }
  }
  return { code: "allowed", rule: own?.pointer ?? "/default" };
}

function withText(answer: NaiveAnswer, text: string | undefined): NaiveAnswer {
  return text === undefined ? answer : { ...answer, text };
}

function ruleOf(document: PolicyDocument, { tool, category }: ToolCall): Named | null {
  const tools = Object.entries(document.tools ?? {});
  const pointer = (name: string) => `/tools/${name.split("~").join("~0").split("/").join("~1")}`;
  for (const [name, rule] of tools) if (name === tool && !name.includes("*")) return { rule, pointer: pointer(name) };
  let best: Named | null = null;
  let literals = -1;
  for (const [name, rule] of tools) {
    const count = name.split("*").join("").length;
    if (!name.includes("*") || !matches(name, tool) || count <= literals) continue;
    best = { rule, pointer: pointer(name) };
    literals = count;
  }
  const ofCategory = document.categories?.[category];
  return best ?? (ofCategory ? { rule: ofCategory, pointer: `/categories/${category}` } : null);
}

/** By trying every length for each star. */
function matches(glob: string, name: string): boolean {
  if (glob === "") return name === "";
  if (glob[0] !== "*") return glob[0] === name[0] && name !== "" && matches(glob.slice(1), name.slice(1));
  for (let length = 0; length <= name.length; length += 1) if (matches(glob.slice(1), name.slice(length))) return true;
  return false;
}

function groupHolds(
  group: Group | ApprovalGroup,
  elements: "some" | "every",
  call: ToolCall,
  document: PolicyDocument,
): Three {
  const answers = group.conditions.map((condition) => conditionHolds(condition, elements, call, document));
  if (answers.includes(false)) return false;
  return answers.includes("unclear") ? "unclear" : true;
}

const nothing = Symbol("nothing");
const misfit = Symbol("misfit");

function conditionHolds(
  { path, op, value }: Condition,
  elements: "some" | "every",
  call: ToolCall,
  document: PolicyDocument,
): Three {
  const ask = (found: unknown): Three => {
    if (found === misfit) return "unclear";
    if (found === nothing) return op === "neq" || op === "not_in" || (op === "exists" && value === false);
    return compare(found, op, value);
  };
  const fold = (tree: Tree): Three => {
    if (!("each" in tree)) return ask(tree.value);
    const answers = tree.each.map(fold);
    if (answers.includes(elements === "some")) return elements === "some";
    return answers.includes("unclear") ? "unclear" : elements === "every";
  };
  return fold(treeAt(path, call, document));
}

/** What is at a path: one value, or one for each element. */
type Tree = { value: unknown } | { each: Tree[] };

function treeAt(path: string, call: ToolCall, document: PolicyDocument): Tree {
  const [root = "", ...rest] = path.split(".");
  if (root === "args") {
    const steps = rest.flatMap((part) => part.split(/(?=\[\*\])/));
    return walk(call.arguments, steps);
  }
  const clock = new Date(call.now).toLocaleString("en-GB", {
    timeZone: document.timezone ?? "UTC",
    hour: "2-digit",
    weekday: "long",
    hour12: false,
  });
  const days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
  const facts: Record<string, unknown> = {
    "tool.name": call.tool,
    "tool.category": call.category,
    "grant.label": call.grant.label,
    "client.name": call.client.name ?? nothing,
    "session.id": call.session.id ?? nothing,
    "time.hour": Number(/\d+/.exec(clock)?.[0]) % 24,
    "time.weekday": days.findIndex((day) => clock.includes(day)) + 1,
  };
  return { value: facts[path] };
}

function walk(value: unknown, steps: readonly string[]): Tree {
  const [step, ...rest] = steps;
  if (step === undefined) return { value };
  if (value === null || value === undefined || value === nothing) return { value: nothing };
  if (step === "[*]") return Array.isArray(value) ? { each: value.map((item) => walk(item, rest)) } : { value: misfit };
  if (typeof value !== "object") return { value: misfit };
  if (Array.isArray(value)) {
    if (!/^(0|[1-9][0-9]*)$/.test(step)) return { value: misfit };
    return Number(step) < value.length ? walk(value[Number(step)], rest) : { value: nothing };
  }
  const entry = Object.entries(value).find(([name]) => name === step);
  return entry && entry[1] !== undefined ? walk(entry[1], rest) : { value: nothing };
}

function compare(found: unknown, op: Condition["op"], value: unknown): Three {
  if (op === "exists") return (found !== null) === value;
  switch (op) {
    case "lt":
    case "lte":
    case "gt":
    case "gte": {
      if (typeof found !== "number" || !Number.isFinite(found)) return "unclear";
      const difference = found - Number(value);
      if (difference === 0) return op === "lte" || op === "gte";
      return difference < 0 ? op === "lt" || op === "lte" : op === "gt" || op === "gte";
    }
    case "regex":
      return typeof found === "string" ? new RegExp(String(value), "u").test(found) : "unclear";
    case "contains":
      if (typeof found === "string")
        return typeof value === "string" ? found.split(value).length > 1 || value === "" : "unclear";
      if (!Array.isArray(found)) return "unclear";
      if (found.some((item) => !hidesNaN(item) && same(item, value))) return true;
      return found.some(hidesNaN) ? "unclear" : false;
    default: {
      if (hidesNaN(found)) return "unclear";
      const isIn = (op === "eq" || op === "neq" ? [value] : (value as unknown[])).some((one) => same(found, one));
      return op === "eq" || op === "in" ? isIn : !isIn;
    }
  }
}

function hidesNaN(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).some(hidesNaN);
  return Number.isNaN(value);
}

/** By a text with sorted keys. */
function same(a: unknown, b: unknown): boolean {
  const text = (value: unknown): string => {
    if (Array.isArray(value)) return `[${value.map(text).join()}]`;
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    return `{${Object.entries(value)
      .map(([name, item]) => `${JSON.stringify(name)}:${text(item)}`)
      .sort()
      .join()}}`;
  };
  return text(a) === text(b);
}

function valuesAt(path: string, call: ToolCall, document: PolicyDocument): unknown[] {
  const tree = treeAt(path, call, document);
  return "value" in tree ? [tree.value] : [];
}

function counterOf(limit: Limit, pointer: string, call: ToolCall, document: PolicyDocument): string {
  const owners = {
    grant: [call.grant.id],
    session: [call.grant.id, call.session.id ?? null],
    server: [call.server.id],
    organisation: [call.organisation.id],
  };
  const scope = limit.scope ?? "grant";
  let key: unknown = "no key";
  if (limit.key !== undefined) {
    const [found] = valuesAt(limit.key, call, document);
    if (found === nothing || found === null) key = { none: true };
    else if (found === misfit || typeof found === "object" || Number.isNaN(found)) key = { unclear: true };
    else key = [found];
  }
  return JSON.stringify([scope, owners[scope], pointer, limit.counter, key]);
}

function isInWindow(at: number, { window, reset }: Limit, now: number): boolean {
  const seconds = { minute: 60, hour: 3_600, day: 86_400, month: 31 * 86_400 };
  if (reset !== "calendar") return at > now - (typeof window === "number" ? window : seconds[window]) * 1_000;
  // "2026-07-31T23:58:00.000Z": as much of it as the window is long.
  const digits = { minute: 16, hour: 13, day: 10, month: 7 }[window as "minute"];
  return new Date(at).toISOString().slice(0, digits) === new Date(now).toISOString().slice(0, digits);
}

function pathsOf(rule: ToolRule): string[][] {
  const groups = [...(rule.require ?? []), ...(rule.deny_if ?? []), ...(rule.approve_if ?? [])];
  const paths = [
    ...groups.flatMap(({ conditions }) => conditions.map(({ path }) => path)),
    ...(rule.limits ?? []).flatMap(({ increment_from, key }) => [increment_from ?? "", key ?? ""]),
  ];
  return paths
    .filter((path) => path.startsWith("args."))
    .map((path) =>
      path
        .slice("args.".length)
        .split(".")
        .flatMap((part) => part.split(/(?=\[\*\])/)),
    );
}

/** The same paths, lengthened by the names in the objects that conditions compare with. */
function pathsOfValues(rule: ToolRule): string[][] {
  const groups = [...(rule.require ?? []), ...(rule.deny_if ?? []), ...(rule.approve_if ?? [])];
  return groups
    .flatMap(({ conditions }) => conditions)
    .flatMap((condition) => {
      const [path] = pathsOf({ require: [{ conditions: [condition] }] });
      if (path === undefined) return [];
      const { op, value } = condition;
      const values = (op === "in" || op === "not_in") && Array.isArray(value) ? value : [value];
      const steps = op === "contains" ? [...path, "[*]"] : path;
      return values.flatMap((one) => namesWithin(one).map((rest) => [...steps, ...rest]));
    });
}

function namesWithin(value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, held]) => {
    const step = Array.isArray(value) ? "[*]" : name;
    return [[step], ...namesWithin(held).map((rest) => [step, ...rest])];
  });
}

/** Whether a name in the arguments is none that the paths have there, but becomes one when spelt forgivingly. */
function hasLookAlike(value: unknown, paths: readonly (readonly string[])[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  const after = (name: string) => paths.filter(([step]) => step === name).map(([, ...rest]) => rest);
  if (Array.isArray(value)) {
    return value.some((item, index) => hasLookAlike(item, [...after("[*]"), ...after(String(index))]));
  }
  const names = paths.flatMap(([step]) => (step === undefined || step === "[*]" ? [] : [step]));
  return Object.entries(value).some(([name, item]) => {
    if (names.includes(name)) return hasLookAlike(item, after(name));
    return names.some((known) => forgiving(known) === forgiving(name));
  });
}

function forgiving(name: string): string {
  return [...name]
    .filter((character) => !/\p{C}/u.test(character))
    .join("")
    .normalize("NFKC")
    .toUpperCase()
    .toLowerCase();
}
