// HTTP upstreams: one pool of connections for each server, and undici's dispatch with a raw handler (a `fetch` costs nine times as much).
import { type Dispatcher, errors, Pool } from "undici";
import { AddressRefused, readUpstreamUrl, vettedLookup } from "./address.ts";
import type {
  Exchange,
  ExchangeHandler,
  ExchangeRequest,
  UpstreamServer,
  UpstreamSettings,
  UpstreamTrouble,
  UpstreamTroubleCode,
} from "./upstream.ts";

export type HttpLimits = {
  connectTimeoutMs: number;
  /** From the request to the first byte of the answer. A stream that has begun may be quiet for ever. */
  answerTimeoutMs: number;
  headerBytesMax: number;
  /** Of an answer that is not an event stream. */
  bodyBytesMax: number;
  /** How long calls under way may go on when their server was changed. */
  hangUpMs: number;
};

export const httpLimits: HttpLimits = {
  connectTimeoutMs: 5_000,
  answerTimeoutMs: 120_000,
  headerBytesMax: 32 * 1024,
  bodyBytesMax: 64 * 1024 * 1024,
  hangUpMs: 30_000,
};

/** Owners may not set these: they frame the message or belong to the protocol. */
const reservedHeaders =
  /^(?:host|connection|keep-alive|transfer-encoding|content-length|content-type|accept|accept-encoding|te|trailer|upgrade|expect|proxy-.*|mcp-session-id|mcp-protocol-version|last-event-id)$/;

type Line =
  | { ok: true; fingerprint: string; pool: Pool; origin: string; path: string; headers: Record<string, string> }
  | { ok: false; fingerprint: string; trouble: UpstreamTrouble };

export type HttpUpstreams = {
  exchange(request: ExchangeRequest, handler: ExchangeHandler): Exchange;
  retain(servers: ReadonlyMap<string, UpstreamServer>): void;
  close(): Promise<void>;
};

export function openHttpUpstreams(
  settings: Pick<UpstreamSettings, "allowPrivateUpstreams">,
  limits: HttpLimits = httpLimits,
): HttpUpstreams {
  const lines = new Map<string, Line>();

  function lineTo(server: UpstreamServer): Line {
    const known = lines.get(server.id);
    const fingerprint = fingerprintOf(server);
    if (known?.fingerprint === fingerprint) return known;
    if (known) hangUp(known, limits.hangUpMs);
    const line = openLine(server, fingerprint, settings.allowPrivateUpstreams, limits);
    lines.set(server.id, line);
    return line;
  }

  return {
    exchange(request, handler) {
      const line = lineTo(request.server);
      if (line.ok) return dispatch(line, request, handler, limits);
      return failLater(handler, line.trouble);
    },
    retain(servers) {
      for (const [id, line] of lines) {
        const server = servers.get(id);
        const isHttp = server?.transport === "http";
        if (isHttp && fingerprintOf(server) === line.fingerprint) continue;
        lines.delete(id);
        hangUp(line, isHttp ? limits.hangUpMs : 0);
      }
    },
    async close() {
      const open = [...lines.values()];
      lines.clear();
      await Promise.all(open.map((line) => (line.ok ? line.pool.destroy() : undefined)));
    },
  };
}

function openLine(server: UpstreamServer, fingerprint: string, allowPrivate: boolean, limits: HttpLimits): Line {
  const target = readUpstreamUrl(server.url ?? "", allowPrivate);
  if (!target.ok) {
    return { ok: false, fingerprint, trouble: trouble("upstream_address_refused", false, target.message) };
  }
  const pool = new Pool(target.origin, {
    connect: { timeout: limits.connectTimeoutMs, lookup: vettedLookup(allowPrivate) },
    headersTimeout: limits.answerTimeoutMs,
    bodyTimeout: 0,
    maxHeaderSize: limits.headerBytesMax,
    pipelining: 1,
  });
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(server.headers ?? {})) {
    if (!reservedHeaders.test(name.toLowerCase())) headers[name.toLowerCase()] = value;
  }
  return { ok: true, fingerprint, pool, origin: target.origin, path: target.path, headers };
}

/** No new calls begin; those under way may finish within `graceMs`. A stream would otherwise go on for ever. */
function hangUp(line: Line, graceMs: number): void {
  if (!line.ok) return;
  const { pool } = line;
  if (graceMs > 0) pool.close().catch(() => {});
  setTimeout(() => void pool.destroy().catch(() => {}), graceMs).unref();
}

const fingerprints = new WeakMap<UpstreamServer, string>();

function fingerprintOf(server: UpstreamServer): string {
  let fingerprint = fingerprints.get(server);
  if (fingerprint === undefined) {
    fingerprint = JSON.stringify([server.transport, server.url, server.headers]);
    fingerprints.set(server, fingerprint);
  }
  return fingerprint;
}

function dispatch(
  line: Line & { ok: true },
  request: ExchangeRequest,
  handler: ExchangeHandler,
  limits: HttpLimits,
): Exchange {
  let controller: Dispatcher.DispatchController | null = null;
  // Whether anything may have reached the server: undici starts a request when it has a connection to write it to.
  let started = false;
  let over = false;
  let paused = false;
  let bytesLeft = Number.POSITIVE_INFINITY;

  function fail(problem: UpstreamTrouble): void {
    if (over) return;
    over = true;
    handler.onTrouble(problem);
    controller?.abort(new Error(problem.code));
  }

  const options: Dispatcher.DispatchOptions = {
    origin: line.origin,
    path: request.path ?? line.path,
    method: request.method,
    headers: { ...line.headers, ...request.headers, "accept-encoding": "identity" },
    body: request.body ?? null,
    // A standalone event stream may open long after it was asked for.
    headersTimeout: request.method === "GET" ? 0 : limits.answerTimeoutMs,
  };
  const raw: Dispatcher.DispatchHandler = {
    onRequestStart(given) {
      controller = given;
      if (over) return given.abort(new Error("cancelled"));
      started = true;
      if (paused) given.pause();
    },
    onResponseStart(_given, status, headers) {
      if (over || status < 200) return;
      if (status >= 300 && status < 400) {
        return fail(trouble("upstream_failed", true, `The server answered with a redirect (HTTP ${status}).`));
      }
      const joined = joinHeaders(headers);
      if (!/^text\/event-stream\b/i.test(joined["content-type"] ?? "")) bytesLeft = limits.bodyBytesMax;
      handler.onHeaders(status, joined);
    },
    onResponseData(_given, chunk) {
      if (over) return;
      bytesLeft -= chunk.length;
      if (bytesLeft < 0) return fail(trouble("upstream_too_large", true, "The server's answer is too large."));
      handler.onData(chunk);
    },
    onResponseEnd() {
      if (over) return;
      over = true;
      handler.onEnd();
    },
    onResponseError(_given, error) {
      if (returned) fail(troubleOf(error, started));
      else queueMicrotask(() => fail(troubleOf(error, started)));
    },
  };

  // A header that cannot be sent or a pool that was just closed fails at once, when the caller does not hold the exchange yet.
  let returned = false;
  try {
    line.pool.dispatch(options, raw);
  } catch (cause) {
    queueMicrotask(() => fail(troubleOf(cause, started)));
  }
  returned = true;
  return {
    cancel() {
      if (over) return;
      over = true;
      controller?.abort(new Error("cancelled"));
    },
    pause() {
      paused = true;
      controller?.pause();
    },
    resume() {
      paused = false;
      controller?.resume();
    },
  };
}

function joinHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) joined[name] = typeof value === "string" ? value : value.join(", ");
  }
  return joined;
}

const unreachableCodes = new Map([
  ["ECONNREFUSED", "nothing listens there"],
  ["ENOTFOUND", "its name is not known"],
  ["EAI_AGAIN", "its name could not be resolved just now"],
  ["EHOSTUNREACH", "there is no way to that host"],
  ["ENETUNREACH", "there is no way to that network"],
  ["UND_ERR_CONNECT_TIMEOUT", "connecting took too long"],
]);

/** Names what went wrong by the error's code alone: its text may quote what the server sent. */
function troubleOf(error: unknown, started: boolean): UpstreamTrouble {
  const cause = firstCause(error);
  if (cause instanceof AddressRefused) return trouble("upstream_address_refused", false, cause.message);
  const code = codeOf(cause);
  if (!started) {
    const why = unreachableCodes.get(code) ?? (code || "connecting failed");
    return trouble("upstream_unreachable", false, `The server cannot be reached: ${why}.`);
  }
  if (cause instanceof errors.HeadersTimeoutError) {
    return trouble("upstream_timed_out", true, "The server took too long. The call may still take effect.");
  }
  if (cause instanceof errors.HeadersOverflowError) {
    return trouble("upstream_too_large", true, "The server's answer has too large a head.");
  }
  return trouble("upstream_failed", true, `The connection to the server broke (${code || "no code"}).`);
}

/** Of several addresses tried at once, the first one's failure speaks for all. */
function firstCause(error: unknown): unknown {
  return error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^[A-Z0-9_]{1,60}$/.test(code) ? code : "";
}

function trouble(code: UpstreamTroubleCode, sent: boolean, message: string): UpstreamTrouble {
  return { code, message, sent };
}

function failLater(handler: ExchangeHandler, problem: UpstreamTrouble): Exchange {
  let cancelled = false;
  queueMicrotask(() => {
    if (!cancelled) handler.onTrouble(problem);
  });
  return {
    cancel() {
      cancelled = true;
    },
    pause() {},
    resume() {},
  };
}
