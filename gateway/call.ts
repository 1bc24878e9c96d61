// The path of one tools/call: decide, reserve, write it down, forward, write down what came back.
import type { Reservation } from "../policy/evaluate.ts";
import { andMore, argumentNames } from "../policy/recorded.ts";
import type { PersonAnswer, Question } from "./approvals.ts";
import { type Asking, type Settled, withPerson } from "./ask-person.ts";
import type { Caller } from "./caller.ts";
import type { ReserveAnswer } from "./counters/counters.ts";
import { decide, type ShadowVerdict, shadowVerdict, toolNameLengthMax, type Verdict } from "./decide.ts";
import type { DecisionRecord, OutcomeRecord, UnsealedArguments } from "./journal.ts";
import { type Refusal, refusals } from "./refusals.ts";
import type { UpstreamTroubleCode } from "./upstream/upstream.ts";

/** What a call asks for. */
export type Call = {
  /** Null when the message names no tool. */
  tool: string | null;
  /** Parsed arguments (json-scan.ts). */
  arguments: unknown;
  sessionTag: string | null;
  clientName: string | null;
  /** The trace that it belongs to. */
  traceparent?: string | null;
};

/** What came of a forwarded call. */
export type Forwarded = {
  outcome: OutcomeRecord["outcome"];
  upstreamStatus: number | null;
  upstreamMs: number | null;
  /** Why the client still has to be answered by us; null when the server's answer was streamed to it. */
  trouble: UpstreamTroubleCode | "upstream_unauthorized" | null;
  /** With `trouble`: whole seconds after which it is worth trying again, where that is known. */
  retryAfterS?: number;
};

/** Everything outside of the decision, as plain functions. */
export type World = {
  /** Milliseconds since the epoch, never going back. */
  now(): number;
  newId(now: number): string;
  reserve(reservations: readonly Reservation[], now: number): Promise<ReserveAnswer> | ReserveAnswer;
  giveBack(reservations: readonly Reservation[], reservedAt: number): void;
  /** @param unsealed The arguments whose values are kept with it, sealed. */
  record(decision: DecisionRecord, unsealed?: UnsealedArguments): Promise<boolean>;
  /** @param decision The one that was recorded. */
  conclude(outcome: OutcomeRecord, decision: DecisionRecord): void;
  /** Sends the call's bytes to its server and streams the answer to the client. */
  forward(): Promise<Forwarded>;
  /** What follows is for calls that a person has to approve. The raw arguments: JSON text. */
  argumentsText(): string;
  /** Looks for a person's answer, or asks for one; takes as long as the client can be kept waiting. */
  askPerson(question: Question, callId: string): Promise<PersonAnswer>;
  /** The call that used an approval was not made. */
  unuse(approvalId: string, callId: string): void;
  /** What the caller is held to now; null when nobody can say. */
  callerNow(): Caller | null;
  /** Puts an approver's arguments (JSON text) in place of the caller's. @returns Them parsed; null when that cannot be done. */
  edit(text: string): unknown;
};

/**
 * Takes one call through. `receivedAt` is when the request was read.
 *
 * @returns What the client has to be told by us; null when the server's own answer went to it.
 * @throws What is a bug of ours, at once or later: nothing was forwarded.
 */
export function callTool(caller: Caller, call: Call, receivedAt: number, world: World): Promise<Refusal | null> {
  const now = world.now();
  // Whole milliseconds, as the log has them: the time on record is the time that limits were counted at.
  const at = Math.floor(now);
  const id = world.newId(at);
  // Without a wait, when there is nothing to wait for: what is reserved goes to the journal in the same tick, so that a
  // snapshot of the counters always fits the journal it was taken at.
  const decided = decide(caller, call, at, world);
  if (decided instanceof Promise || decided.asks !== undefined) {
    return carryOutLater(decided, { caller, call, id, at }, now - receivedAt, receivedAt, world);
  }
  return carryOut(caller, call, id, at, decided, now - receivedAt, receivedAt, world, null);
}

/** For what has to be waited for before it is decided: a store of counters, a person. */
async function carryOutLater(
  decided: Promise<Verdict> | Verdict,
  asking: Omit<Asking, "verdict">,
  gatewayMs: number,
  receivedAt: number,
  world: World,
): Promise<Refusal | null> {
  const verdict = await decided;
  if (verdict.asks === undefined) {
    const { caller, call, id, at } = asking;
    return carryOut(caller, call, id, at, verdict, gatewayMs, receivedAt, world, null);
  }
  const settled = await withPerson({ ...asking, verdict }, world);
  const from = receivedAt + settled.waitedMs; // a person's time is not ours
  const ownMs = Math.max(0, world.now() - from);
  const { caller, call, id, at } = settled;
  return carryOut(caller, call, id, at, settled.verdict, ownMs, from, world, settled);
}

/** Writes down what was decided, and makes the call when it may be made. */
async function carryOut(
  caller: Caller,
  call: Call,
  id: string,
  at: number,
  verdict: Verdict,
  gatewayMs: number,
  receivedAt: number,
  world: World,
  settled: Settled | null,
): Promise<Refusal | null> {
  const tried = shadowVerdict(caller, call, at, verdict, world);
  const shadow = tried instanceof Promise ? await tried : tried;
  const held = shadow === null ? verdict.reserved : [...verdict.reserved, ...shadow.reserved];
  const record = decisionRecord(id, at, caller, call, verdict, gatewayMs, shadow, held);
  const approvalId = settled?.approvalId ?? null;
  if (approvalId !== null) record.approvalId = approvalId;
  const usedApproval = settled?.isUsed === true ? approvalId : null;

  // Before the call leaves, not after: a call we cannot account for is a call we do not make.
  if (!(await world.record(record, keptArguments(caller, call, record)))) {
    world.giveBack(held, at);
    if (usedApproval !== null) world.unuse(usedApproval, id);
    return { code: "record_unavailable", message: null, rule: "", decisionId: null };
  }
  if (verdict.code !== "allowed" && !verdict.isTrial) {
    const { code, rule, message, retryAfterS } = verdict;
    const retry = retryAfterS === undefined ? {} : { retryAfterS };
    const approval = settled?.notice ? { approval: settled.notice } : {};
    return { code, rule, message, ...retry, ...approval, decisionId: id };
  }

  const leftAt = world.now();
  const forwarded = await world.forward();
  // A call that never left holds nothing. Of one whose fate is unknown, everything: it may have taken effect.
  const gaveBack = forwarded.outcome === "not_sent" && held.length > 0;
  if (gaveBack) world.giveBack(held, at);
  if (usedApproval !== null && forwarded.outcome === "not_sent") world.unuse(usedApproval, id);
  const endedAt = world.now();
  const outcome: OutcomeRecord = {
    kind: "outcome",
    id,
    at: inMicroseconds(endedAt),
    outcome: forwarded.outcome,
    upstreamStatus: forwarded.upstreamStatus,
    upstreamMs: forwarded.upstreamMs === null ? null : inMicroseconds(forwarded.upstreamMs),
    gatewayMs: inMicroseconds(leftAt - receivedAt + Math.max(0, endedAt - leftAt - (forwarded.upstreamMs ?? 0))),
    gaveBack,
  };
  world.conclude(outcome, record);
  if (forwarded.trouble === null) return null;
  const { trouble, retryAfterS } = forwarded;
  const again = retryAfterS === undefined ? "" : `Try again in ${retryAfterS} s.`;
  const message = [refusals[trouble].sentence, effects[forwarded.outcome], again].filter(Boolean).join(" ");
  const retry = retryAfterS === undefined ? {} : { retryAfterS };
  return { code: trouble, message, rule: verdict.rule, ...retry, decisionId: id };
}

/** Milliseconds, to the microsecond: what comes after is noise, and takes its time to be written and read. */
function inMicroseconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

/** What the agent has to know before it tries again. */
const effects: Record<Forwarded["outcome"], string> = {
  not_sent: "The call was not made.",
  unknown: "The call may have taken effect, or may still.",
  upstream_error: "",
  tool_error: "",
  answered: "",
};

/** What is kept of a call, but for the values of its arguments. */
export function decisionRecord(
  id: string,
  at: number,
  caller: Caller,
  call: Call,
  verdict: Pick<Verdict, "code" | "rule" | "message"> & Partial<Verdict>,
  gatewayMs: number,
  shadow: ShadowVerdict | null = null,
  held: readonly Reservation[] = [],
): DecisionRecord {
  const { grant, policy } = caller;
  const record: DecisionRecord = {
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
    argumentKeys: argumentNames(call.arguments),
    clientName: call.clientName,
    // What is undefined is not written.
    reserve: held.map(({ key, windowMs, calendarStart, calendarEnd, amount }) => ({
      key,
      windowMs,
      calendarStart,
      calendarEnd,
      amount,
    })),
    gatewayMs: inMicroseconds(gatewayMs),
  };
  if (call.traceparent) record.traceparent = call.traceparent;
  if (shadow !== null) {
    record.shadowVersion = shadow.version;
    record.shadowCode = shadow.code;
    record.shadowRule = shadow.rule;
  }
  return record;
}

/** The arguments that the server's policies may speak of, when their names tell all that is there. */
export function keptArguments(
  { server: { mentions } }: Caller,
  call: Call,
  { argumentKeys }: DecisionRecord,
): UnsealedArguments | undefined {
  if (mentions === null || argumentKeys.length === 0 || argumentKeys.at(-1) === andMore) return undefined;
  return { arguments: call.arguments, mentions };
}
