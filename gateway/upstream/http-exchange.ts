// One exchange with an HTTP server, by undici's dispatch with a raw handler (a `fetch` costs nine times as much).
import type { Client, Dispatcher } from "undici";
import type { Roster } from "../roster.ts";
import type { Finding, Passer } from "./breaker.ts";
import type { HttpLimits, OpenLine } from "./http-line.ts";
import { blames, busy, crowded, quiet, resting, slow, trouble, troubleOf } from "./http-troubles.ts";
import type { Place, Ticket } from "./limits.ts";
import type { Exchange, ExchangeHandler, ExchangeRequest, UpstreamTrouble } from "./upstream.ts";

/**
 * One exchange, from the gate to the end of the answer, and what undici tells of it. One object: every call has one, and a closure
 * for each of its parts costs more than all that they do.
 */
export class Exchanging implements Exchange, Ticket, Passer, Dispatcher.DispatchHandler {
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
