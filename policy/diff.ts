import { isDeepEqual } from "./deep-equal.ts";
import { coveringRule } from "./edit.ts";
import { compileGlob, compileNames, isGlob } from "./glob.ts";
import type { KnownTool } from "./reachable.ts";
import type { PolicyDocument, ToolRule } from "./schema.ts";
import { asLimit, conditionsWords, durationWords, inFull, namesWords, shortLimitWords, valueWords } from "./words.ts";

/** One change in words. */
export type Difference = {
  /** The tools it concerns; empty when it concerns none of the list. */
  tools: string[];
  /** Like: `vm_create`: was denied, now at most 10 a minute. Without a period. */
  sentence: string;
};

/**
 * What another document would change, first for the tools of the list (tools with the same change together), then for
 * everything else. Empty only for documents that say the same.
 */
export function diff(
  oldDocument: PolicyDocument,
  newDocument: PolicyDocument,
  tools: readonly KnownTool[],
): Difference[] {
  const known = new Set(tools.map(({ name }) => name));
  // A name that the list does not have may be a tool tomorrow; the document names it, so its category changes nothing.
  const named = [...exactNames(oldDocument), ...exactNames(newDocument)].filter((name) => !known.has(name));
  const subjects = [...tools, ...[...new Set(named)].map((name) => ({ name, category: "Other" as const }))];
  const changes = new Map<string, string[]>();
  for (const tool of subjects) {
    const change = changeOf(standing(oldDocument, tool), standing(newDocument, tool));
    if (change !== null) changes.set(change, [...(changes.get(change) ?? []), tool.name]);
  }
  const differences = [...changes].map(([change, names]) => ({
    tools: names.filter((name) => known.has(name)),
    sentence: `${namesWords(names)}: ${names.length === 1 ? change : change.replace(/^was /, "were ")}`,
  }));
  const all = [...differences, ...elsewhere(oldDocument, newDocument, subjects)];
  if (all.length > 0 || isDeepEqual(oldDocument, newDocument)) return all;
  return [{ tools: [], sentence: "nothing changes for these tools; what differs is covered by other rules" }];
}

/** What holds for one tool, taken apart. */
type Standing = {
  /** What refuses or lets through as a whole. */
  whole: string;
  /** What bounds it besides, in words. */
  parts: string[];
  /** Everything that decides, also what the words leave out. */
  exact: unknown;
};

function standing(document: PolicyDocument, { name, category }: KnownTool): Standing {
  const covering = coveringRule(document, name, category);
  const all = document.all_tools ?? {};
  const rules = covering ? [covering.rule, all] : [all];
  const exact = [covering ?? document.default, all, document.timezone];
  const hides =
    compileNames(document.hide ?? [])(name) ||
    rules.some(({ action }) => action === "hide") ||
    (covering === null && document.default === "hide");
  // Nothing else about it matters as long as it is refused.
  if (hides) return { whole: "hidden", parts: [], exact: "hidden" };
  const isUnnamed = covering === null && document.default === "deny";
  const denies = isUnnamed || rules.some(({ action }) => action === "deny");
  if (denies) return { whole: "denied", parts: [], exact: ["denied", isUnnamed, rules.map(({ reason }) => reason)] };
  const parts = [
    ...rules.slice(0, -1).flatMap((rule) => partsOf(rule)),
    ...partsOf(all).map((part) => `${part} (all tools)`),
  ];
  return { whole: "allowed", parts: timed(parts, document, rules), exact };
}

/** Hours mean something else in another time zone. */
function timed(parts: string[], { timezone }: PolicyDocument, rules: readonly ToolRule[]): string[] {
  const groups = rules.flatMap((rule) => [
    ...(rule.require ?? []),
    ...(rule.deny_if ?? []),
    ...(rule.approve_if ?? []),
  ]);
  const readsClock = groups.some(({ conditions }) => conditions.some(({ path }) => path.startsWith("time.")));
  return readsClock ? [...parts, `by the clock of ${timezone ?? "UTC"}`] : parts;
}

function partsOf(rule: ToolRule): string[] {
  const group = (conditions: Parameters<typeof conditionsWords>[0], elements: "any" | "every", before: string) =>
    conditions.length === 0 ? "" : `${before} ${conditionsWords(conditions, elements, inFull)}`;
  const limits = [...(rule.limits ?? []), ...(rule.rate_limit ? [asLimit(rule.rate_limit)] : [])];
  return [
    ...(rule.require ?? []).map(({ conditions }) => group(conditions, "every", "only when")),
    ...(rule.deny_if ?? []).map(({ conditions }) => group(conditions, "any", "denied when") || "denied always"),
    ...limits.map(shortLimitWords),
    ...(rule.action === "require_approval" ? ["with approval"] : []),
    ...(rule.approve_if ?? []).map(({ conditions, timeout }) => {
      const when = group(conditions, "any", "with approval when") || "with approval";
      return timeout === undefined ? when : `${when} (within ${durationWords(timeout)})`;
    }),
  ].filter((part) => part !== "");
}

/** Null when nothing changes. */
function changeOf(before: Standing, after: Standing): string | null {
  if (isDeepEqual(before.exact, after.exact)) return null;
  const gone = without(before.parts, after.parts);
  const come = without(after.parts, before.parts);
  if (before.whole !== after.whole || (before.parts.length === 0) !== (after.parts.length === 0)) {
    return `was ${stateWords(before)}, now ${stateWords(after)}`;
  }
  if (gone.length > 0 && come.length > 0) return `was ${gone.join(" and ")}, now ${come.join(" and ")}`;
  if (gone.length > 0) return `no longer ${gone.join(" and no longer ")}`;
  if (come.length > 0) return `now also ${come.join(" and ")}`;
  return before.whole === "allowed"
    ? "the same bounds, written differently: their order, their counters or what callers read"
    : "still refused, callers read another reason";
}

function stateWords({ whole, parts }: Standing): string {
  return parts.length === 0 ? whole : parts.join(" and ");
}

function without(parts: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return parts.filter((part) => {
    const found = left.indexOf(part);
    if (found >= 0) left.splice(found, 1);
    return found < 0;
  });
}

function exactNames(document: PolicyDocument): string[] {
  return [...Object.keys(document.tools ?? {}), ...(document.hide ?? [])].filter((name) => !isGlob(name));
}

/** What no tool of the list shows: defaults, rules for tools that are not there, words about the document. */
function elsewhere(before: PolicyDocument, after: PolicyDocument, tools: readonly KnownTool[]): Difference[] {
  const said: Difference[] = [];
  const say = (sentence: string) => said.push({ tools: [], sentence });
  const governing = new Set(
    [before, after].flatMap((document) =>
      tools.map(({ name, category }) => coveringRule(document, name, category)?.rule ?? null),
    ),
  );
  const governs = (rule: ToolRule | null) => rule !== null && governing.has(rule);
  if (before.default !== after.default) {
    say(`a tool that nothing names: was ${defaultWords[before.default]}, now ${defaultWords[after.default]}`);
  }
  for (const [glob, old, rule] of pairsOf(before.tools, after.tools)) {
    if (!isGlob(glob) || governs(old) || governs(rule)) continue;
    say(`tools like \`${glob}\` that nothing else names: ${ruleChange(old, rule)}`);
  }
  for (const [category, old, rule] of pairsOf(before.categories, after.categories)) {
    if (governs(old) || governs(rule)) continue;
    say(`${category} tools that nothing else names: ${ruleChange(old, rule)}`);
  }
  const hidden = (document: PolicyDocument) => new Set((document.hide ?? []).filter(isGlob));
  const [wasHidden, isHidden] = [hidden(before), hidden(after)];
  const none = (glob: string) => !tools.some(({ name }) => compileGlob(glob)(name));
  for (const glob of wasHidden) if (!isHidden.has(glob) && none(glob)) say(`tools like \`${glob}\`: no longer hidden`);
  for (const glob of isHidden) if (!wasHidden.has(glob) && none(glob)) say(`tools like \`${glob}\`: now hidden`);
  if (before.timezone !== after.timezone) {
    say(`hours and weekdays: were those of ${before.timezone ?? "UTC"}, now those of ${after.timezone ?? "UTC"}`);
  }
  if (before.description !== after.description) {
    say(`the description: was ${quoted(before.description)}, now ${quoted(after.description)}`);
  }
  return said;
}

const defaultWords = { allow: "allowed", deny: "denied", hide: "hidden" } as const;

function quoted(text: string | undefined): string {
  return text === undefined ? "empty" : valueWords(text);
}

type Rules = Readonly<Record<string, ToolRule | undefined>> | undefined;

/** Entries that are not the same on both sides. */
function pairsOf(before: Rules, after: Rules): [name: string, old: ToolRule | null, rule: ToolRule | null][] {
  const at = (rules: Rules, name: string) => (rules && Object.hasOwn(rules, name) ? (rules[name] ?? null) : null);
  return [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
    .map((name): [string, ToolRule | null, ToolRule | null] => [name, at(before, name), at(after, name)])
    .filter(([, old, rule]) => !isDeepEqual(old, rule));
}

function ruleChange(old: ToolRule | null, rule: ToolRule | null): string {
  const state = (one: ToolRule | null): Standing => {
    if (one === null) return { whole: "without a rule", parts: [], exact: null };
    const whole = one.action === "deny" ? "denied" : one.action === "hide" ? "hidden" : "allowed";
    return { whole, parts: whole === "allowed" ? partsOf(one) : [], exact: one };
  };
  return changeOf(state(old), state(rule)) ?? "written differently";
}
