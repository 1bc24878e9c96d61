// HTTP upstreams: one pool of connections for each server, and undici's dispatch with a raw handler (a `fetch` costs nine times as much).
import { buildConnector, Client, type Dispatcher, errors, Pool } from "undici";
import { AddressRefused, readUpstreamUrl, vettedLookup } from "../../address.ts";
import { Roster } from "../roster.ts";
import { type Breaker, type BreakerLimits, breakerLimits, type Finding, openBreaker, type Passer } from "./breaker.ts";
import { type Gate, type GateLimits, gateLimits, openGate, type Place, type Ticket } from "./limits.ts";
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
  /** The owner's, names in lower case and each once. */
  headers: readonly { readonly name: string; readonly value: string }[];
  gate: Gate;
  breaker: Breaker;
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
  // One for all servers: a roster marks what it holds, and exchanges of as many shapes as there are servers would be slow ones.
  const awaited = new Roster<Exchanging>();
  // One timer for all: a timer for each call would cost more than what it guards against.
  const sweep = setInterval(() => {
    const now = performance.now();
    for (const line of lines.values()) if (line.ok) line.gate.sweep(now);
    for (const [exchange] of awaited) exchange.sweep(now);
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
      const exchange = new Exchanging(line, request, handler, limits, awaited);
      exchange.begin();
      return exchange;
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
  const owned: Record<string, string> = {};
  for (const [name, value] of Object.entries(server.headers ?? {})) {
    if (!reservedHeaders.test(name.toLowerCase())) owned[name.toLowerCase()] = value;
  }
  const headers = Object.entries(owned).map(([name, value]) => ({ name, value }));
  const [gate, breaker] = [openGate(limits.gate), openBreaker(limits.breaker)];
  const { origin, path } = target;
  const openStanding = () => new Client(origin, { ...options, connect });
  const standing = new Set<Client>();
  return { ok: true, fingerprint, pool, openStanding, standing, origin, path, headers, gate, breaker };
}

const sweepMs = 500;

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

/**
 * One exchange, from the gate to the end of the answer, and what undici tells of it. One object: every call has one, and a closure
 * for each of its parts costs more than all that they do.
 */
class Exchanging implements Exchange, Ticket, Passer, Dispatcher.DispatchHandler {
  readonly isStanding: boolean;
  readonly bytes: number;
  place: Place = "outside";
  pass: Passer["pass"] = "none";
  private readonly line: OpenLine;
  private readonly request: ExchangeRequest;
  private readonly handler: ExchangeHandler;
  private readonly limits: HttpLimits;
  private readonly awaited: Roster<Exchanging>;
  private controller: Dispatcher.DispatchController | null = null;
  private client: Client | null = null;
  /** Whether the caller holds the exchange. */
  private isHeld = false;
  /** Whether anything may have reached the server: undici starts a request when it has a connection to write it to. */
  private isStarted = false;
  /** Whether the answer's first byte has come. */
  private isBegun = false;
  private isPaused = false;
  private isOver = false;
  private bytesLeft = Number.POSITIVE_INFINITY;
  /** When something of the answer was heard last (or it was asked for), and for how long it may be quiet. */
  private heardAt = 0;
  private quietMs: number;

  constructor(
    line: OpenLine,
    request: ExchangeRequest,
    handler: ExchangeHandler,
    limits: HttpLimits,
    awaited: Roster<Exchanging>,
  ) {
    this.isStanding = request.method === "GET" || request.headers["mcp-method"] === "subscriptions/listen";
    this.bytes = request.body?.length ?? 0;
    this.line = line;
    this.request = request;
    this.handler = handler;
    this.limits = limits;
    this.awaited = awaited;
    this.quietMs = limits.answerTimeoutMs;
  }

  /** Once, before the caller is given the exchange. */
  begin(): void {
    if (!this.line.gate.enter(this, performance.now())) this.failSoon(busy);
    this.isHeld = true;
  }

  cancel(): void {
    if (this.isOver) return;
    this.finish("neither");
    this.controller?.abort(new Error("cancelled"));
  }

  pause(): void {
    this.isPaused = true;
    this.controller?.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.controller?.resume();
  }

  go(): void {
    // Only who had to wait can have been overtaken by anything.
    const waitMs = this.isHeld ? this.line.breaker.waitMs(performance.now()) : 0;
    const obstacle = this.isHeld ? (this.request.obstacle?.() ?? null) : null;
    if (obstacle !== null) this.fail(trouble(obstacle, false, "What allowed the call no longer holds."));
    else if (waitMs > 0) this.fail(resting(waitMs));
    else this.send();
  }

  refuse(): void {
    this.fail(busy);
  }

  sweep(now: number): void {
    // Who does not read cannot hear anything.
    if (this.isBegun && this.isPaused) this.heardAt = now;
    else if (now - this.heardAt > this.quietMs) this.fail(this.isBegun ? quiet : this.isStarted ? slow : crowded);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.isOver) {
      controller.abort(new Error("cancelled"));
      return;
    }
    this.isStarted = true;
    if (this.isPaused) controller.pause();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, given: GivenHeaders): void {
    if (this.isOver || status < 200) return;
    const now = performance.now();
    // What stands in front of a server says these three when the server is away.
    this.line.breaker.told(this, status >= 502 && status <= 504 ? "failed" : "answered", now);
    if (status >= 300 && status < 400) {
      this.fail(trouble("upstream_failed", true, `The server answered with a redirect (HTTP ${status}).`));
      return;
    }
    const headers = joinHeaders(given);
    const isStream = eventStream.test(headers["content-type"] ?? "");
    // It would keep them as long as the answer is open. For one that ends soon that is cheaper than to write here.
    if (isStream || this.isStanding) controller.rawHeaders = null;
    if (!isStream) this.bytesLeft = this.limits.bodyBytesMax;
    if (this.isStanding) this.awaited.delete(this);
    this.quietMs = isStream ? this.limits.quietStreamMs : this.limits.quietMs;
    this.heardAt = now;
    this.isBegun = true;
    this.handler.onHeaders(status, headers);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.isOver) return;
    this.bytesLeft -= chunk.length;
    if (this.bytesLeft < 0) {
      this.fail(trouble("upstream_too_large", true, "The server's answer is too large."));
      return;
    }
    this.heardAt = performance.now();
    this.handler.onData(chunk);
  }

  onResponseEnd(): void {
    if (this.isOver) return;
    this.finish("answered");
    this.handler.onEnd();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.failSoon(troubleOf(error, this.isStarted));
  }

  private send(): void {
    const { line, request } = this;
    line.breaker.let(this);
    // A standalone event stream may open long after it was asked for.
    if (request.method !== "GET") {
      this.heardAt = performance.now();
      this.awaited.set(this, true);
    }
    // A header that cannot be sent or a pool that was just closed fails at once, and says nothing of the server.
    try {
      if (this.isStanding && !line.pool.closed && !line.pool.destroyed) {
        this.client = line.openStanding();
        line.standing.add(this.client);
      }
      const options = {
        origin: line.origin,
        path: request.path ?? line.path,
        method: request.method,
        headers: sentHeaders(line, request),
        body: request.body ?? null,
      };
      (this.client ?? line.pool).dispatch(options, this);
    } catch (cause) {
      line.breaker.told(this, "neither", performance.now());
      this.failSoon(troubleOf(cause, this.isStarted));
    }
  }

  /** Nothing more is heard of this exchange; others may have its place. */
  private finish(finding: Finding): void {
    const { line, client } = this;
    this.isOver = true;
    this.awaited.delete(this);
    if (client !== null) {
      line.standing.delete(client);
      client.destroy().catch(() => {});
    }
    line.breaker.told(this, finding, performance.now());
    line.gate.leave(this);
  }

  private fail(problem: UpstreamTrouble): void {
    if (this.isOver) return;
    this.finish(blames.has(problem.code) ? "failed" : "neither");
    this.handler.onTrouble(problem);
    this.controller?.abort(new Error(problem.code));
  }

  /** Not before the caller holds the exchange. */
  private failSoon(problem: UpstreamTrouble): void {
    if (this.isHeld) this.fail(problem);
    else queueMicrotask(() => this.fail(problem));
  }
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

/** Names and values in turn, as undici takes them fastest. What the request says stands in place of the owner's of the same name. */
function sentHeaders(line: OpenLine, { headers }: ExchangeRequest): string[] {
  const flat: string[] = [];
  for (const { name, value } of line.headers) if (!Object.hasOwn(headers, name)) flat.push(name, value);
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && name !== "accept-encoding") flat.push(name, value);
  }
  flat.push("accept-encoding", "identity");
  return flat;
}

type GivenHeaders = Record<string, string | string[] | undefined>;

const eventStream = /^text\/event-stream\b/i;

/** The same object where no header came twice, which is nearly always. */
function joinHeaders(headers: GivenHeaders): Record<string, string> {
  for (const name in headers) if (typeof headers[name] !== "string") return joinedCopy(headers);
  return headers as Record<string, string>;
}

function joinedCopy(headers: GivenHeaders): Record<string, string> {
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
