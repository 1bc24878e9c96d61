// Servers of the HTTP+SSE transport of 2024-11-05, presented as Streamable HTTP: each session of a client has an event stream of
// its own to the server, on which everything comes back, and messages go to the URI that the stream names first.
import type { Log } from "../log.ts";
import { readSse, type SseEvent } from "../sse.ts";
import type { HttpUpstreams } from "./http.ts";
import type { Program, ProgramEnd, ProgramHooks } from "./program.ts";
import { openSessionUpstreams, type StdioLimits, type StdioUpstreams, stdioLimits } from "./stdio.ts";
import type { Exchange, UpstreamServer, UpstreamTrouble } from "./upstream.ts";

export type OldSseLimits = StdioLimits & { endpointTimeoutMs: number; eventLengthMax: number; queuedMax: number };

/** A connection costs less than a process. */
export const oldSseLimits: OldSseLimits = {
  ...stdioLimits,
  processesMax: 2_000,
  processesPerServerMax: 500,
  endpointTimeoutMs: 10_000,
  eventLengthMax: 16 * 1024 * 1024,
  queuedMax: 256,
};

/** @param http Where connections are made: with its vetting of addresses, the owner's headers and its time limits. */
export function openOldSseUpstreams(
  http: HttpUpstreams,
  log: Log,
  limits: OldSseLimits = oldSseLimits,
): StdioUpstreams {
  const connections = {
    name: "connections" as const,
    serves: ({ transport, era }: UpstreamServer) => transport === "http" && era === "sse",
    refusal: () => null,
    start: (server: UpstreamServer, hooks: ProgramHooks) => connect(http, server, hooks, limits),
  };
  return openSessionUpstreams(connections, log, limits);
}

/** One event stream with its endpoint. It ends for good when the stream does; a later request begins another. */
function connect(http: HttpUpstreams, server: UpstreamServer, hooks: ProgramHooks, limits: OldSseLimits): Program {
  const reader = readSse(limits.eventLengthMax);
  /** Where messages go, once the server has said it. */
  let endpoint: string | null = null;
  let queued: string[] = [];
  let isOver = false;
  let isStream = false;
  let settleEnd: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    settleEnd = resolve;
  });
  const posts = new Set<Exchange>();

  function finish(end: ProgramEnd): void {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    stream.cancel();
    for (const post of posts) post.cancel();
    // Not within the call that began it, which does not hold us yet.
    queueMicrotask(() => {
      settleEnd();
      hooks.onEnd(end);
    });
  }

  function onEvent({ event, data }: SseEvent): void {
    if (isOver || data === null) return;
    if (event === "endpoint") {
      if (endpoint !== null) return;
      endpoint = pathOf(data, server.url ?? "");
      clearTimeout(timer);
      if (endpoint === null) {
        finish(elsewhere);
        return;
      }
      const waiting = queued;
      queued = [];
      for (const line of waiting) post(endpoint, line);
    } else if (event === null || event === "message") {
      // Whoever reads lines next reads JSON; a line break can only stand between its tokens.
      if (endpoint !== null) hooks.onLine(data.replaceAll("\n", " "));
    }
  }

  function post(path: string, line: string): void {
    let isSettled = false;
    const settle = (trouble: UpstreamTrouble | null) => {
      if (isSettled) return;
      isSettled = true;
      posts.delete(exchange);
      if (trouble !== null && !isOver) hooks.onLost(line, trouble);
    };
    const exchange = http.exchange(
      {
        server,
        grantId: "",
        method: "POST",
        path,
        headers: { "content-type": "application/json", accept: "application/json" },
        body: Buffer.from(line),
      },
      {
        onHeaders(status) {
          if (status >= 200 && status < 300) return;
          settle({ code: "upstream_failed", message: `The server refused a message (HTTP ${status}).`, sent: true });
          exchange.cancel();
          // It does not know this stream any more: the next request has to begin another.
          if (status === 404 || status === 410) finish(forgotten);
        },
        onData() {}, // the answer comes on the stream; what stands here is "Accepted"
        onEnd: () => settle(null),
        onTrouble: settle,
      },
    );
    posts.add(exchange);
  }

  const timer = setTimeout(() => finish(isStream ? nameless : silent), limits.endpointTimeoutMs);
  const stream = http.exchange(
    { server, grantId: "", method: "GET", headers: { accept: "text/event-stream" } },
    {
      onHeaders(status, headers) {
        isStream = status === 200 && /^text\/event-stream\b/i.test(headers["content-type"] ?? "");
        if (isStream) return;
        finish({ code: "upstream_failed", message: `The server gives no event stream (HTTP ${status}).` });
      },
      onData(chunk) {
        if (isOver) return;
        const events = reader.push(chunk);
        if (events === null) {
          hooks.onTooLong();
          return finish(tooLarge);
        }
        for (const event of events) onEvent(event);
      },
      onEnd: () => finish(closed),
      onTrouble: ({ code, message }) => finish({ code, message }),
    },
  );

  return {
    write(line) {
      if (isOver || queued.length >= limits.queuedMax || posts.size >= limits.queuedMax) return false;
      if (endpoint === null) queued.push(line);
      else post(endpoint, line);
      return true;
    },
    end() {
      finish(closed);
      return ended;
    },
    stderrTail: () => "",
    kill: () => finish(closed),
  };
}

/** The path of the endpoint when it is of the server's own origin: another could be anyone's, or an address we must not reach. */
function pathOf(endpoint: string, server: string): string | null {
  if (!URL.canParse(endpoint, server)) return null;
  const url = new URL(endpoint, server);
  if (url.origin !== new URL(server).origin || url.username !== "" || url.password !== "") return null;
  return url.pathname + url.search;
}

const silent: ProgramEnd = { code: "upstream_timed_out", message: "The server did not open its event stream in time." };
const nameless: ProgramEnd = {
  code: "upstream_failed",
  message: "The server's event stream did not say where messages go.",
};
const elsewhere: ProgramEnd = {
  code: "upstream_address_refused",
  message: "The server wants messages sent to another origin than its own.",
};
const closed: ProgramEnd = { code: "upstream_failed", message: "The server's event stream ended." };
const forgotten: ProgramEnd = { code: "upstream_failed", message: "The server no longer knows its own event stream." };
const tooLarge: ProgramEnd = { code: "upstream_too_large", message: "The server sent an event that is too large." };
