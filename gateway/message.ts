// What happens to a request whose caller is known: a tools/call takes its path (call.ts), everything else is relayed when it may be.
import type { ServerResponse } from "node:http";
import { isHidden } from "../policy/evaluate.ts";
import { type Call, callTool, decisionRecord, type Forwarded, type World } from "./call.ts";
import { type Caller, callerOfGrant } from "./caller.ts";
import type { Clock } from "./clock.ts";
import type { CounterStore } from "./counters/counters.ts";
import { newDecisionId } from "./decision-id.ts";
import { type Era, eraOf } from "./era.ts";
import { type RequestHeaders, upstreamHeaders } from "./headers.ts";
import type { Journal } from "./journal.ts";
import { type Message, parseArguments, scanMessage } from "./json-scan.ts";
import type { Shows } from "./list.ts";
import type { Metrics } from "./metrics.ts";
import type { Policies } from "./policies.ts";
import { otherRefusal, refusals, rpcError, toolRefusal } from "./refusals.ts";
import { type Plan, relay } from "./relay.ts";
import type { Session, Sessions } from "./session.ts";
import type { OpenStreams } from "./streams.ts";
import type { ExchangeRequest, Upstreams } from "./upstream/upstream.ts";

/** The parts of a running gateway that a request needs. */
export type House = {
  policies: Policies;
  sessions: Sessions;
  counters: CounterStore;
  journal: Journal;
  upstreams: Upstreams;
  metrics: Metrics;
  clock: Clock;
  streams: OpenStreams;
  sealArguments: World["sealArguments"];
};

/** One request on its way. */
export type Exchanged = {
  caller: Caller;
  headers: RequestHeaders;
  response: ServerResponse;
  /** When its first bytes were read (house clock). */
  receivedAt: number;
};

/** Answers a POST. @param body The request's bytes, complete and under the cap. */
export async function answerMessage(exchanged: Exchanged, body: Buffer, house: House): Promise<void> {
  const { caller, headers, response } = exchanged;
  const scan = scanMessage(body);
  if (!scan.ok) return sendJson(response, 400, rpcError(scan.id, scan.code, scan.message));
  const { message } = scan;
  const answer = eraOf(message, headers);
  if (!answer.ok) {
    const { status, code, message: why, data } = answer.refusal;
    return sendJson(response, status, rpcError(message.id, code, why, data));
  }
  const { era } = answer;

  const opened =
    era === "legacy" ? openedSession(message, headers, caller, house) : { ok: true as const, session: null };
  if (!opened.ok) return sendJson(response, opened.status, rpcError(message.id, opened.code, opened.why));
  const { session } = opened;

  const request: ExchangeRequest | null = caller.server.upstream && {
    server: caller.server.upstream,
    grantId: caller.grant.id,
    method: "POST",
    headers: { ...upstreamHeaders(headers, era, session, null), "content-type": "application/json" },
    body,
  };
  if (message.kind === "request" && message.method === "tools/call") {
    return answerCall(exchanged, message, body, era, session, request, house);
  }
  if (!house.policies.isFresh()) return sendUnavailable(response, message.id);
  // While frozen, a client may still find out what is there and why nothing works.
  if (caller.frozen && message.kind === "request" && !stillAnswered.has(message.method)) {
    return sendJson(response, 200, otherRefusal(message.id, "frozen"));
  }
  // An answer to the server's question may be all that an earlier call waits for.
  if (caller.frozen && message.kind === "response") return sendJson(response, 403, otherRefusal(null, "frozen"));
  const plan = planFor(exchanged, session, house);
  if (message.method === "tools/list") plan.kind = "list";
  if (message.method === "initialize") {
    plan.kind = "initialize";
    plan.welcome = (version, upstreamId) => {
      const { grant, server } = caller;
      const { clientName } = message;
      const made = house.sessions.mint({ grantId: grant.id, serverId: server.id, version, upstreamId, clientName });
      return { id: made.id, tag: made.session.tag };
    };
  }
  const { trouble } = await forwarded(request, plan, house);
  if (trouble === null) return;
  if (message.kind === "request") return sendJson(response, 200, otherRefusal(message.id, trouble));
  sendJson(response, 502, otherRefusal(null, trouble));
}

const stillAnswered: ReadonlySet<string> = new Set(["initialize", "server/discover", "ping", "tools/list"]);

/** Answers a GET (the stream of what the server says by itself, or the rest of a broken stream) and a DELETE. */
export async function answerBodiless(method: "GET" | "DELETE", exchanged: Exchanged, house: House): Promise<void> {
  const { caller, headers, response } = exchanged;
  if (!house.policies.isFresh()) return sendUnavailable(response, null);
  let session: Session | null = null;
  if (headers.sessionId !== null) {
    session = house.sessions.open(headers.sessionId, caller.grant.id, caller.server.id);
    if (session === null) return sendJson(response, 404, rpcError(null, -32001, "Session not found"));
    if (!isVersionOf(session, headers)) return sendJson(response, 400, rpcError(null, -32600, versionDiffers));
  }
  let lastEventId = headers.lastEventId;
  if (lastEventId !== null) {
    // An upstream that keeps the events of all sessions in one store would replay those of another.
    const prefix = `${session?.tag}.`;
    if (session === null || !lastEventId.startsWith(prefix)) {
      return sendJson(response, 400, rpcError(null, -32600, "Last-Event-ID is not of this session"));
    }
    lastEventId = lastEventId.slice(prefix.length);
  }
  const request: ExchangeRequest | null = caller.server.upstream && {
    server: caller.server.upstream,
    grantId: caller.grant.id,
    method,
    headers: upstreamHeaders(headers, "legacy", session, lastEventId),
  };
  const { trouble } = await forwarded(request, planFor(exchanged, session, house), house);
  if (trouble !== null) sendJson(response, 502, otherRefusal(null, trouble));
}

async function answerCall(
  exchanged: Exchanged,
  message: Message,
  body: Buffer,
  era: Era,
  session: Session | null,
  request: ExchangeRequest | null,
  house: House,
): Promise<void> {
  const { caller, response, receivedAt } = exchanged;
  const { journal, metrics } = house;
  const call: Call = {
    tool: message.name,
    arguments: parseArguments(body, message),
    sessionTag: session?.tag ?? null,
    clientName: session === null ? (message.clientName?.slice(0, 64) ?? null) : session.clientName,
  };
  if (!house.policies.isFresh()) {
    const now = house.clock.now();
    const refused = {
      code: "policy_unavailable",
      rule: "(policy)",
      message: refusals.policy_unavailable.sentence,
    } as const;
    metrics.countDecision(refused.code);
    await journal.append(decisionRecord(newDecisionId(now), now, caller, call, refused, now - receivedAt, house));
    return sendUnavailable(response, message.id);
  }
  const refusal = await callTool(caller, call, receivedAt, {
    now: house.clock.now,
    newId: newDecisionId,
    reserve: (reservations, now) => house.counters.reserve(reservations, now),
    giveBack: (reservations, at) => house.counters.giveBack(reservations, at),
    sealArguments: house.sealArguments,
    record: (record) => {
      if (record.kind === "decision") metrics.countDecision(record.code);
      else metrics.observeCall(record.gatewayMs ?? 0, record.upstreamMs);
      return journal.append(record);
    },
    forward: () => {
      // A disk that hangs may keep a record for long; what was decided before must still hold when the call leaves.
      const obstacle = obstacleTo(caller, house.policies);
      if (obstacle === null) return forwarded(request, planFor(exchanged, session, house), house);
      return Promise.resolve(notSent(obstacle));
    },
  });
  if (refusal !== null) sendJson(response, 200, toolRefusal(message.id ?? "null", era, call.tool ?? "", refusal));
}

function forwarded(request: ExchangeRequest | null, plan: Plan, house: House): Promise<Forwarded> {
  if (request !== null) return relay(house.upstreams, request, plan);
  return Promise.resolve(notSent("upstream_failed"));
}

function notSent(trouble: NonNullable<Forwarded["trouble"]>): Forwarded {
  return { outcome: "not_sent", upstreamStatus: null, upstreamMs: null, trouble };
}

/** Why a call that was allowed a moment ago must not leave. */
function obstacleTo(caller: Caller, { snapshot, isFresh }: Policies): "policy_unavailable" | "frozen" | null {
  const grant = snapshot?.grants.get(caller.grant.id);
  const current = snapshot && grant ? callerOfGrant(grant, snapshot) : null;
  if (!isFresh() || current === null) return "policy_unavailable";
  return current.frozen ? "frozen" : null;
}

type OpenedSession = { ok: true; session: Session | null } | { ok: false; status: number; code: number; why: string };

const versionDiffers = "MCP-Protocol-Version is not what the session agreed on";

function openedSession(message: Message, headers: RequestHeaders, caller: Caller, house: House): OpenedSession {
  if (headers.sessionId === null) return { ok: true, session: null };
  if (message.method === "initialize") {
    return { ok: false, status: 400, code: -32600, why: "initialize opens a session and cannot name one" };
  }
  const session = house.sessions.open(headers.sessionId, caller.grant.id, caller.server.id);
  if (session === null) return { ok: false, status: 404, code: -32001, why: "Session not found" };
  if (!isVersionOf(session, headers)) return { ok: false, status: 400, code: -32600, why: versionDiffers };
  return { ok: true, session };
}

function isVersionOf(session: Session, headers: RequestHeaders): boolean {
  return headers.version === null || headers.version === session.version;
}

function planFor({ caller, response }: Exchanged, session: Session | null, house: House): Plan {
  return {
    response,
    kind: "other",
    shows: () => showsFor(caller, house.policies),
    eventTag: session?.tag ?? null,
    streams: house.streams,
    tokenHash: caller.grant.tokenHash,
  };
}

/** Which tools a caller may see now: those that are known and that its policy does not hide. */
export function showsFor(caller: Caller, policies: Policies): Shows {
  const { snapshot } = policies;
  const grant = snapshot?.grants.get(caller.grant.id);
  const current = snapshot && grant ? callerOfGrant(grant, snapshot) : null;
  if (current === null || current.policy === "unavailable") return () => false;
  const { tools } = current.server;
  const inForce = current.policy;
  // A policy that is only being tried hides nothing.
  const policy = inForce === "none" || inForce.mode === "shadow" ? null : inForce.policy;
  return (name) => {
    const category = tools.get(name);
    return category !== undefined && !isHidden(policy, { name, category });
  };
}

function sendUnavailable(response: ServerResponse, id: string | null): void {
  sendJson(response, 503, otherRefusal(id, "policy_unavailable"), { "retry-after": "2" });
}

/** Sends an answer of our own, unless one has begun. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...headers,
  });
  response.end(body);
}
