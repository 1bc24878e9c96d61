// HTTP upstreams: one pool of connections for each server, and undici's dispatch with a raw handler (a `fetch` costs nine times as much).
import { buildConnector, Client, type Dispatcher, errors, Pool } from "undici";
import { AddressRefused, readUpstreamUrl, vettedLookup } from "../../address.ts";
import { Roster } from "../roster.ts";
import { type Breaker, type BreakerLimits, breakerLimits, type Finding, openBreaker } from "./breaker.ts";
import { type Gate, type GateLimits, gateLimits, openGate } from "./limits.ts";
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
  /** From the request to the first byte of the answer. */
  answerTimeoutMs: number;
  /** How long a body may be quiet that has begun; much longer for an event stream. What a client only listens to may be so for ever. */
  quietMs: number;
  quietStreamMs: number;
  headerBytesMax: number;
  /** Of an answer that is not an event stream. */
  bodyBytesMax: number;
  /** How long calls under way may go on when their server was changed. */
  hangUpMs: number;
  gate: GateLimits;
  breaker: BreakerLimits;
};

export const httpLimits: HttpLimits = {
  connectTimeoutMs: 5_000,
  answerTimeoutMs: 120_000,
  quietMs: 60_000,
  quietStreamMs: 30 * 60_000,
  headerBytesMax: 32 * 1024,
  bodyBytesMax: 64 * 1024 * 1024,
  hangUpMs: 30_000,
  gate: gateLimits,
  breaker: breakerLimits,
};

/** Owners may not set these: they frame the message or belong to the protocol. */
const reservedHeaders =
  /^(?:host|connection|keep-alive|transfer-encoding|content-length|content-type|accept|accept-encoding|te|trailer|upgrade|expect|proxy-.*|mcp-session-id|mcp-protocol-version|last-event-id)$/;

type OpenLine = {
  ok: true;
  fingerprint: string;
  pool: Pool;
  /** For exchanges that only listen: a connection each, and its end is theirs. The pool would open another for one that was cancelled. */
  openStanding(): Client;
  standing: Set<Client>;
  origin: string;
  path: string;
  headers: Record<string, string>;
  gate: Gate;
  breaker: Breaker;
  /** Answers that are waited for. */
  bodies: Roster<Arriving>;
};

type Line = OpenLine | { ok: false; fingerprint: string; trouble: UpstreamTrouble };

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
  // One timer for all: a timer for each call would cost more than what it guards against.
  const sweep = setInterval(() => {
    const now = performance.now();
    for (const line of lines.values()) if (line.ok) sweepLine(line, now);
  }, sweepMs);
  sweep.unref();

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
      if (!line.ok) return failLater(handler, line.trouble);
      const waitMs = line.breaker.waitMs(performance.now());
      if (waitMs > 0) return failLater(handler, resting(waitMs));
      return dispatch(line, request, handler, limits);
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
      clearInterval(sweep);
      const open = [...lines.values()];
      lines.clear();
      await Promise.all(
        open.flatMap((line) => (line.ok ? [line.pool, ...line.standing].map((one) => one.destroy()) : [])),
      );
    },
  };
}

function openLine(server: UpstreamServer, fingerprint: string, allowPrivate: boolean, limits: HttpLimits): Line {
  const target = readUpstreamUrl(server.url ?? "", allowPrivate);
  if (!target.ok) {
    return { ok: false, fingerprint, trouble: trouble("upstream_address_refused", false, target.message) };
  }
  const connector = { timeout: limits.connectTimeoutMs, lookup: vettedLookup(allowPrivate) };
  const options = {
    // Ours are looked after in `sweepLine`; undici would make a timer for each call.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: limits.headerBytesMax,
    pipelining: 1,
  };
  const pool = new Pool(target.origin, { ...options, connect: connector });
  const connect = buildConnector(connector);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(server.headers ?? {})) {
    if (!reservedHeaders.test(name.toLowerCase())) headers[name.toLowerCase()] = value;
  }
  const [gate, breaker] = [openGate(limits.gate), openBreaker(limits.breaker)];
  const { origin, path } = target;
  const openStanding = () => new Client(origin, { ...options, connect });
  const [bodies, standing] = [new Roster<Arriving>(), new Set<Client>()];
  return { ok: true, fingerprint, pool, openStanding, standing, origin, path, headers, gate, breaker, bodies };
}

/** An answer that is waited for: when something of it was heard last (or it was asked for), and when that is too long ago. */
type Arriving = {
  heardAt: number;
  quietMs: number;
  /** Whether its first byte has come. */
  isBegun: boolean;
  isPaused(): boolean;
  isLate(): void;
};

const sweepMs = 500;

function sweepLine({ gate, bodies }: OpenLine, now: number): void {
  gate.sweep(now);
  for (const [body] of bodies) {
    // Who does not read cannot hear anything.
    if (body.isBegun && body.isPaused()) body.heardAt = now;
    else if (now - body.heardAt > body.quietMs) body.isLate();
  }
}

/** No new calls begin; those under way may finish within `graceMs`. A stream would otherwise go on for ever. */
function hangUp(line: Line, graceMs: number): void {
  if (!line.ok) return;
  const { pool, standing } = line;
  if (graceMs > 0) pool.close().catch(() => {});
  const endAll = () => {
    for (const one of [pool, ...standing]) one.destroy().catch(() => {});
  };
  setTimeout(endAll, graceMs).unref();
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

function dispatch(line: OpenLine, request: ExchangeRequest, handler: ExchangeHandler, limits: HttpLimits): Exchange {
  let controller: Dispatcher.DispatchController | null = null;
  // Whether anything may have reached the server: undici starts a request when it has a connection to write it to.
  let started = false;
  let over = false;
  let paused = false;
  let bytesLeft = Number.POSITIVE_INFINITY;
  let tell: ((finding: Finding, now: number) => void) | null = null;
  const isStanding = request.method === "GET" || request.headers["mcp-method"] === "subscriptions/listen";
  let client: Client | null = null;
  const body: Arriving = {
    ...{ heardAt: 0, quietMs: limits.answerTimeoutMs, isBegun: false },
    isPaused: () => paused,
    isLate: () => fail(body.isBegun ? quiet : started ? slow : crowded),
  };

  /** Nothing more is heard of this exchange; others may have its place. */
  function finish(finding: Finding): void {
    over = true;
    line.bodies.delete(body);
    if (client !== null) {
      line.standing.delete(client);
      client.destroy().catch(() => {});
    }
    tell?.(finding, performance.now());
    leave?.();
  }

  function fail(problem: UpstreamTrouble): void {
    if (over) return;
    finish(blames.has(problem.code) ? "failed" : "neither");
    handler.onTrouble(problem);
    controller?.abort(new Error(problem.code));
  }

  /** Not before the caller holds the exchange. */
  function failSoon(problem: UpstreamTrouble): void {
    if (returned) fail(problem);
    else queueMicrotask(() => fail(problem));
  }

  const options: Dispatcher.DispatchOptions = {
    origin: line.origin,
    path: request.path ?? line.path,
    method: request.method,
    headers: { ...line.headers, ...request.headers, "accept-encoding": "identity" },
    body: request.body ?? null,
  };
  const raw: Dispatcher.DispatchHandler = {
    onRequestStart(given) {
      controller = given;
      if (over) return given.abort(new Error("cancelled"));
      started = true;
      if (paused) given.pause();
    },
    onResponseStart(given, status, headers) {
      if (over || status < 200) return;
      // It would keep them as long as the stream is open.
      given.rawHeaders = null;
      // What stands in front of a server says these three when the server is away.
      tell?.(status >= 502 && status <= 504 ? "failed" : "answered", performance.now());
      if (status >= 300 && status < 400) {
        return fail(trouble("upstream_failed", true, `The server answered with a redirect (HTTP ${status}).`));
      }
      const joined = joinHeaders(headers);
      const isStream = /^text\/event-stream\b/i.test(joined["content-type"] ?? "");
      if (!isStream) bytesLeft = limits.bodyBytesMax;
      if (isStanding) line.bodies.delete(body);
      body.quietMs = isStream ? limits.quietStreamMs : limits.quietMs;
      body.heardAt = performance.now();
      body.isBegun = true;
      handler.onHeaders(status, joined);
    },
    onResponseData(_given, chunk) {
      if (over) return;
      bytesLeft -= chunk.length;
      if (bytesLeft < 0) return fail(trouble("upstream_too_large", true, "The server's answer is too large."));
      body.heardAt = performance.now();
      handler.onData(chunk);
    },
    onResponseEnd() {
      if (over) return;
      finish("answered");
      handler.onEnd();
    },
    onResponseError(_given, error) {
      failSoon(troubleOf(error, started));
    },
  };

  function go(): void {
    // Only who had to wait can have been overtaken by anything.
    const waitMs = returned ? line.breaker.waitMs(performance.now()) : 0;
    const obstacle = returned ? (request.obstacle?.() ?? null) : null;
    if (obstacle !== null) fail(trouble(obstacle, false, "What allowed the call no longer holds."));
    else if (waitMs > 0) fail(resting(waitMs));
    else send();
  }

  function send(): void {
    tell = line.breaker.let();
    // A standalone event stream may open long after it was asked for.
    if (request.method !== "GET") {
      body.heardAt = performance.now();
      line.bodies.set(body, true);
    }
    // A header that cannot be sent or a pool that was just closed fails at once, and says nothing of the server.
    try {
      if (isStanding && !line.pool.closed && !line.pool.destroyed) {
        client = line.openStanding();
        line.standing.add(client);
      }
      (client ?? line.pool).dispatch(options, raw);
    } catch (cause) {
      tell("neither", performance.now());
      failSoon(troubleOf(cause, started));
    }
  }

  let returned = false;
  const ticket = { isStanding, bytes: request.body?.length ?? 0, go, refuse: () => fail(busy) };
  const leave = line.gate.enter(ticket, performance.now());
  if (leave === null) failSoon(busy);
  returned = true;
  return {
    cancel() {
      if (over) return;
      finish("neither");
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

/** Troubles that say that the server is not well. Whose request could not be sent, or was answered too long, says nothing of it. */
const blames: ReadonlySet<UpstreamTroubleCode> = new Set([
  "upstream_unreachable",
  "upstream_timed_out",
  "upstream_failed",
]);

const slow = trouble("upstream_timed_out", true, "The server took too long. The call may still take effect.");
const crowded = trouble("upstream_unreachable", false, "The server cannot be reached: it takes no more connections.");
const quiet = trouble("upstream_timed_out", true, "The server stopped in the middle of its answer.");
const busy: UpstreamTrouble = {
  ...trouble("upstream_busy", false, "The server has as many calls under way as it may."),
  retryAfterS: 5,
};

function resting(waitMs: number): UpstreamTrouble {
  const message = "The server failed several times in a row and is left alone for a moment.";
  return { ...trouble("upstream_resting", false, message), retryAfterS: Math.max(1, Math.ceil(waitMs / 1_000)) };
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
