import type { RE2JS } from "re2js";
import type { RiskCategory } from "../catalog/schema.ts";
import { type CallView, compileCondition, type Quantifier } from "./condition.ts";
import { compileGlob, compileNames, isGlob, literalsOf } from "./glob.ts";
import { type KnownNames, namesOf } from "./look-alikes.ts";
import type { Truth } from "./operators.ts";
import { parsePath, type ValuePath } from "./path.ts";
import { type Path, pointerOf } from "./pointer.ts";
import { compileLimits, type LimitRule } from "./quota.ts";
import type { actions, Condition, PolicyDocument, ToolRule } from "./schema.ts";
import { type LocalTime, localTimeIn } from "./time.ts";

/** A policy ready to be evaluated: nothing in it is parsed, compiled or sorted again. Made by `parsePolicy`. */
export type Policy = {
  /** What it was made from. */
  readonly document: PolicyDocument;
  readonly default: "allow" | "deny" | "hide";
  readonly hides: (tool: string) => boolean;
  readonly allTools: Rule | null;
  readonly categories: ReadonlyMap<RiskCategory, Rule>;
  readonly exact: ReadonlyMap<string, Rule>;
  /** Narrowest first. */
  readonly globs: readonly { fits: (tool: string) => boolean; rule: Rule }[];
  readonly localTime: LocalTime;
};

export type Rule = {
  readonly pointer: string;
  readonly action: (typeof actions)[number];
  readonly reason: string | undefined;
  readonly require: readonly GroupRule[];
  readonly denyIf: readonly GroupRule[];
  readonly approveIf: readonly GroupRule[];
  readonly limits: readonly LimitRule[];
  /** The argument names that its paths mention; null when it mentions none. */
  readonly names: KnownNames | null;
};

export type GroupRule = {
  readonly pointer: string;
  readonly conditions: readonly {
    readonly pointer: string;
    readonly root: ConditionRoot;
    readonly holds: (view: CallView) => Truth;
    /** In `require`: no call can meet it. */
    readonly neverMet: boolean;
  }[];
  /** `on_deny`, or `message` of an approval. */
  readonly text: string | undefined;
  readonly timeoutS: number | undefined;
};

/** What a condition looks at. */
export type ConditionRoot = ValuePath["root"];

/** Compiled regexes by their text; what check.ts compiled is not compiled again. Of one that is missing nobody can say what it matches. */
export type Patterns = { get(text: string): RE2JS | undefined };

/** Prepares a document that check.ts found no error in. */
export function compile(document: PolicyDocument, patterns: Patterns): Policy {
  return { document, ...assemble(document, (path, rule) => compileRule(rule, path, patterns)) };
}

/**
 * A policy of a document that check.ts found no error in, with rules that are prepared elsewhere.
 *
 * @param ruleOf The rule at a path. Its `action` is looked at for many tools at a time, the rest for a call of its own.
 */
export function assemble(
  document: PolicyDocument,
  ruleOf: (path: Path, rule: ToolRule) => Rule,
): Omit<Policy, "document"> {
  const rules = Object.entries(document.tools ?? {});
  const named = (name: string, rule: ToolRule) => ruleOf(["tools", name], rule);
  const categories = Object.entries(document.categories ?? {}) as [RiskCategory, ToolRule][];
  return {
    default: document.default,
    hides: compileNames(document.hide ?? []),
    allTools: document.all_tools ? ruleOf(["all_tools"], document.all_tools) : null,
    categories: new Map(categories.map(([category, rule]) => [category, ruleOf(["categories", category], rule)])),
    exact: new Map(rules.filter(([name]) => !isGlob(name)).map(([name, rule]) => [name, named(name, rule)])),
    globs: rules
      .filter(([name]) => isGlob(name))
      // Stable, so equals stay in the document's order.
      .sort(([a], [b]) => literalsOf(b) - literalsOf(a))
      .map(([name, rule]) => ({ fits: compileGlob(name), rule: named(name, rule) })),
    localTime: localTimeIn(document.timezone),
  };
}

/** Prepares one rule of a document that check.ts found no error in. */
export function compileRule(rule: ToolRule, path: Path, patterns: Patterns): Rule {
  const groups = (field: "require" | "deny_if" | "approve_if", quantifier: Quantifier): GroupRule[] =>
    (rule[field] ?? []).map((group, index) => {
      const at = [...path, field, index];
      return {
        pointer: pointerOf(at),
        conditions: group.conditions.map((condition, nth) => ({
          pointer: pointerOf([...at, "conditions", nth]),
          root: rootOf(condition),
          holds: compileCondition(condition, quantifier, patternOf(condition, patterns)),
          neverMet: field === "require" && isNeverMet(condition),
        })),
        text: "on_deny" in group ? group.on_deny : "message" in group ? group.message : undefined,
        timeoutS: "timeout" in group ? group.timeout : undefined,
      };
    });
  const names = namesOf(rule);
  return {
    pointer: pointerOf(path),
    action: rule.action ?? "allow",
    reason: rule.reason,
    require: groups("require", "every"),
    denyIf: groups("deny_if", "any"),
    approveIf: groups("approve_if", "any"),
    limits: compileLimits(rule, path),
    names: names.fields.size > 0 ? names : null,
  };
}

/** No value is in an empty list; of no elements (`[*]`) every one is. */
export function isNeverMet({ path, op, value }: Condition): boolean {
  return op === "in" && Array.isArray(value) && value.length === 0 && !path.includes("[*]");
}

function patternOf(condition: Condition, patterns: Patterns): RE2JS | null {
  if (condition.op !== "regex" || typeof condition.value !== "string") return null;
  return patterns.get(condition.value) ?? null;
}

function rootOf({ path }: Condition): ConditionRoot {
  const parsed = parsePath(path);
  return parsed.ok ? parsed.path.root : "args";
}
