import type { RiskCategory } from "../../../catalog/schema.ts";
import type { Policy } from "../../../policy/compile.ts";
import { denialText } from "../../../policy/denial.ts";
import {
  type DecisionCode,
  evaluate,
  type Reservation,
  rateLimitedDecision,
  type ToolCall,
  type TraceStep,
} from "../../../policy/evaluate.ts";
import { Counters } from "../../../policy/limits.ts";

/** A call as a person imagines it. */
export type Situation = {
  tool: { name: string; category: RiskCategory };
  arguments: unknown;
  /** Milliseconds since the epoch. */
  now: number;
  grantLabel: string;
  /** Empty for a client without a name. */
  clientName: string;
  /** Empty for a call outside of a session. */
  sessionId: string;
  /** How many calls like this one came just before. */
  callsBefore: number;
};

export const callsBeforeMax = 10_000;

/** What the call takes from one limit. */
export type Taken = Pick<Reservation, "rule" | "max" | "amount"> & {
  /** What the calls before have taken. */
  used: number;
  fits: boolean;
};

export type Simulation = {
  code: DecisionCode;
  rule: string;
  message: string;
  trace: TraceStep[];
  taken: Taken[];
  /** Of the calls before, those that went through. */
  throughBefore: number;
  /** Only with `rate_limited`, when waiting helps. */
  retryAfterS?: number;
  /** Only with `approval_required`. */
  timeoutS?: number;
};

/**
 * Decides a call with the gateway's own engine and counters. The calls before are the same call, at the same moment, and
 * approved where a person is asked.
 */
export function simulate(policy: Policy, situation: Situation): Simulation {
  const decision = evaluate(policy, callOf(situation), { frozen: false, definitionChanged: false }, { trace: true });
  const trace = decision.trace ?? [];
  const { code, rule, message } = decision;
  if (!("reserve" in decision)) return { code, rule, message, trace, taken: [], throughBefore: 0 };

  const { reserve } = decision;
  const before = Math.min(Math.max(0, Math.floor(situation.callsBefore)), callsBeforeMax);
  const counters = new Counters();
  let throughBefore = 0;
  // One that is refused takes nothing, so the next one would be too.
  while (throughBefore < before && counters.reserve(reserve, situation.now).ok) throughBefore += 1;
  const answer = counters.reserve(reserve, situation.now);
  const taken = takenBy(reserve, throughBefore, answer.ok ? null : answer.failed);
  if (answer.ok) {
    const timeout = decision.code === "approval_required" ? { timeoutS: decision.timeoutS } : {};
    return { code, rule, message, trace, taken, throughBefore, ...timeout };
  }
  const refused = rateLimitedDecision(answer.failed, answer.retryAfterS);
  const retry = Number.isFinite(answer.retryAfterS) ? { retryAfterS: answer.retryAfterS } : {};
  return { code: refused.code, rule: refused.rule, message: refused.message, trace, taken, throughBefore, ...retry };
}

function callOf({ tool, arguments: args, now, grantLabel, clientName, sessionId }: Situation): ToolCall {
  return {
    tool: tool.name,
    category: tool.category,
    arguments: args,
    grant: { id: "grant", label: grantLabel },
    client: clientName === "" ? {} : { name: clientName },
    session: sessionId === "" ? {} : { id: sessionId },
    server: { id: "server" },
    organisation: { id: "organisation" },
    now,
  };
}

function takenBy(reserve: readonly Reservation[], times: number, failed: Reservation | null): Taken[] {
  return reserve.map((reservation) => {
    const { rule, max, amount } = reservation;
    return { rule, max, amount, used: tidy(times * amount), fits: reservation !== failed };
  });
}

/** Without the dust of doubles: the counters themselves add exactly. */
function tidy(sum: number): number {
  return Number(sum.toFixed(9));
}

/** What the agent gets instead of the tool's answer. */
export type AgentAnswer =
  | { kind: "result"; text: string; meta: Record<string, string | number> }
  /** A JSON-RPC error: a hidden tool is one that never was. */
  | { kind: "error"; code: number; text: string };

/** Null when the call goes on: to the server, or to a person. */
export function agentAnswer(simulation: Simulation, tool: string): AgentAnswer | null {
  const { code, rule, message, retryAfterS } = simulation;
  if (code === "allowed" || code === "approval_required") return null;
  if (code === "hidden") return { kind: "error", code: -32602, text: `Unknown tool: ${tool}` };
  const meta: Record<string, string | number> = { code, rule };
  if (retryAfterS !== undefined) meta.retry_after_s = retryAfterS;
  meta.decision_id = "…";
  return { kind: "result", text: denialText(message), meta };
}
