import type { RiskCategory } from "../catalog/schema.ts";
import type { Policy } from "../policy/compile.ts";
import { type Decision, evaluate, rateLimitedDecision, type ToolCall, type TraceStep } from "../policy/evaluate.ts";
import { Counters } from "../policy/limits.ts";
import type { Expectation } from "./expectations.ts";

/** What a call met: as in `expect`. `retry_after_s` is null when waiting never helps. */
export type Met = { code: string; rule: string; message: string; retry_after_s?: number | null };

export type Result = {
  name: string;
  line: number;
  column: number;
  ok: boolean;
  expected: Expectation["expect"];
  /** Of the repetition that differs, else of the last one. */
  actual: Met;
  /** Which repetition differs, from 1. */
  repetition?: number;
  trace?: TraceStep[];
};

/** Monday, noon: inside most people's working hours, away from the edges of hours, days and months. */
export const startTime = Date.UTC(2026, 0, 5, 12);

/**
 * Makes the calls in their order, on one set of counters and a clock that only the calls move.
 *
 * @param categoryOf The category of a call that does not say one.
 */
export function tryCalls(
  policy: Policy,
  expectations: readonly Expectation[],
  categoryOf: (tool: string) => RiskCategory,
): Result[] {
  const counters = new Counters();
  let now = startTime;
  return expectations.map((expectation) => {
    now = timeOf(expectation, now);
    const call = callOf(expectation, expectation.category ?? categoryOf(expectation.tool), now);
    const { name, line, column, expect: expected, repeat = 1 } = expectation;
    let shown: Pick<Result, "actual" | "trace" | "repetition"> | null = null;
    let last: Met | null = null;
    for (let repetition = 1; repetition <= repeat; repetition += 1) {
      const { met, trace } = meet(policy, call, counters);
      last = met;
      if (!isAs(met, expected)) shown ??= { actual: met, trace, ...(repeat > 1 ? { repetition } : {}) };
    }
    const actual = shown?.actual ?? last ?? { code: "", rule: "", message: "" };
    return { name: name ?? expectation.tool, line, column, ok: shown === null, expected, ...shown, actual };
  });
}

/** The time of a call; without one, that of the call before. */
export function timeOf({ at }: Pick<Expectation, "at">, before: number): number {
  if (at === undefined) return before;
  return typeof at === "number" ? startTime + at * 1_000 : Date.parse(at);
}

function meet(policy: Policy, call: ToolCall, counters: Counters): { met: Met; trace: TraceStep[] } {
  const decision = evaluate(policy, call, { frozen: false, definitionChanged: false }, { trace: true });
  const trace = decision.trace ?? [];
  if (decision.code !== "allowed" && decision.code !== "approval_required") return { met: metOf(decision), trace };
  const reserved = counters.reserve(decision.reserve, call.now);
  if (reserved.ok) return { met: metOf(decision), trace };
  const { failed, retryAfterS } = reserved;
  const wait = Number.isFinite(retryAfterS) ? retryAfterS : null;
  // The trace goes on behind a full limit, because only counting tells that it is full.
  const end = trace.findIndex((step) => step.step === "limit" && step.rule === failed.rule);
  const decided = trace
    .slice(0, end + 1)
    .map((step, at) => (at === end ? { ...step, outcome: "decides" as const } : step));
  return { met: { ...metOf(rateLimitedDecision(failed, retryAfterS)), retry_after_s: wait }, trace: decided };
}

function metOf({ code, rule, message }: Decision): Met {
  return { code, rule, message };
}

function isAs(met: Met, expected: Expectation["expect"]): boolean {
  return (["code", "rule", "message", "retry_after_s"] as const).every((field) => {
    return expected[field] === undefined || expected[field] === met[field];
  });
}

function callOf(expectation: Expectation, category: RiskCategory, now: number): ToolCall {
  const { tool, grant = "grant", client, session = "session" } = expectation;
  return {
    tool,
    category,
    arguments: Object.hasOwn(expectation, "arguments") ? expectation.arguments : {},
    grant: { id: grant, label: grant },
    client: client === undefined ? {} : { name: client },
    session: session === null ? {} : { id: session },
    server: { id: "server" },
    organisation: { id: "organisation" },
    now,
  };
}
