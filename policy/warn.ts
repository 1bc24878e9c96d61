import { isNeverMet } from "./compile.ts";
import { compileNames } from "./glob.ts";
import type { Path } from "./pointer.ts";
import type { Finding, ProblemCode } from "./problems.ts";
import type { PolicyDocument, ToolRule } from "./schema.ts";

// What a document says in vain. None of it makes a policy unsafe, all of it surprises its author.

/** Every rule of a document with its path. */
export function rulesOf(document: PolicyDocument): { path: Path; rule: ToolRule }[] {
  const under = (field: "categories" | "tools") =>
    Object.entries<ToolRule>(document[field] ?? {}).map(([name, rule]) => ({ path: [field, name], rule }));
  const all = document.all_tools ? [{ path: ["all_tools"], rule: document.all_tools }] : [];
  return [...all, ...under("categories"), ...under("tools")];
}

/** The warnings that need no list of the server's tools. */
export function warn(document: PolicyDocument): Finding[] {
  const shadowOf = shadows(document);
  return rulesOf(document).flatMap(({ path, rule }): Finding[] => {
    const shadow = shadowOf(path);
    if (shadow === null) return warnRule(rule, path, document);
    const message = `${shadow}, so this rule never fires; remove one of the two`;
    return [{ code: "never_fires", path, message, severity: "warning", atKey: true }];
  });
}

/** What keeps a whole rule from ever being asked, as a clause, or null. */
function shadows(document: PolicyDocument): (path: Path) => string | null {
  const hides = compileNames(document.hide ?? []);
  // A star in a name can only be met by a star of the covering glob, so a glob's own text stands for all that it fits.
  const hidesAll = hides("*");
  const namesAll = Object.keys(document.tools ?? {}).find((tool) => /^\*+$/.test(tool));
  return ([field, name]) => {
    if (hidesAll) return "`hide` covers every tool";
    if (field === "tools" && hides(String(name))) return "`hide` covers this name";
    if (field === "categories" && namesAll) return `\`tools\` has \`${namesAll}\`, which comes before categories`;
    return null;
  };
}

function warnRule(rule: ToolRule, path: Path, document: PolicyDocument): Finding[] {
  const findings: Finding[] = [];
  const say = (code: ProblemCode, at: Path, message: string) =>
    findings.push({ code, path: [...path, ...at], message, severity: "warning" });
  const never = (at: Path, because: string) => say("never_fires", at, `${because}, so this never fires; remove it`);
  const all = path[0] === "all_tools" ? undefined : document.all_tools;

  const refusal = refusesAll(rule) ? "`action` refuses every call" : null;
  const outerRefusal = all && refusesAll(all) ? "`all_tools` refuses every call" : null;
  if (refusal ?? outerRefusal) {
    for (const field of ["require", "deny_if", "approve_if", "limits", "rate_limit"] as const) {
      if (rule[field] !== undefined) never([field], refusal ?? outerRefusal ?? "");
    }
    if (outerRefusal && rule.action === "require_approval") never(["action"], outerRefusal);
    return findings;
  }

  for (const [index, group] of (rule.require ?? []).entries()) {
    if (group.conditions.length === 0) never(["require", index], "a group without conditions always holds");
    for (const [nth, condition] of group.conditions.entries()) {
      if (!isNeverMet(condition)) continue;
      const at = ["require", index, "conditions", nth, "value"];
      say(
        "never_allows",
        at,
        "no value is in an empty list, so every call is refused; add the values that are allowed",
      );
    }
  }

  const denies = firstUnconditional(rule.deny_if);
  for (const index of after(denies, rule.deny_if))
    never(["deny_if", index], `\`deny_if/${denies}\` refuses every call`);
  const allDenies = firstUnconditional(all?.deny_if);
  let refused: string | null = null;
  if (denies >= 0) refused = `\`deny_if/${denies}\` refuses every call`;
  else if (allDenies >= 0) refused = `\`all_tools/deny_if/${allDenies}\` refuses every call`;
  if (refused) {
    if (rule.limits?.length) never(["limits"], refused);
    if (rule.rate_limit) never(["rate_limit"], refused);
  } else {
    for (const { at, max, increment } of quotasOf(rule)) {
      if (increment === 0) never(at, "a call adds nothing to it");
      else if (increment > max) {
        say("never_allows", [...at, "max"], "no call fits in this limit; say `action: deny` if that is meant");
        refused = `the limit \`${at.join("/")}\` refuses every call`;
      }
    }
  }
  if (refused) {
    if (rule.approve_if?.length) never(["approve_if"], refused);
    if (rule.action === "require_approval") never(["action"], refused);
  } else if (rule.action === "require_approval") {
    if (rule.approve_if?.length) never(["approve_if"], "`action` asks for approval of every call");
  } else {
    const asks = firstUnconditional(rule.approve_if);
    for (const index of after(asks, rule.approve_if))
      never(["approve_if", index], `\`approve_if/${asks}\` always holds`);
  }
  return findings;
}

function refusesAll(rule: ToolRule): boolean {
  return rule.action === "deny" || rule.action === "hide";
}

type Groups = readonly { conditions: readonly unknown[] }[] | undefined;

function firstUnconditional(groups: Groups): number {
  return (groups ?? []).findIndex((group) => group.conditions.length === 0);
}

function after(index: number, groups: Groups): number[] {
  return index < 0 ? [] : [...(groups ?? []).keys()].slice(index + 1);
}

/** Limits that add the same for every call. */
function quotasOf(rule: ToolRule): { at: Path; max: number; increment: number }[] {
  const long = (rule.limits ?? []).flatMap(({ max, increment, increment_from }, index) =>
    increment_from === undefined ? [{ at: ["limits", index], max, increment: increment ?? 1 }] : [],
  );
  return rule.rate_limit ? [...long, { at: ["rate_limit"], max: rule.rate_limit.max, increment: 1 }] : long;
}
