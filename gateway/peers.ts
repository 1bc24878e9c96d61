// Gateways that stand for one: what only one of them can answer (a session with a program that it runs, a question that it passed
// on, a task that it saw begin) is passed on to it by whichever the client happened to reach.
import {
  Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Log } from "./log.ts";

/** Says that a request comes from another gateway, which has let it in. */
export const peerHeader = "x-policylayer-peer";
/** Says that the one asked knows nothing of what the request is about. */
export const unknownHeader = "x-policylayer-unknown";
/** Says that the one asked has done nothing, because it is about to end or has just begun: it, or who takes its place, can be asked again. */
export const leavingHeader = "x-policylayer-leaving";
export const peerPath = "/peer";

/**
 * What came of passing a request on. `answered`: the client has its answer. `lost`: it was sent, and may have taken effect; the
 * client is to be told so. Otherwise it has certainly had no effect: `unknown` to the one asked, or that one is `gone`.
 */
export type PassedOn = "answered" | "lost" | "unknown" | "gone";

export type Peers = {
  /** Where the others reach us. */
  readonly self: string;
  /** Passes a request on to the gateway at `url`, and its answer back. One that is started again is waited for. */
  passOn(url: string, passed: Passed): Promise<PassedOn>;
  /** The same with each of the others, until one knows. */
  passOnToAny(passed: Passed): Promise<PassedOn>;
  close(): Promise<void>;
};

export type Passed = { request: IncomingMessage; response: ServerResponse; body: Buffer | null };

export type PeersOptions = {
  databaseUrl: string;
  self: string;
  internalToken: string;
  log: Log;
};

/** Headers of one connection, not of the request; and `origin`, which was looked at where the client came in. */
const ownHeaders: ReadonlySet<string> = new Set([
  ...["connection", "keep-alive", "transfer-encoding", "content-length", "host", "upgrade", "te", "trailer", "expect"],
  ...["origin", peerHeader, unknownHeader, leavingHeader],
]);
/** How long the one is waited for that keeps a session, when it cannot be reached or is about to end; on a busy machine a start takes its time. */
const homePatienceMs = 20_000;
/** The same of those that may know a question or a task. */
const othersPatienceMs = 10_000;
const takenMs = 2_000;
const othersMs = 2_000;
/** A gateway that was there so long ago may be on its way back. */
const seenLatelyMs = 15_000;
const againMs = 200;
/** One that was waited for in vain is not waited for again for so long. */
const givenUpMs = 10_000;

export function openPeers({ databaseUrl, self, internalToken, log }: PeersOptions): Peers {
  // Shorter than the admin server keeps an idle connection, so that a request is not sent on one that is being closed.
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 64, timeout: 3_000 });
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 1,
    connectionTimeoutMillis: othersMs,
    query_timeout: othersMs,
    application_name: "policylayer gateway peers",
  });
  pool.on("error", () => {}); // an idle connection broke: the next question opens another
  const seenAt = new Map<string, number>();
  const givenUpAt = new Map<string, number>();
  let askedAt = Number.NEGATIVE_INFINITY;

  async function readOthers(): Promise<string[]> {
    const now = performance.now();
    if (now - askedAt > othersMs) {
      askedAt = now;
      try {
        const { rows } = await pool.query<{ adminUrl: string }>(
          `SELECT DISTINCT "adminUrl" FROM "Gateway" WHERE "seenAt" > now() - interval '10 seconds'`,
        );
        for (const { adminUrl } of rows) if (adminUrl !== self) seenAt.set(adminUrl, now);
      } catch (cause) {
        log.warn({ cause: String(cause) }, "which other gateways there are cannot be asked");
      }
      for (const [url, at] of seenAt) if (now - at > seenLatelyMs) seenAt.delete(url);
    }
    return [...seenAt.keys()];
  }

  async function passOn(url: string, passed: Passed): Promise<PassedOn> {
    const deadline = performance.now() + (isGivenUp(url) ? 0 : homePatienceMs);
    while (true) {
      const answer = await attempt(url, passed);
      if (answer !== "gone") {
        givenUpAt.delete(url);
        return answer;
      }
      if (passed.response.destroyed) return "answered"; // nobody waits for it
      if (performance.now() > deadline) {
        if (!isGivenUp(url)) log.warn({ peer: url }, "another gateway is gone, and what only it could answer");
        givenUpAt.set(url, performance.now());
        return "gone";
      }
      await sleep(againMs);
    }
  }

  function isGivenUp(url: string): boolean {
    return performance.now() - (givenUpAt.get(url) ?? Number.NEGATIVE_INFINITY) < givenUpMs;
  }

  function attempt(url: string, { request, response, body }: Passed): Promise<PassedOn> {
    return new Promise((resolve) => {
      if (response.destroyed) return resolve("answered");
      // Headers given as a list go out as they are: nobody adds the host.
      const ours = [["host", new URL(url).host] as const, [peerHeader, internalToken] as const];
      const headers = [...pairsOf(request.rawHeaders), ...ours];
      // What has an effect leaves us only when the other has begun with it: a connection may break at any time before.
      const length =
        body === null ? [] : [["content-length", String(body.length)] as const, ["expect", "100-continue"] as const];
      const passing = httpRequest(`${url}${peerPath}${request.url}`, {
        method: request.method,
        agent,
        headers: [...headers, ...length].flat(),
      });
      const isSent = watchConnection(passing, body === null ? "connect" : "continue");
      passing.on("error", () => {
        if (response.headersSent) response.destroy();
        resolve(response.headersSent ? "answered" : isSent() ? "lost" : "gone");
      });
      passing.on("response", (answer) => {
        // Answered without a look at the body: no connection for another request.
        if (!isSent()) answer.on("close", () => passing.destroy());
        const isUnknown = answer.headers[unknownHeader] !== undefined;
        if (isUnknown || answer.headers[leavingHeader] !== undefined) {
          answer.resume();
          resolve(isUnknown ? "unknown" : "gone");
          return;
        }
        response.writeHead(answer.statusCode ?? 502, pairsOf(answer.rawHeaders).flat());
        response.flushHeaders(); // a stream of events may say nothing for long
        answer.pipe(response);
        answer.on("error", () => response.destroy());
        answer.on("close", () => resolve("answered"));
        response.on("close", () => passing.destroy());
      });
      const leave = () => passing.destroy();
      response.once("close", leave);
      passing.once("response", () => response.off("close", leave));
      passing.once("error", () => response.off("close", leave));
      if (body === null) passing.end();
      else {
        passing.flushHeaders();
        passing.once("continue", () => passing.end(body));
      }
    });
  }

  return {
    self,
    passOn,
    async passOnToAny(passed) {
      const deadline = performance.now() + othersPatienceMs;
      let urls = await readOthers();
      while (urls.length > 0) {
        const gone: string[] = [];
        for (const url of urls) {
          const answer = await attempt(url, passed);
          if (answer === "answered" || answer === "lost") return answer;
          if (answer === "gone" && !isGivenUp(url)) gone.push(url);
        }
        if (performance.now() > deadline) for (const url of gone) givenUpAt.set(url, performance.now());
        else if (gone.length > 0) await sleep(againMs);
        urls = gone.filter((url) => !isGivenUp(url));
      }
      return "unknown";
    },
    async close() {
      agent.destroy();
      await pool.end();
    },
  };
}

/**
 * Ends a request that nobody takes.
 *
 * @param from When it may have been sent.
 * @returns Tells whether it may have been.
 */
function watchConnection(passing: ClientRequest, from: "connect" | "continue"): () => boolean {
  let isSent = false;
  const late = setTimeout(() => passing.destroy(new Error("it cannot be reached")), takenMs);
  const sent = () => {
    clearTimeout(late);
    isSent = true;
  };
  if (from === "continue") passing.once("continue", sent);
  else passing.on("socket", (socket) => (socket.connecting ? socket.once("connect", sent) : sent()));
  passing.on("close", () => clearTimeout(late));
  return () => isSent;
}

function pairsOf(raw: readonly string[]): (readonly [name: string, value: string])[] {
  const pairs: (readonly [name: string, value: string])[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name = "", value = ""] = [raw[at], raw[at + 1]];
    if (!ownHeaders.has(name.toLowerCase())) pairs.push([name, value]);
  }
  return pairs;
}
