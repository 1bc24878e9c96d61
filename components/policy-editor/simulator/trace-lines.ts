import type { TraceStep } from "../../../policy/evaluate.ts";
import { parsePath, single } from "../../../policy/path.ts";
import type { Condition, Limit, PolicyDocument, RateLimit } from "../../../policy/schema.ts";
import { asLimit, conditionsWords, shortLimitWords, valueWords } from "../../../policy/words.ts";
import type { Simulation } from "./simulate.ts";

/** One step of a decision, for people. */
export type TraceLine = {
  /** JSON Pointer into the document; null for what is not written there. */
  pointer: string | null;
  /** What was looked at, like: Requirement. */
  title: string;
  /** Whose rule it is, like: vm_create. Empty where it is nobody's in particular. */
  whose: string;
  words: string;
  outcome: "passes" | "decides" | "reserves" | "full";
  conditions: ConditionLine[];
};
export type ConditionLine = {
  pointer: string;
  words: string;
  outcome: "holds" | "does_not_hold" | "indeterminate";
  /** What the call has there, as JSON; null when that is nothing, or several values. */
  seen: string | null;
};

const seenMax = { charactersMax: 60, membersMax: 4 };

/** The trace of a simulated call. What a policy cannot decide (a freeze, a changed definition) is left out. */
export function traceLines(
  { trace, code, rule }: Pick<Simulation, "trace" | "code" | "rule">,
  document: PolicyDocument,
  args: unknown,
): TraceLine[] {
  return trace
    .filter(({ step }) => step !== "frozen" && step !== "definition")
    .map((step) => {
      const isFull = step.step === "limit" && code === "rate_limited" && step.rule === rule;
      return lineOf(step, isFull ? "full" : step.outcome, document, args);
    });
}

function lineOf(step: TraceStep, outcome: TraceLine["outcome"], document: PolicyDocument, args: unknown): TraceLine {
  const written = valueAt(document, step.rule);
  const elements = step.step === "require" ? "every" : "any";
  const conditions = (step.conditions ?? []).map((condition) => {
    const source = valueAt(document, condition.rule) as Condition | undefined;
    return {
      pointer: condition.rule,
      outcome: condition.outcome,
      words: source ? conditionsWords([source], elements) : condition.rule,
      seen: source ? seenAt(source.path, args) : null,
    };
  });
  return {
    pointer: step.rule.startsWith("/") && (written !== undefined || step.rule === "/default") ? step.rule : null,
    ...titleAndWords(step, written, document),
    whose: whoseRule(step.rule),
    outcome,
    conditions,
  };
}

function titleAndWords(
  { step, outcome }: TraceStep,
  written: unknown,
  document: PolicyDocument,
): { title: string; words: string } {
  switch (step) {
    case "policy":
      return { title: "Policy", words: "there is none" };
    case "frozen":
    case "definition":
      return { title: step, words: "" };
    case "hide":
      return {
        title: "Hidden tools",
        words: outcome === "decides" ? "the tool is hidden" : "the tool is not among them",
      };
    case "default":
      return { title: "Default", words: `nothing names the tool, so: ${document.default}` };
    case "action":
      return {
        title: "Action",
        words: written === "require_approval" ? "a person decides each call" : String(written),
      };
    case "arguments":
      return { title: "Argument names", words: "one can be taken for another that a rule reads" };
    case "require":
      return { title: "Requirement", words: groupWords(written, "every", "always holds") };
    case "deny_if":
      return { title: "Denied when", words: groupWords(written, "any", "always") };
    case "limit":
      return { title: "Limit", words: shortLimitWords(limitOf(written)) };
    case "approve_if":
      return { title: "Asks a person when", words: groupWords(written, "any", "always") };
  }
}

function groupWords(written: unknown, elements: "any" | "every", empty: string): string {
  const conditions = (written as { conditions?: Condition[] } | undefined)?.conditions ?? [];
  return conditions.length === 0 ? empty : conditionsWords(conditions, elements);
}

function limitOf(written: unknown): Limit {
  const limit = written as Limit | RateLimit;
  return "counter" in limit ? limit : asLimit(limit);
}

function whoseRule(pointer: string): string {
  const [, place, name = ""] = pointer.split("/");
  if (place === "all_tools") return "every tool";
  if (place === "categories") return `${name} tools`;
  return place === "tools" ? plainName(name) : "";
}

function seenAt(path: string, args: unknown): string | null {
  const parsed = parsePath(path);
  if (!parsed.ok || parsed.path.root !== "args") return null;
  const value = single(args, parsed.path.segments);
  return typeof value === "symbol" ? null : valueWords(value, seenMax);
}

/** The value at a JSON Pointer; undefined when there is none. */
function valueAt(document: unknown, pointer: string): unknown {
  let value = document;
  for (const step of pointer.split("/").slice(1)) {
    if (typeof value !== "object" || value === null) return undefined;
    const name = plainName(step);
    value = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
  }
  return pointer.startsWith("/") ? value : undefined;
}

function plainName(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}
