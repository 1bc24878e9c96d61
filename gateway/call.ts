// The path of one tools/call: decide, reserve, write it down, forward, write down what came back.
import type { RiskCategory } from "../catalog/schema.ts";
import { type Decision, evaluate, namesExactly, type Reservation, rateLimitedDecision } from "../policy/evaluate.ts";
import type { Caller } from "./caller.ts";
import type { ReserveAnswer } from "./counters/counters.ts";
import type { DecisionRecord, OutcomeRecord } from "./journal.ts";
import { type Refusal, type RefusalCode, refusals } from "./refusals.ts";
import type { UpstreamTroubleCode } from "./upstream/upstream.ts";

/** What a call asks for. */
export type Call = {
  /** Null when the message names no tool. */
  tool: string | null;
  /** Parsed arguments (json-scan.ts). */
  arguments: unknown;
  sessionTag: string | null;
  clientName: string | null;
};

/** What came of a forwarded call. */
export type Forwarded = {
  outcome: OutcomeRecord["outcome"];
  upstreamStatus: number | null;
  upstreamMs: number | null;
  /** Why the client still has to be answered by us; null when the server's answer was streamed to it. */
  trouble: UpstreamTroubleCode | "upstream_unauthorized" | "policy_unavailable" | "frozen" | null;
};

/** Everything outside of the decision, as plain functions. */
export type World = {
  /** Milliseconds since the epoch, never going back. */
  now(): number;
  newId(now: number): string;
  reserve(reservations: readonly Reservation[], now: number): Promise<ReserveAnswer> | ReserveAnswer;
  giveBack(reservations: readonly Reservation[], reservedAt: number): void;
  record(record: DecisionRecord | OutcomeRecord): Promise<boolean>;
  /** Sends the call's bytes to its server and streams the answer to the client. */
  forward(): Promise<Forwarded>;
};

/** A decision with what the gateway itself adds to the policy's codes. */
export type Verdict = {
  code: RefusalCode | "allowed";
  rule: string;
  message: string;
  retryAfterS?: number;
  /** What the call holds of its limits. */
  reserved: readonly Reservation[];
  /** Decided by a policy that is only being tried: what it denies is forwarded all the same. */
  isTrial: boolean;
};

/**
 * Takes one call through. `receivedAt` is when the request was read.
 *
 * @returns What the client has to be told by us; null when the server's own answer went to it.
 */
export async function callTool(caller: Caller, call: Call, receivedAt: number, world: World): Promise<Refusal | null> {
  const at = world.now();
  const id = world.newId(at);
  // Without a wait, when there is nothing to wait for: what is reserved goes to the journal in the same tick, so that a
  // snapshot of the counters always fits the journal it was taken at.
  const decided = decide(caller, call, at, world);
  const verdict = decided instanceof Promise ? await decided : decided;
  const record = decisionRecord(id, at, caller, call, verdict, at - receivedAt);

  // Before the call leaves, not after: a call we cannot account for is a call we do not make.
  if (!(await world.record(record))) {
    world.giveBack(verdict.reserved, at);
    return { code: "record_unavailable", message: null, rule: "", decisionId: null };
  }
  if (verdict.code !== "allowed" && !verdict.isTrial) {
    return { ...verdict, code: verdict.code, decisionId: id };
  }

  const leftAt = world.now();
  const forwarded = await world.forward();
  // A call that never left holds nothing. Of one whose fate is unknown, everything: it may have taken effect.
  const gaveBack = forwarded.outcome === "not_sent" && verdict.reserved.length > 0;
  if (gaveBack) world.giveBack(verdict.reserved, at);
  const endedAt = world.now();
  void world.record({
    kind: "outcome",
    id,
    at: endedAt,
    outcome: forwarded.outcome,
    upstreamStatus: forwarded.upstreamStatus,
    upstreamMs: forwarded.upstreamMs,
    gatewayMs: leftAt - receivedAt + Math.max(0, endedAt - leftAt - (forwarded.upstreamMs ?? 0)),
    gaveBack,
  });
  if (forwarded.trouble === null) return null;
  const message = `${refusals[forwarded.trouble].sentence} ${effects[forwarded.outcome]}`.trimEnd();
  return { code: forwarded.trouble, message, rule: verdict.rule, decisionId: id };
}

/** What the agent has to know before it tries again. */
const effects: Record<Forwarded["outcome"], string> = {
  not_sent: "The call was not made.",
  unknown: "The call may have taken effect, or may still.",
  upstream_error: "",
  tool_error: "",
  answered: "",
};

function decide(caller: Caller, call: Call, now: number, world: World): Promise<Verdict> | Verdict {
  const { policy } = caller;
  const isTrial = typeof policy === "object" && policy.mode === "shadow";
  const evaluated = evaluateCall(caller, call, now);
  // A freeze, an unknown tool and a policy that cannot be read are not the trial policy's doing: they hold in any mode.
  if (enforcedAlways.has(evaluated.code)) return { ...evaluated, reserved: [], isTrial: false };
  if (evaluated.code === "approval_required") {
    const message = `${asSentence(evaluated.message)} The call needs a person's approval before it can be made.`;
    return { code: evaluated.code, rule: evaluated.rule, message, reserved: [], isTrial };
  }
  if (evaluated.code !== "allowed") return { ...evaluated, reserved: [], isTrial };
  return reserve(evaluated, isTrial, now, world);
}

/** An owner's words may end without a full stop; ours follow. */
function asSentence(text: string): string {
  return /[.!?…]\s*$/.test(text) ? text : `${text}.`;
}

const enforcedAlways: ReadonlySet<string> = new Set(["no_policy", "frozen", "unknown_tool", "policy_unavailable"]);

type Evaluated =
  | Decision
  | { code: "unknown_tool" | "policy_unavailable"; rule: string; message: string; reserve?: undefined };

function evaluateCall(caller: Caller, call: Call, now: number): Evaluated {
  const { grant, server } = caller;
  if (call.tool === null) return { code: "unknown_tool", rule: "(unknown tool)", message: "The call names no tool." };
  // Longer than any tool's, and comparing it with the globs of a policy would take its time.
  if (call.tool.length > toolNameLengthMax) {
    return { code: "unknown_tool", rule: "(unknown tool)", message: "The call names no tool that could be." };
  }
  if (caller.policy === "unavailable") {
    return { code: "policy_unavailable", rule: "(policy)", message: "The policy of this grant cannot be read." };
  }
  const policy = caller.policy === "none" ? null : caller.policy.policy;
  const category: RiskCategory | undefined = server.tools.get(call.tool);
  const decision = evaluate(
    policy,
    {
      tool: call.tool,
      category: category ?? "Other",
      arguments: call.arguments,
      grant: { id: grant.id, label: grant.label },
      client: call.clientName === null ? {} : { name: call.clientName },
      session: call.sessionTag === null ? {} : { id: call.sessionTag },
      server: { id: server.id },
      organisation: { id: grant.organisationId },
      now,
    },
    // A server that asks to block changed tools is a later thing; a changed definition alone denies nothing.
    { frozen: caller.frozen, definitionChanged: false },
  );
  if (decision.code === "no_policy" || decision.code === "frozen") return decision;
  // A tool that the server never listed was never looked at by anyone, unless the policy speaks of it by name.
  if (category === undefined && (policy === null || !namesExactly(policy, call.tool))) {
    return { code: "unknown_tool", rule: "(unknown tool)", message: "The server does not list this tool." };
  }
  return decision;
}

function reserve(
  decision: Extract<Decision, { code: "allowed" }>,
  isTrial: boolean,
  now: number,
  world: World,
): Promise<Verdict> | Verdict {
  const { rule, message } = decision;
  // A trial counts for itself: it must not use up the quota of a policy in force.
  const wanted = isTrial ? decision.reserve.map((one) => ({ ...one, key: `shadow:${one.key}` })) : decision.reserve;
  const allowed: Verdict = { code: "allowed", rule, message, reserved: wanted, isTrial };
  if (wanted.length === 0) return allowed;
  const answer = world.reserve(wanted, now);
  return answer instanceof Promise
    ? answer.then((settled) => afterReserving(allowed, settled))
    : afterReserving(allowed, answer);
}

function afterReserving(allowed: Verdict, answer: ReserveAnswer): Verdict {
  if (answer.ok === true) return allowed;
  if (answer.ok === "unavailable") {
    const message = "The limits cannot be counted right now, so nothing is allowed.";
    return { ...allowed, code: "counter_unavailable", message, reserved: [] };
  }
  const { rule, message } = rateLimitedDecision(answer.failed, answer.retryAfterS);
  const retry = Number.isFinite(answer.retryAfterS) ? { retryAfterS: answer.retryAfterS } : {};
  return { ...allowed, code: "rate_limited", rule, message, ...retry, reserved: [] };
}

const toolNameLengthMax = 256;
const argumentKeysMax = 64;
const argumentKeyLengthMax = 128;

/** What is kept of a call: the names of its arguments, never their values. */
export function decisionRecord(
  id: string,
  at: number,
  caller: Caller,
  call: Call,
  verdict: Pick<Verdict, "code" | "rule" | "message"> & Partial<Verdict>,
  gatewayMs: number,
): DecisionRecord {
  const { grant, policy } = caller;
  return {
    kind: "decision",
    id,
    at,
    organisationId: grant.organisationId,
    serverId: grant.serverId,
    grantId: grant.id,
    sessionId: call.sessionTag,
    method: "tools/call",
    tool: call.tool?.slice(0, toolNameLengthMax) ?? null,
    policyId: grant.policyId,
    policyVersion: typeof policy === "object" ? policy.version : null,
    code: verdict.code,
    rule: verdict.rule,
    message: verdict.message,
    wouldDeny: verdict.isTrial === true && verdict.code !== "allowed",
    argumentKeys: argumentKeys(call.arguments),
    clientName: call.clientName,
    reserve: (verdict.reserved ?? []).map(({ key, windowMs, calendarStart, calendarEnd, amount }) => ({
      key,
      windowMs,
      ...(calendarStart === undefined ? {} : { calendarStart }),
      ...(calendarEnd === undefined ? {} : { calendarEnd }),
      amount,
    })),
    gatewayMs,
  };
}

function argumentKeys(args: unknown): string[] {
  if (typeof args !== "object" || args === null) return [];
  return Object.keys(args)
    .slice(0, argumentKeysMax)
    .map((key) => key.slice(0, argumentKeyLengthMax));
}
