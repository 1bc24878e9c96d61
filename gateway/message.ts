// What happens to a request whose caller is known: a tools/call takes its path (call.ts), everything else is relayed when it may be.
import type { ServerResponse } from "node:http";
import type { SecretKeys } from "../prisma/secrets.ts";
import { answerCall } from "./answer-call.ts";
import type { Approvals } from "./approvals.ts";
import { type Caller, obstacleTo } from "./caller.ts";
import { withoutClientCapabilities } from "./capabilities.ts";
import { cancelledRequestOf, isOurState, saysItShowsPages } from "./client-means.ts";
import type { Clock } from "./clock.ts";
import type { CounterStore } from "./counters/counters.ts";
import { type Sight, servesPrompt } from "./definitions.ts";
import { type Dialogues, isNowDue, leave, sameId } from "./dialogue.ts";
import { eraOf, unknownMethod } from "./era.ts";
import { type RequestHeaders, upstreamHeaders } from "./headers.ts";
import type { Journal } from "./journal.ts";
import { type Message, scanMessage } from "./json-scan.ts";
import { maySay, saidByClient } from "./methods.ts";
import type { Metrics } from "./metrics.ts";
import { type Passed, type Peers, unknownHeader } from "./peers.ts";
import type { Policies } from "./policies.ts";
import { otherRefusal, rpcError } from "./refusals.ts";
import type { Renewals } from "./renewal.ts";
import { withoutOurQuestion } from "./rewritten.ts";
import type { Roster } from "./roster.ts";
import type { Session, Sessions } from "./session.ts";
import type { OpenStreams, UnderWay } from "./streams.ts";
import { forwarded, initializeOf, isOwnTask, planFor, type Talk, upstreamSession } from "./talk.ts";
import { askingForNobodys, type Tasks } from "./tasks.ts";
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
  underWay: Roster<UnderWay>;
  dialogues: Dialogues;
  tasks: Tasks;
  renewals: Renewals;
  /** Looks at what servers serve. */
  sight: Sight;
  approvals: Approvals;
  /** What it seals and opens with, of what clients carry for it. */
  keys: SecretKeys;
  peers: Pick<Peers, "self" | "passOn" | "passOnToAny">;
};

/** One request on its way. */
export type Exchanged = {
  caller: Caller;
  headers: RequestHeaders;
  response: ServerResponse;
  /** When its first bytes were read (house clock). */
  receivedAt: number;
  /** The request as it came, to be passed on to another gateway; null when another one has passed it on to us. */
  passed: Passed | null;
};

/**
 * Answers a POST.
 *
 * @param body The request's bytes, complete and under the cap.
 * @returns null when it is answered already.
 */
export function answerMessage(exchanged: Exchanged, body: Buffer, house: House): Promise<void> | null {
  const { caller, headers, response } = exchanged;
  const scan = scanMessage(body);
  if (!scan.ok) return refuse(response, 400, rpcError(scan.id, scan.code, scan.message));
  const { message } = scan;
  const answer = eraOf(message, headers);
  if (!answer.ok) {
    const { status, code, message: why, data } = answer.refusal;
    return refuse(response, status, rpcError(message.id, code, why, data));
  }
  const { era } = answer;

  const opened =
    era === "legacy" ? openedSession(message, headers, caller, house) : { ok: true as const, session: null };
  if (!opened.ok) return refuse(response, opened.status, rpcError(message.id, opened.code, opened.why));
  const { session } = opened;

  if (message.kind !== "response" && !maySay(saidByClient[message.kind], message.method, era, caller.server.refused)) {
    // The client was told that the server can do nothing with it, and a notification is nothing to fail over.
    if (message.kind === "notification") {
      sendNothing(response);
      return null;
    }
    const { status, code, message: why } = unknownMethod(era, "request");
    return refuse(response, status, rpcError(message.id, code, why));
  }

  const sent = upstreamHeaders(headers, era, upstreamSession(session, house), null);
  sent["content-type"] = "application/json";
  const request: ExchangeRequest | null = caller.server.upstream && {
    server: caller.server.upstream,
    grantId: caller.grant.id,
    method: "POST",
    headers: sent,
    body: withoutClientCapabilities(body, caller.server.refused),
    obstacle: () => obstacleTo(caller, house.policies),
  };
  const dialogue = session && house.dialogues.of(session.tag);
  const id = message.id === null ? null : sameId(message.id);
  const requestId = message.kind === "request" ? id : null;
  const isCall = message.kind === "request" && message.method === "tools/call";
  const goesOn = message.kind === "request" && stillAnswered.has(message.method);
  const talk: Talk = { era, session, dialogue, requestId, tool: isCall ? message.name : null, request, goesOn };
  if (!isCall) return answerOther(exchanged, message, id, body, talk, house);

  if (dialogue !== null && id !== null && !isNowDue(dialogue, id, message.name)) {
    sendInUse(response, message.id);
    return null;
  }
  const whole = message.requestState === null ? { message, body } : withoutOurs(message, body, talk, exchanged, house);
  if (whole !== null) return answerCall(exchanged, whole.message, whole.body, talk, house);
  if (dialogue !== null && id !== null) leave(dialogue, id);
  return refuse(response, 200, rpcError(message.id, -32602, "`requestState` is not one that was given out here"));
}

function refuse(response: ServerResponse, status: number, body: string): null {
  sendJson(response, status, body);
  return null;
}

/** Answers all that is no call. */
async function answerOther(
  exchanged: Exchanged,
  message: Message,
  id: string | null,
  body: Buffer,
  talk: Talk,
  house: House,
): Promise<void> {
  const { caller, response } = exchanged;
  const { session, dialogue, requestId, request } = talk;
  if (!house.policies.isFresh()) return sendUnavailable(response, message.id);
  // While frozen, a client may still find out what is there and why nothing works.
  if (caller.frozen && message.kind === "request" && !stillAnswered.has(message.method)) {
    return sendJson(response, 200, otherRefusal(message.id, "frozen"));
  }
  // An answer to the server's question may be all that an earlier call waits for.
  if (caller.frozen && message.kind === "response") return sendJson(response, 403, otherRefusal(null, "frozen"));
  if (message.method === "prompts/get" && !servesPrompt(caller.server, message.name ?? "")) {
    const name = (message.name ?? "").slice(0, promptNameShownMax);
    return sendJson(response, 200, rpcError(message.id, -32602, `Unknown prompt: ${name}`));
  }
  if (message.kind === "response" && !(id !== null && dialogue?.asked.delete(id))) {
    if (await knownElsewhere(exchanged, house)) return;
    return sendJson(response, 400, rpcError(null, -32600, "No such question is open in this session"));
  }
  if (message.kind === "request" && !listensToOwnTasks(message, body, caller, house)) {
    return sendJson(response, 200, rpcError(message.id, -32602, "Task not found"));
  }
  if (request !== null && ofOneTask.has(message.method) && !isOwnTask(message.taskId, caller, house)) {
    if (await knownElsewhere(exchanged, house)) return;
    talk.request = askingForNobodys(request);
  }
  // What is held has not reached the server, which knows nothing of it.
  if (message.method === "notifications/cancelled" && cancelsHeld(body, session, caller, house)) {
    return sendNothing(response);
  }
  const plan = planFor(exchanged, talk, house);
  if (listMethods.has(message.method)) plan.kind = "list";
  if (message.method === "initialize") {
    plan.kind = "initialize";
    plan.welcome = (version, upstreamId) => {
      const { grant, server } = caller;
      const { clientName } = message;
      const initialize = upstreamId === null ? null : initializeOf(request);
      const shown = saysItShowsPages(body.toString("utf8")) ? { showsPages: true } : {};
      const home = request !== null && isKeptHere(request) ? { home: house.peers.self } : {};
      const bound = {
        ...{ grantId: grant.id, serverId: server.id, version, upstreamId, clientName, initialize },
        ...shown,
        ...home,
      };
      const made = house.sessions.mint(bound);
      return { id: made.id, tag: made.session.tag };
    };
  }
  if (dialogue !== null && requestId !== null && !isNowDue(dialogue, requestId, null))
    return sendInUse(response, message.id);
  const { trouble, retryAfterS } = await forwarded(talk, plan, message.kind !== "response", house);
  if (dialogue !== null && requestId !== null) leave(dialogue, requestId);
  if (trouble === null) return;
  if (message.kind === "request") return sendJson(response, 200, otherRefusal(message.id, trouble, retryAfterS));
  sendJson(response, 502, otherRefusal(null, trouble, retryAfterS));
}

/** Whether a session with this server is a program of ours or a stream that we hold: then only we can answer it. */
function isKeptHere({ server }: ExchangeRequest): boolean {
  return server.transport === "stdio" || server.era === "sse";
}

/** What we know nothing of, another gateway may. Who is asked by another one says so, instead of asking on. */
async function knownElsewhere({ passed, response }: Exchanged, { peers }: House): Promise<boolean> {
  if (passed === null) {
    response.setHeader(unknownHeader, "1");
    return false;
  }
  const came = await peers.passOnToAny(passed);
  if (came === "lost") sendLost(response, passed.body);
  return came === "answered" || came === "lost";
}

/** The id of the message in a body, as JSON text; null when it has none. */
export function idIn(body: Buffer | null): string | null {
  if (body === null) return null;
  const scan = scanMessage(body);
  return scan.ok ? scan.message.id : scan.id;
}

/** The gateway that a request was passed on to has not answered it. It is not made again here: it may have taken effect. */
export function sendLost(response: ServerResponse, body: Buffer | null): void {
  const why = "The gateway that keeps this session broke off. The request may have taken effect, or may still.";
  sendJson(response, 502, rpcError(idIn(body), -32603, why));
}

/** Whether the call that a client does not want any more waits for a person here. One that may wait elsewhere is let go there. */
function cancelsHeld(
  body: Buffer,
  session: Session | null,
  { grant }: Caller,
  { approvals, dialogues }: House,
): boolean {
  const named = cancelledRequestOf(body.toString("utf8"));
  // Longer than any id of a request: no call has it, and it would not fit into a notice.
  if (named === null || named.length > requestIdLengthMax) return false;
  const requestId = sameId(named);
  const tag = session?.tag ?? null;
  const isHere = tag !== null && dialogues.of(tag).due.get(requestId)?.isOpen === true;
  return approvals.cancel(grant.id, tag, requestId, isHere);
}

/** A call without the answer to a question of ours; null when it only looks like one. */
function withoutOurs(
  message: Message,
  body: Buffer,
  talk: Talk,
  { caller }: Exchanged,
  house: House,
): { message: Message; body: Buffer } | null {
  const { keys, clock } = house;
  const isOurs = isOurState(message.requestState ?? "", keys, caller.grant.id, clock.now());
  if (isOurs === "forged") return null;
  if (!isOurs) return { message, body };
  const rest = withoutOurQuestion(body);
  const scan = scanMessage(rest);
  if (!scan.ok) return null;
  if (talk.request) talk.request = { ...talk.request, body: withoutClientCapabilities(rest, caller.server.refused) };
  talk.wasAsked = true;
  return { message: scan.message, body: rest };
}

const requestIdLengthMax = 300;
const promptNameShownMax = 200;
/** Whose answers may have to be changed. */
const listMethods: ReadonlySet<string> = new Set(["tools/list", "tasks/list", "prompts/list", "server/discover"]);
const stillAnswered: ReadonlySet<string> = new Set(["initialize", "server/discover", "ping", "tools/list"]);

/** Whether the tasks that a request wants to hear of, if any, are the caller's. */
function listensToOwnTasks({ method }: Message, body: Buffer, caller: Caller, house: House): boolean {
  if (method !== "subscriptions/listen" || !mayHoldTasks(body)) return true;
  const { params } = JSON.parse(body.toString("utf8")) as { params?: Record<string, unknown> };
  const { notifications } = params ?? {};
  return [params, notifications].every((filter) => {
    const taskIds = typeof filter === "object" && filter !== null && "taskIds" in filter ? filter.taskIds : undefined;
    if (taskIds === undefined) return true;
    return Array.isArray(taskIds) && taskIds.every((id) => typeof id === "string" && isOwnTask(id, caller, house));
  });
}

const ofOneTask: ReadonlySet<string> = new Set(["tasks/get", "tasks/result", "tasks/cancel", "tasks/update"]);
const mayHoldTasks = (body: Buffer) => body.includes('"taskIds"') || body.includes("\\u");

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
  // Closing a session takes nothing from anyone; listening to a frozen server would.
  if (caller.frozen && method === "GET") return sendJson(response, 403, otherRefusal(null, "frozen"));
  let lastEventId = headers.lastEventId;
  let requestId: string | null = null;
  if (lastEventId !== null) {
    // An upstream that keeps the events of all sessions in one store would replay those of another.
    const named = session && house.sessions.openEventId(session.tag, lastEventId);
    if (named === null) return sendJson(response, 400, rpcError(null, -32600, "Last-Event-ID is not of this session"));
    lastEventId = named.eventId;
    requestId = named.requestId;
  }
  const request: ExchangeRequest | null = caller.server.upstream && {
    server: caller.server.upstream,
    grantId: caller.grant.id,
    method,
    headers: upstreamHeaders(headers, "legacy", upstreamSession(session, house), lastEventId),
  };
  const dialogue = session && house.dialogues.of(session.tag);
  const goesOn = method === "DELETE";
  const talk: Talk = { era: "legacy", session, dialogue, requestId, tool: null, request, goesOn };
  const { trouble, upstreamStatus } = await forwarded(talk, planFor(exchanged, talk, house), method === "GET", house);
  if (method === "DELETE" && session !== null && Math.floor((upstreamStatus ?? 0) / 100) === 2) {
    house.renewals.end(session);
  }
  if (trouble !== null) sendJson(response, 502, otherRefusal(null, trouble));
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

function sendInUse(response: ServerResponse, id: string | null): void {
  sendJson(response, 400, rpcError(id, -32600, "Invalid request: this id is in use"));
}

function sendNothing(response: ServerResponse): void {
  response.writeHead(202, { "cache-control": "no-store" }).end();
}

export function sendUnavailable(response: ServerResponse, id: string | null): void {
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
