import { RE2JS } from "re2js";
import { isSingle, parsePath } from "./path.ts";
import type { Path } from "./pointer.ts";
import type { Finding, ProblemCode } from "./problems.ts";
import { type Condition, type Limit, type PolicyDocument, type ToolRule, toolsMax } from "./schema.ts";
import { isTimezone } from "./time.ts";
import { rulesOf, warn } from "./warn.ts";

/** Bounds of one regex and of all in a document: a compiled `x{1000}` repeated often enough fills the memory. */
export const patternLengthMax = 2_000;
export const patternSizeMax = 10_000;
const patternsSizeMax = 100_000;

/** What is wrong with a document of the right shape, and the regexes that were compiled on the way. */
export function check(document: PolicyDocument): { findings: Finding[]; patterns: Map<string, RE2JS> } {
  const checker = new Checker();
  checker.document(document);
  return { findings: [...checker.findings, ...warn(document)], patterns: checker.patterns };
}

/** The errors of a document of the right shape, but for regexes that RE2 refuses: those `compilePattern` finds when one is used. */
export function checkWithoutPatterns(document: PolicyDocument): Finding[] {
  const checker = new Checker(false);
  checker.document(document);
  return checker.findings;
}

/** A regex of a document, compiled within the bounds that are held to here; null when it is out of them or RE2 refuses it. */
export function compilePattern(text: string): RE2JS | null {
  if (text.length > patternLengthMax) return null;
  try {
    const pattern = RE2JS.compile(text);
    return pattern.programSize() > patternSizeMax ? null : pattern;
  } catch {
    return null;
  }
}

class Checker {
  private readonly compilesPatterns: boolean;
  readonly findings: Finding[] = [];
  readonly patterns = new Map<string, RE2JS>();
  private patternsSize = 0;
  private gaveUpOnPatterns = false;

  constructor(compilesPatterns = true) {
    this.compilesPatterns = compilesPatterns;
  }

  document(document: PolicyDocument): void {
    const tools = Object.keys(document.tools ?? {}).length;
    if (tools > toolsMax) {
      this.error(
        "too_many_tools",
        ["tools"],
        `there are ${tools} tools, at most ${toolsMax} fit; use globs or categories`,
      );
    }
    if (document.timezone !== undefined && !isTimezone(document.timezone)) {
      const message = `\`${document.timezone.slice(0, 40)}\` is no time zone; write an IANA name such as \`Europe/Berlin\``;
      this.error("unknown_timezone", ["timezone"], message);
    }
    for (const { path, rule } of rulesOf(document)) this.rule(rule, path);
  }

  private rule(rule: ToolRule, path: Path): void {
    for (const field of ["require", "deny_if", "approve_if"] as const) {
      for (const [index, group] of (rule[field] ?? []).entries()) {
        for (const [nth, condition] of group.conditions.entries()) {
          this.condition(condition, [...path, field, index, "conditions", nth]);
        }
      }
    }
    const counters = new Set<string>();
    for (const [index, limit] of (rule.limits ?? []).entries()) {
      const at = [...path, "limits", index];
      if (counters.has(limit.counter)) {
        const message = `the counter \`${limit.counter}\` is used twice in this rule; give each limit its own name`;
        this.error("duplicate_counter", [...at, "counter"], message);
      }
      counters.add(limit.counter);
      this.limit(limit, at);
    }
    if (rule.rate_limit) this.window(rule.rate_limit.window, [...path, "rate_limit", "window"]);
  }

  private condition(condition: Condition, path: Path): void {
    const parsed = parsePath(condition.path);
    if (!parsed.ok) this.error("bad_path", [...path, "path"], parsed.message);
    const { op, value } = condition;
    const needs = (what: string) =>
      this.error("value_does_not_fit", [...path, "value"], `\`${op}\` needs ${what} as \`value\``);
    switch (op) {
      case "lt":
      case "lte":
      case "gt":
      case "gte":
        if (typeof value !== "number") needs("a number");
        return;
      case "in":
      case "not_in":
        if (!Array.isArray(value)) needs("a list");
        return;
      case "exists":
        if (typeof value !== "boolean") needs("true or false");
        return;
      case "regex":
        if (typeof value !== "string") needs("a regular expression in double quotes");
        else if (this.compilesPatterns) this.pattern(value, [...path, "value"]);
        return;
      case "eq":
      case "neq":
      case "contains":
        return;
    }
  }

  private limit(limit: Limit, path: Path): void {
    this.window(limit.window, [...path, "window"]);
    if (limit.reset === "calendar" && typeof limit.window === "number") {
      const message = "a calendar window starts with the UTC minute, hour, day or month; name one of them as `window`";
      this.error("value_does_not_fit", [...path, "reset"], message);
    }
    if (limit.increment !== undefined && limit.increment_from !== undefined) {
      const message = "`increment` and `increment_from` exclude each other; keep one";
      this.error("conflicting_fields", [...path, "increment"], message);
    }
    for (const field of ["increment_from", "key"] as const) {
      const text = limit[field];
      if (text === undefined) continue;
      const parsed = parsePath(text);
      const at = [...path, field];
      if (!parsed.ok) this.error("bad_path", at, parsed.message);
      else if (!isSingle(parsed.path)) {
        this.error("bad_path", at, `\`${field}\` needs one value; write an index such as \`.0\` and not \`[*]\``);
      } else if (field === "increment_from" && parsed.path.root !== "args") {
        this.error("bad_path", at, "`increment_from` reads a number in the arguments; write `args.<name>`");
      } else if (parsed.path.root === "time.hour" || parsed.path.root === "time.weekday") {
        this.error("bad_path", at, "a clock is no `key`; use `window` for time");
      }
    }
  }

  private window(window: Limit["window"], path: Path): void {
    if (typeof window === "number" && !Number.isSafeInteger(window * 1_000)) {
      this.error("bad_number", path, "`window` is longer than time can be counted; make it shorter");
    }
  }

  private pattern(text: string, path: Path): void {
    // After one giant the others are not compiled: each may take most of a second.
    if (this.gaveUpOnPatterns || this.patterns.has(text)) return;
    const tooLarge = "this regex is too large; use shorter repetitions, fewer alternatives or several conditions";
    if (text.length > patternLengthMax) {
      this.error("bad_regex", path, `this regex is longer than ${patternLengthMax} characters; split it`);
      return;
    }
    try {
      const pattern = RE2JS.compile(text);
      const size = pattern.programSize();
      this.patternsSize += size;
      this.gaveUpOnPatterns = size > patternSizeMax || this.patternsSize > patternsSizeMax;
      if (this.gaveUpOnPatterns) this.error("bad_regex", path, tooLarge);
      else this.patterns.set(text, pattern);
    } catch (cause) {
      const detail =
        cause instanceof Error ? cause.message.replace(/^error parsing regexp: /, "") : "it cannot be read";
      this.error("bad_regex", path, `RE2 refuses this regex: ${detail.slice(0, 200)}`);
    }
  }

  private error(code: ProblemCode, path: Path, message: string): void {
    this.findings.push({ code, path, message, severity: "error" });
  }
}
