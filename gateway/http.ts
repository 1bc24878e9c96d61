// The door: who may knock, where, with what and how much. Behind it a request has a caller and its bytes are complete.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { isAllowedHost, isAllowedOrigin, type Settings } from "../settings.ts";
import { type Caller, callerOf, type TokenHashes } from "./caller.ts";
import { modernVersion } from "./era.ts";
import { isPlainJson, readHeaders } from "./headers.ts";
import type { Log } from "./log.ts";
import { answerBodiless, answerMessage, type Exchanged, type House, idIn, sendJson, sendLost } from "./message.ts";
import { leavingHeader, type Passed, peerPath } from "./peers.ts";
import { otherRefusal, rpcError } from "./refusals.ts";
import { Roster } from "./roster.ts";
import { breather } from "./slices.ts";
import { Stage } from "./stage.ts";
import { endStreams } from "./streams.ts";

/** What the SDKs' servers accept by default; a longer body would be refused behind us. */
export const bodyBytesMax = 4 * 1024 * 1024;
const keepAliveCommentMs = 15_000;
const sweepMs = 1_000;
const lookAgainMs = 25;

export type Door = {
  /** Answers one request. @param isPassedOn Another gateway has let it in, and passed it on to us. */
  answer(request: IncomingMessage, response: ServerResponse, isPassedOn: boolean): void;
  /** From now on what other gateways pass on is answered too; before, it is left to when we can. */
  open(): void;
  /** Before we end: from now on each answer is the last of its connection, and nobody is kept who only listens. */
  leave(): void;
  /**
   * Resolves when all that is under way is answered. What other gateways pass on is answered as long as clients of our own are,
   * and then left to whoever takes our place.
   */
  emptied(): Promise<void>;
};

export function createDoor(house: House, settings: Pick<Settings, "allowedHosts">, log: Log): Door {
  const tokens: TokenHashes = new Map();
  /** What is being answered, to our own clients and to those of other gateways. */
  const [own, passedOn] = [new Roster<BeingAnswered>(), new Roster<BeingAnswered>()];
  let isLeaving = false;
  let isShut = true;

  const late = new Stage<Complete>(goOn);
  const arrivals = new Stage<Arrival>((all) => {
    const complete: Complete[] = [];
    for (const arrival of all) {
      guarded(arrival.response, () => letIn(arrival, house, settings, tokens, complete, late));
    }
    goOn(complete);
  });

  function goOn(complete: readonly Complete[]): void {
    for (const { exchanged, body } of complete) guarded(exchanged.response, () => answerWhole(exchanged, body, house));
  }

  function guarded(response: ServerResponse, take: () => Promise<void> | null): void {
    try {
      take()?.catch((cause: unknown) => failed(response, cause));
    } catch (cause) {
      failed(response, cause);
    }
  }

  /** A bug of ours: nothing is forwarded, and nothing of it is told to the client. */
  function failed(response: ServerResponse, cause: unknown): void {
    log.error({ cause: cause instanceof Error ? cause.stack : String(cause) }, "a request failed");
    if (response.headersSent) response.destroy();
    else sendJson(response, 500, rpcError(null, -32603, "Internal error"));
  }

  return {
    answer(request, response, isPassedOn) {
      const underWay = isPassedOn ? passedOn : own;
      const one: BeingAnswered = { response };
      underWay.set(one, true);
      response.on("close", () => {
        underWay.delete(one);
        if (response.writableFinished) house.metrics.countHttp(response.statusCode);
      });
      // A client that breaks off in the middle of an answer is no fault of anyone here.
      response.on("error", ignore);
      if (isLeaving) response.shouldKeepAlive = false;
      if ((isPassedOn && isShut) || (isLeaving && request.method === "GET")) {
        request.resume();
        return sendLeaving(response);
      }
      arrivals.add({ request, response, isPassedOn, receivedAt: house.clock.now() });
    },
    open() {
      isShut = false;
    },
    leave() {
      isLeaving = true;
      for (const [{ response }] of [...own, ...passedOn]) {
        if (!response.headersSent) response.shouldKeepAlive = false;
        if (response.req.method !== "GET") continue;
        if (response.headersSent) response.end();
        else sendLeaving(response);
      }
    },
    async emptied() {
      await allOver(own);
      isShut = true;
      await allOver(passedOn);
    },
  };
}

/** An object of ours: a roster marks what it holds, and node is a tenth slower with responses that are marked. */
type BeingAnswered = { readonly response: ServerResponse };

function ignore(): void {}

/** Who listens, does so elsewhere, and who passes something on asks again. */
function sendLeaving(response: ServerResponse): void {
  sendJson(response, 503, rpcError(null, -32603, "The gateway is stopping or starting"), {
    "retry-after": "1",
    [leavingHeader]: "1",
  });
}

async function allOver(underWay: Roster<BeingAnswered>): Promise<void> {
  while (underWay.size > 0) await sleep(lookAgainMs);
}

/** Serves `/mcp/<serverId>` and nothing else. The caller makes it listen. */
export function createGatewayServer(house: House, door: Door): Server {
  const server = createServer(
    // The session ids we make hold an upstream's own: a command's may be some kilobytes.
    { maxHeaderSize: 32 * 1024, requestTimeout: 60_000, headersTimeout: 15_000, keepAliveTimeout: 65_000 },
    (request, response) => door.answer(request, response, false),
  );
  // One timer for all streams.
  const keepAlive = setInterval(() => void sayNothing(house.streams), keepAliveCommentMs);
  // The token that opened a stream may expire, and may have been gone already when its server began to answer.
  const sweep = setInterval(() => {
    const { snapshot } = house.policies;
    if (snapshot) endStreams(house.streams, snapshot, latest(house));
  }, sweepMs);
  server.on("close", () => {
    clearInterval(keepAlive);
    clearInterval(sweep);
  });
  return server;
}

/** Writes a comment to each stream of events, with breaks: there may be thousands, and calls come meanwhile. */
async function sayNothing(streams: House["streams"]): Promise<void> {
  const breathe = breather();
  for (const [stream, { isEvents }] of streams) {
    // Written only between whole events, so a comment cannot split one.
    if (isEvents && !stream.writableEnded && !stream.destroyed) stream.write(":\n\n");
    await breathe();
  }
}

/** A request whose head is there, and when that was read (house clock). */
type Arrival = { request: IncomingMessage; response: ServerResponse; isPassedOn: boolean; receivedAt: number };

/** A POST of a caller whom we know, with its body. */
type Complete = { exchanged: Exchanged; body: Buffer };

/** What may be asked here is added to `complete`, now or `late`; all else is answered. */
function letIn(
  { request, response, isPassedOn, receivedAt }: Arrival,
  house: House,
  settings: Pick<Settings, "allowedHosts">,
  tokens: TokenHashes,
  complete: Complete[],
  late: Stage<Complete>,
): Promise<void> | null {
  const headers = readHeaders(request);
  if (headers === null) return refuse(request, response, 400, "Bad request: a header is there twice");
  const isOfHere =
    isAllowedHost(settings, headers.host ?? undefined) && isAllowedOrigin(settings, headers.origin ?? undefined);
  if (!isPassedOn && !isOfHere) {
    return refuse(request, response, 403, "Forbidden: this Host or Origin is not served");
  }
  const url = request.url ?? "";
  const serverId = serverOf(isPassedOn ? url.slice(peerPath.length) : url);
  if (serverId === null) return refuse(request, response, 404, "Not found");
  const { method } = request;
  if (method !== "POST" && method !== "GET" && method !== "DELETE") {
    return refuse(request, response, 405, "Method not allowed", { allow: "GET, POST, DELETE" });
  }

  const { snapshot } = house.policies;
  const caller = snapshot && callerOf(headers.authorization, serverId, snapshot, latest(house), tokens);
  if (snapshot === null || caller === null) {
    // Without a current snapshot we cannot say that nobody has this token.
    if (house.policies.isFresh()) {
      return refuse(request, response, 401, unauthorized, challengeOf(headers));
    }
    request.resume();
    sendJson(response, 503, otherRefusal(null, "policy_unavailable"), { "retry-after": "2" });
    return null;
  }

  if (method !== "POST") {
    if (headers.version === modernVersion) {
      return refuse(request, response, 405, `Method not allowed in ${modernVersion}`, { allow: "POST" });
    }
    request.resume();
    const passed = isPassedOn ? null : { request, response, body: null };
    return answerWithout(method, { caller, headers, response, receivedAt, passed }, house);
  }
  if (!isPlainJson(headers)) {
    return refuse(request, response, 415, "Unsupported media type: send application/json in UTF-8, not encoded");
  }
  if (Number(request.headers["content-length"]) > bodyBytesMax) return refuse(request, response, 413, tooLong);
  if (request.complete) {
    const body = bodyOf(request);
    const passed = isPassedOn ? null : { request, response, body };
    if (body.length > bodyBytesMax) return refuse(request, response, 413, tooLong);
    complete.push({ exchanged: { caller, headers, response, receivedAt, passed }, body });
    return null;
  }
  return readBody(request).then((body) => {
    if (body === "gone") return;
    if (body === null) {
      refuse(request, response, 413, tooLong);
      return;
    }
    // A body may take its time: what holds now decides, not what held when it began.
    const current = house.policies.snapshot ?? snapshot;
    const callerNow = callerOf(headers.authorization, serverId, current, latest(house), tokens);
    const passed = isPassedOn ? null : { request, response, body };
    if (callerNow === null) refuse(request, response, 401, unauthorized, challengeOf(headers));
    else late.add({ exchanged: { caller: callerNow, headers, response, receivedAt, passed }, body });
  });
}

const tooLong = `Content too large: at most ${bodyBytesMax} bytes`;

async function answerWithout(method: "GET" | "DELETE", exchanged: Exchanged, house: House): Promise<void> {
  const { passed, headers, caller } = exchanged;
  if (passed !== null && (await isAnsweredAtHome(headers.sessionId, caller, passed, house))) return;
  return answerBodiless(method, exchanged, house);
}

function answerWhole(exchanged: Exchanged, body: Buffer, house: House): Promise<void> | null {
  const { passed, headers, caller } = exchanged;
  const elsewhere = passed !== null && isAnsweredAtHome(headers.sessionId, caller, passed, house);
  return elsewhere === false ? answerMessage(exchanged, body, house) : elsewhere.then(() => {});
}

/**
 * A session whose program another gateway runs is answered there. When that is gone so is the session: were it begun again here,
 * the next request might begin it a third time at the next gateway, and each of them would know a part of what was said.
 */
function isAnsweredAtHome(
  sessionId: string | null,
  { grant, server }: Caller,
  passed: Passed,
  { sessions, peers }: House,
): Promise<true> | false {
  if (sessionId === null) return false;
  const home = sessions.open(sessionId, grant.id, server.id)?.home;
  return home === undefined || home === peers.self ? false : answerAtHome(home, passed, peers);
}

async function answerAtHome(home: string, passed: Passed, peers: House["peers"]): Promise<true> {
  const came = await peers.passOn(home, passed);
  const { response, body } = passed;
  if (came === "lost") sendLost(response, body);
  else if (came !== "answered") sendJson(response, 404, rpcError(idIn(body), -32001, "Session not found"));
  return true;
}

/** A token ends at a time of day. Our clock stands still while the machine sleeps, and a wall clock may be set back: the later counts. */
function latest(house: House): number {
  return Math.max(house.clock.now(), Date.now());
}

const unauthorized = "Unauthorized: no valid token for this server";

/** RFC 6750, 3.1: who sent no token made no error, and of a bad one nobody learns what is bad about it. */
function challengeOf({ authorization }: { authorization: string | null }): Record<string, string> {
  const hasToken = /^bearer +\S/i.test(authorization ?? "");
  return { "www-authenticate": hasToken ? 'Bearer error="invalid_token"' : "Bearer" };
}

const pathPrefix = "/mcp/";

/** The server's id in the path; null for every path that is not ours, `/.well-known/…` included. */
function serverOf(url: string): string | null {
  const query = url.indexOf("?");
  const path = query === -1 ? url : url.slice(0, query);
  if (!path.startsWith(pathPrefix)) return null;
  const serverId = path.slice(pathPrefix.length);
  return serverId === "" || serverId.includes("/") ? null : serverId;
}

/** Refuses before the body is read; the connection ends with the answer, so that nobody has to read it. */
function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  why: string,
  headers: Record<string, string> = {},
): null {
  const hasBody = request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
  const small = Number(request.headers["content-length"]) <= 64 * 1024;
  if (small) request.resume();
  sendJson(
    response,
    status,
    rpcError(null, -32600, why),
    hasBody && !small ? { ...headers, connection: "close" } : headers,
  );
  return null;
}

/** The body of a request that is all there. */
function bodyOf(request: IncomingMessage): Buffer {
  const body: unknown = request.read();
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** The whole body; null as soon as it is over the cap. `gone` when the client went away. */
function readBody(request: IncomingMessage): Promise<Buffer | null | "gone"> {
  if (request.destroyed) return Promise.resolve("gone");
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= bodyBytesMax) {
        chunks.push(chunk);
        return;
      }
      request.pause();
      resolve(null);
    });
    request.on("end", () => resolve(Buffer.concat(chunks, length)));
    request.on("close", () => resolve("gone"));
  });
}
