// Answers a tools/call: what the path of a call (call.ts) needs of this request and of the running gateway.
import type { Reservation } from "../policy/evaluate.ts";
import type { ApprovalNotice, PersonAnswer, Question } from "./approvals.ts";
import { type Call, callTool, decisionRecord, type Forwarded, keptArguments, type World } from "./call.ts";
import { type Caller, callerNow, obstacleTo } from "./caller.ts";
import { withoutClientCapabilities } from "./capabilities.ts";
import { categoryOf } from "./category.ts";
import { isCallHeld } from "./changes.ts";
import { inputRequired, pageRequired, progressTokenOf, showsPagesLegacy, showsPagesModern } from "./client-means.ts";
import type { ReserveAnswer } from "./counters/counters.ts";
import { newDecisionId } from "./decision-id.ts";
import { leave } from "./dialogue.ts";
import { decodeHeader, headerMismatch } from "./era.ts";
import { Hold } from "./hold.ts";
import type { DecisionRecord, OutcomeRecord, UnsealedArguments } from "./journal.ts";
import { type Message, parseArguments, scanMessage } from "./json-scan.ts";
import { type Exchanged, type House, sendJson, sendUnavailable } from "./message.ts";
import { type Refusal, refusals, rpcError, toolRefusal } from "./refusals.ts";
import { withArguments, withMirrored } from "./rewritten.ts";
import { writeSse } from "./sse.ts";
import { forwarded, notSent, planFor, type Talk } from "./talk.ts";
import { headerThatDiffers } from "./tool-shape.ts";
import { traceparentOf } from "./trace-context.ts";

/** Answers a call of a tool, which is now due in its dialogue. */
export function answerCall(
  exchanged: Exchanged,
  message: Message,
  body: Buffer,
  talk: Talk,
  house: House,
): Promise<void> {
  const { caller, receivedAt } = exchanged;
  const { era, session } = talk;
  const call: Call = {
    tool: message.name,
    arguments: parseArguments(body, message),
    sessionTag: session?.tag ?? null,
    clientName: session === null ? (message.clientName?.slice(0, 64) ?? null) : session.clientName,
    traceparent: traceparentOf(exchanged.headers.traceparent, era, body),
  };
  const answering = new Answering(exchanged, message, body, talk, house, call);
  if (!house.policies.isFresh()) return answering.refuseUndecided();
  const shape = era === "modern" && call.tool !== null ? caller.server.tools.get(call.tool)?.shape : undefined;
  const differing = shape && headerThatDiffers(shape, exchanged.headers.params, call.arguments, decodeHeader);
  if (differing) return answering.refuseDiffering(differing);
  return answering.tell(callTool(caller, call, receivedAt, answering));
}

class Answering implements World {
  private readonly exchanged: Exchanged;
  private readonly message: Message;
  private readonly body: Buffer;
  private readonly talk: Talk;
  private readonly house: House;
  private readonly call: Call;
  /** Set once a person is asked: the client may be kept waiting. */
  private hold: Hold | null | undefined = undefined;
  private showsPages = false;
  private question: Question | null = null;

  constructor(exchanged: Exchanged, message: Message, body: Buffer, talk: Talk, house: House, call: Call) {
    this.exchanged = exchanged;
    this.message = message;
    this.body = body;
    this.talk = talk;
    this.house = house;
    this.call = call;
  }

  now(): number {
    return this.house.clock.now();
  }

  newId(now: number): string {
    return newDecisionId(now);
  }

  reserve(reservations: readonly Reservation[], now: number): Promise<ReserveAnswer> | ReserveAnswer {
    return this.house.counters.reserve(reservations, now, this.exchanged.caller.grant.organisationId);
  }

  giveBack(reservations: readonly Reservation[], at: number): void {
    this.house.counters.giveBack(reservations, at, this.exchanged.caller.grant.organisationId);
  }

  record(decision: DecisionRecord, unsealed?: UnsealedArguments): Promise<boolean> {
    const { metrics, journal } = this.house;
    metrics.countDecision(decision.code);
    return journal.append(decision, unsealed);
  }

  conclude(outcome: OutcomeRecord, decision: DecisionRecord): void {
    const { metrics, journal } = this.house;
    metrics.observeCall(outcome.outcome, outcome.gatewayMs ?? 0, outcome.upstreamMs);
    void journal.conclude(outcome, decision);
  }

  forward(): Promise<Forwarded> {
    const { exchanged, talk, house } = this;
    // A disk that hangs may keep a record for long; what was decided before must still hold when the call leaves.
    const obstacle = obstacleTo(exchanged.caller, house.policies);
    if (obstacle !== null) return Promise.resolve(notSent(obstacle));
    const isSafe = categoryOf(exchanged.caller.server, this.call.tool ?? "") === "Read";
    const plan = planFor(exchanged, talk, house);
    if (this.hold?.isBegun) {
      plan.isBegun = true;
      // Cancelled while it was written down: nobody waits for it.
      if (this.hold.isGone) return Promise.resolve(notSent("upstream_failed"));
    }
    return forwarded(talk, plan, isSafe, house);
  }

  argumentsText(): string {
    const { argumentsStart, argumentsEnd } = this.message;
    return argumentsStart === -1 ? "{}" : this.body.toString("utf8", argumentsStart, argumentsEnd);
  }

  askPerson(question: Question, callId: string): Promise<PersonAnswer> {
    this.question = question;
    if (this.hold === undefined) this.hold = this.openHold();
    return this.house.approvals.ask(question, callId, this.hold);
  }

  unuse(approvalId: string, callId: string): void {
    this.house.approvals.unuse(approvalId, callId);
  }

  callerNow(): Caller | null {
    return callerNow(this.exchanged.caller, this.house.policies);
  }

  edit(text: string): unknown {
    const { talk, exchanged, call } = this;
    try {
      const body = withArguments(this.body, this.message, text);
      const scan = scanMessage(body);
      if (!scan.ok) return null;
      const args = parseArguments(body, scan.message);
      if (talk.request !== null) {
        const { server } = this.callerNow() ?? exchanged.caller;
        const shape = talk.era === "modern" ? server.tools.get(call.tool ?? "")?.shape : undefined;
        talk.request = {
          ...talk.request,
          headers: withMirrored(talk.request.headers, shape, args),
          body: withoutClientCapabilities(body, server.refused),
        };
      }
      return args;
    } catch {
      return null;
    }
  }

  /** Answers what a refusal says, and notes that the call is over. */
  async tell(called: Promise<Refusal | null>): Promise<void> {
    const refusal = await called;
    if (refusal !== null) this.refuse(refusal);
    this.leave();
  }

  /** While nobody can say what the policy is. */
  async refuseUndecided(): Promise<void> {
    const { exchanged, house, call, message } = this;
    const { caller, receivedAt } = exchanged;
    const now = house.clock.now();
    const code = "policy_unavailable";
    const refused = { code, rule: "(policy)", message: refusals[code].sentence } as const;
    house.metrics.countDecision(code);
    const record = decisionRecord(newDecisionId(now), now, caller, call, refused, now - receivedAt);
    await house.journal.append(record, keptArguments(caller, call, record));
    sendUnavailable(exchanged.response, message.id);
    this.leave();
  }

  /** The call's headers say something else than its body. */
  async refuseDiffering(differing: string): Promise<void> {
    const { status, code, message: why } = headerMismatch(differing);
    sendJson(this.exchanged.response, status, rpcError(this.message.id, code, why));
    this.leave();
  }

  private leave(): void {
    const { dialogue, requestId } = this.talk;
    if (dialogue !== null && requestId !== null) leave(dialogue, requestId);
  }

  /** Tells the client, by the stream that it waits on if there is one. */
  private refuse(refusal: Refusal): void {
    const { response } = this.exchanged;
    const text = this.words(refusal);
    if (!this.hold?.isBegun) {
      sendJson(response, 200, text);
      return;
    }
    this.house.streams.delete(response);
    if (response.destroyed || response.writableEnded) return;
    response.end(writeSse({ event: "message", id: null, retry: null, data: text }));
  }

  private words(refusal: Refusal): string {
    const { message, talk, call, house, exchanged } = this;
    const id = message.id ?? "null";
    const { approval } = refusal;
    if (refusal.code === "approval_required" && approval !== undefined && this.showsPages) {
      const asked: Refusal & { approval: ApprovalNotice } = { ...refusal, approval };
      return talk.era === "modern"
        ? inputRequired(id, asked, house.keys, exchanged.caller.grant.id)
        : pageRequired(id, asked);
    }
    return toolRefusal(id, talk.era, call.tool ?? "", refusal);
  }

  /** Whether what the person is asked about could still be made if it was approved now. */
  private stillStands(): boolean {
    const now = this.callerNow();
    const { question } = this;
    if (now === null || now.frozen || question === null || typeof now.policy !== "object") return false;
    const { policy, server } = now;
    if (policy.mode === "shadow" || policy.id !== question.policyId || policy.version !== question.policyVersion) {
      return false;
    }
    if (isCallHeld(server.changes, server.onDefinitionChange, question.tool)) return false;
    return (server.tools.get(question.tool)?.definitionHash ?? null) === question.definitionHash;
  }

  /** Whoever shows its user the page is not kept waiting before it has; others are, when they can hear of it. */
  private openHold(): Hold | null {
    const { exchanged, talk, house, body } = this;
    const { caller, response, headers } = exchanged;
    const text = body.toString("utf8");
    this.showsPages = talk.era === "modern" ? showsPagesModern(text) && !talk.wasAsked : showsPagesLegacy(talk.session);
    const progressToken = this.showsPages ? null : progressTokenOf(text);
    if (progressToken === null || talk.requestId === null || !mayStream.test(headers.accept ?? "")) return null;
    return new Hold({
      response,
      streams: house.streams,
      tokenHash: caller.grant.tokenHash,
      grantId: caller.grant.id,
      sessionTag: talk.session?.tag ?? null,
      requestId: talk.requestId,
      progressToken,
      stillStands: () => this.stillStands(),
    });
  }
}

const mayStream = /(?:^|[\s,])(?:text\/event-stream|text\/\*|\*\/\*)/i;
