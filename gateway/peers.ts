// Gateways that stand for one: what only one of them can answer (a session with a program that it runs, a question that it passed
// on, a task that it saw begin) is passed on to it by whichever the client happened to reach.
import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import pg from "pg";
import type { Log } from "./log.ts";

/** Says that a request comes from another gateway, which has let it in. */
export const peerHeader = "x-policylayer-peer";
/** Says that the one asked knows nothing of what the request is about. */
export const unknownHeader = "x-policylayer-unknown";
export const peerPath = "/peer";

export type Peers = {
  /** Where the others reach us. */
  readonly self: string;
  /**
   * Passes a request on to the gateway at `url`, and its answer back.
   *
   * @param mustKnow Whether an answer that it knows nothing of it does not count.
   * @returns `false` when it was not answered there: it has not been sent, or nothing is known of it.
   */
  passOn(url: string, passed: Passed, mustKnow: boolean): Promise<boolean>;
  /** The same with each of the others, until one knows. */
  passOnToAny(passed: Passed): Promise<boolean>;
  close(): Promise<void>;
};

export type Passed = { request: IncomingMessage; response: ServerResponse; body: Buffer | null };

export type PeersOptions = { databaseUrl: string; self: string; internalToken: string; log: Log };

/** Headers of one connection, not of the request. */
const ownHeaders: ReadonlySet<string> = new Set([
  ...["connection", "keep-alive", "transfer-encoding", "content-length", "host", "upgrade", "te", "trailer", "expect"],
  ...[peerHeader, unknownHeader],
]);
const connectMs = 2_000;
const othersMs = 2_000;

export function openPeers({ databaseUrl, self, internalToken, log }: PeersOptions): Peers {
  const agent = new Agent({ keepAlive: true, maxSockets: 256, timeout: 4_000 });
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 1,
    connectionTimeoutMillis: othersMs,
    query_timeout: othersMs,
    application_name: "policylayer gateway peers",
  });
  pool.on("error", () => {}); // an idle connection broke: the next question opens another
  let others: { urls: string[]; at: number } | null = null;

  async function readOthers(): Promise<string[]> {
    if (others !== null && performance.now() - others.at < othersMs) return others.urls;
    try {
      const { rows } = await pool.query<{ adminUrl: string }>(
        `SELECT DISTINCT "adminUrl" FROM "Gateway" WHERE "seenAt" > now() - interval '10 seconds'`,
      );
      others = { urls: rows.map(({ adminUrl }) => adminUrl).filter((url) => url !== self), at: performance.now() };
      return others.urls;
    } catch (cause) {
      log.warn({ cause: String(cause) }, "which other gateways there are cannot be asked");
      return others?.urls ?? [];
    }
  }

  function passOn(url: string, { request, response, body }: Passed, mustKnow: boolean): Promise<boolean> {
    return new Promise((resolve) => {
      let isSent = false;
      const headers = [...pairsOf(request.rawHeaders), [peerHeader, internalToken] as [string, string]];
      if (body !== null) headers.push(["content-length", String(body.length)]);
      const passing = httpRequest(`${url}${peerPath}${request.url}`, {
        method: request.method,
        agent,
        headers: headers.flat(),
      });
      passing.setTimeout(connectMs, () => !isSent && passing.destroy(new Error("it cannot be reached")));
      passing.on("socket", (socket) => {
        const sent = () => {
          isSent = true;
          passing.setTimeout(0);
        };
        if (socket.connecting) socket.once("connect", sent);
        else sent();
      });
      passing.on("error", (cause) => {
        if (response.headersSent) response.destroy();
        // Once it may have arrived it is not made again here: it may have taken effect.
        else if (isSent) response.writeHead(502, { "cache-control": "no-store" }).end();
        else
          log.warn({ peer: url, cause: String(cause) }, "another gateway cannot be reached; its session goes on here");
        resolve(isSent);
      });
      passing.on("response", (answer) => {
        if (mustKnow && answer.headers[unknownHeader] !== undefined) {
          answer.resume();
          resolve(false);
          return;
        }
        response.writeHead(answer.statusCode ?? 502, pairsOf(answer.rawHeaders).flat());
        answer.pipe(response);
        answer.on("error", () => response.destroy());
        answer.on("end", () => resolve(true));
        answer.on("close", () => resolve(true));
      });
      response.on("close", () => passing.destroy());
      passing.end(body ?? undefined);
    });
  }

  return {
    self,
    passOn,
    async passOnToAny(passed) {
      for (const url of await readOthers()) if (await passOn(url, passed, true)) return true;
      return false;
    },
    async close() {
      agent.destroy();
      await pool.end();
    },
  };
}

function pairsOf(raw: readonly string[]): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name = "", value = ""] = [raw[at], raw[at + 1]];
    if (!ownHeaders.has(name.toLowerCase())) pairs.push([name, value]);
  }
  return pairs;
}
