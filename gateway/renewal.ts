// An HTTP server that was restarted has forgotten its sessions and answers 404, and no client in use begins another by itself.
// So we begin one for it, with what the client said at first, and try again what may be tried again.
import type { Session } from "./session.ts";
import { ask } from "./upstream/client.ts";
import type { Exchange, ExchangeHandler, ExchangeRequest, Upstreams } from "./upstream/upstream.ts";

export type Renewals = {
  /** The upstream's session id that stands for this session now; null when the upstream keeps no sessions. */
  idOf(session: Session): string | null;
  /** Its client ended it: from now on, that it is not known is as it should be. */
  end(session: Session): void;
  /**
   * Upstreams for one request of a session.
   *
   * @param isSafe Whether the request may be made in a session that remembers nothing. Otherwise it is not made, and the
   *   client is told that it may ask again.
   */
  around(upstreams: Upstreams, session: Session, isSafe: boolean): Pick<Upstreams, "exchange">;
};

const renewedMax = 10_000;
const renewTimeoutMs = 30_000;
const answerBytesMax = 64 * 1024;

export function openRenewals(): Renewals {
  /** By the session's tag; in memory only: who does not know it is answered 404 once more, and renews once more. */
  const renewed = new Map<string, string>();
  const ended = new Set<string>();
  const underWay = new Map<string, Promise<string | null>>();

  function renew(upstreams: Upstreams, session: Session, request: ExchangeRequest): Promise<string | null> {
    const waiting = underWay.get(session.tag);
    if (waiting) return waiting;
    const begun = begin(upstreams, session, request)
      .then((id) => {
        if (id === null) return null;
        keepNewest(renewed);
        renewed.set(session.tag, id);
        return id;
      })
      .finally(() => underWay.delete(session.tag));
    underWay.set(session.tag, begun);
    return begun;
  }

  return {
    idOf: (session) => renewed.get(session.tag) ?? session.upstreamId,
    end({ tag }) {
      renewed.delete(tag);
      keepNewest(ended);
      ended.add(tag);
    },
    around(upstreams, session, isSafe) {
      return {
        exchange: (request, handler) =>
          exchange(upstreams, request, handler, isSafe, async () => {
            if (ended.has(session.tag)) return null;
            // Another request of this session may have renewed it meanwhile.
            const current = renewed.get(session.tag);
            if (current !== undefined && current !== request.headers["mcp-session-id"]) return current;
            return renew(upstreams, session, request);
          }),
      };
    },
  };
}

function keepNewest(kept: Map<string, string> | Set<string>): void {
  for (const oldest of kept.keys()) {
    if (kept.size < renewedMax) return;
    kept.delete(oldest);
  }
}

function exchange(
  upstreams: Upstreams,
  request: ExchangeRequest,
  handler: ExchangeHandler,
  isSafe: boolean,
  renewed: () => Promise<string | null>,
): Exchange {
  let isOver = false;
  let isPaused = false;
  let lost: { headers: Record<string, string>; chunks: Buffer[]; length: number } | null = null;

  async function afterLoss({ headers, chunks }: NonNullable<typeof lost>): Promise<void> {
    const id = saysUnknownMethod(chunks) ? null : await renewed();
    if (isOver) return;
    if (id === null) {
      handler.onHeaders(404, headers);
      for (const chunk of chunks) handler.onData(chunk);
      handler.onEnd();
    } else if (isSafe) {
      const { "last-event-id": _, ...rest } = request.headers;
      current = upstreams.exchange({ ...request, headers: { ...rest, "mcp-session-id": id } }, handler);
      if (isPaused) current.pause();
    } else {
      const message = "The server forgot the session, and a new one was begun.";
      handler.onTrouble({ code: "upstream_session_lost", message, sent: false });
    }
  }

  let current = upstreams.exchange(request, {
    onHeaders(status, headers) {
      if (status === 404) lost = { headers, chunks: [], length: 0 };
      else handler.onHeaders(status, headers);
    },
    onData(chunk) {
      if (lost === null) return handler.onData(chunk);
      lost.length += chunk.length;
      if (lost.length <= answerBytesMax) lost.chunks.push(chunk);
    },
    onEnd() {
      if (lost === null) handler.onEnd();
      else void afterLoss(lost);
    },
    onTrouble: (trouble) => handler.onTrouble(trouble),
  });
  return {
    cancel() {
      isOver = true;
      current.cancel();
    },
    pause() {
      isPaused = true;
      current.pause();
    },
    resume() {
      isPaused = false;
      current.resume();
    },
  };
}

/** A server may say with the same status that it has no such method. */
function saysUnknownMethod(chunks: readonly Buffer[]): boolean {
  try {
    const said: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    return (said as { error?: { code?: unknown } } | null)?.error?.code === -32601;
  } catch {
    return false;
  }
}

/** @returns The new session's id; null when the server does not begin one. */
async function begin(upstreams: Upstreams, session: Session, { server }: ExchangeRequest): Promise<string | null> {
  if (session.initialize == null) return null;
  const params: unknown = JSON.parse(session.initialize);
  const common = {
    method: "POST" as const,
    timeoutMs: renewTimeoutMs,
    onBytes: (length: number) => length <= 1024 * 1024,
    onQuestion() {},
  };
  const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  const body = { jsonrpc: "2.0", id: "policylayer-initialize-again", method: "initialize", params };
  const reply = await ask(upstreams, server, { ...common, headers, body });
  const id =
    reply.kind === "message" && reply.message.result !== undefined ? reply.headers["mcp-session-id"] : undefined;
  if (id === undefined) return null;
  await ask(upstreams, server, {
    ...common,
    headers: { ...headers, "mcp-session-id": id, "mcp-protocol-version": session.version },
    body: { jsonrpc: "2.0", method: "notifications/initialized" },
  });
  return id;
}
