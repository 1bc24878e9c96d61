// Takes one answer from an upstream to the client while it arrives. Bytes are kept as they are, except that event streams come
// out in canonical form, lists lose the tools the client may not see, and `initialize` gets a session id of ours. How an answer
// is read and passed on, by its kind, is in bodies/.
import type { Buffer } from "node:buffer";
import { performance } from "node:perf_hooks";
import type { Body, Line, Plan } from "./bodies/body.ts";
import { events } from "./bodies/events.ts";
import { empty, held, streamed, told, unread } from "./bodies/held.ts";
import { json } from "./bodies/json.ts";
import type { Forwarded } from "./call.ts";
import { writeSse } from "./sse.ts";
import { Stage } from "./stage.ts";
import type { UnderWay } from "./streams.ts";
import type { Exchange, ExchangeHandler, ExchangeRequest, Upstreams, UpstreamTrouble } from "./upstream/upstream.ts";

export type { Plan } from "./bodies/body.ts";

/** Relays an exchange to its end. Never rejects. With `trouble`, the client has not been answered. */
export function relay(
  upstreams: Pick<Upstreams, "exchange">,
  request: ExchangeRequest,
  plan: Plan,
): Promise<Forwarded> {
  return new Promise((resolve) => new Relaying(plan, resolve).start(upstreams, request));
}

class Relaying implements ExchangeHandler, Line, UnderWay {
  readonly plan: Plan;
  private readonly resolve: (forwarded: Forwarded) => void;
  private exchange: Exchange | null = null;
  private body: Body | null = null;
  private status: number | null = null;
  private outcome: Forwarded["outcome"] = "answered";
  private startedAt = 0;
  private over = false;
  /** Something of the server's answer has gone on. */
  private hasSpoken = false;
  /** It is among the open streams. */
  private isListed = false;
  /** What was heard and not yet looked at. */
  private isHeard = false;
  private headers: Record<string, string> | null = null;
  private chunks: Buffer[] = [];
  private bytes = 0;
  isWhole = false;
  /** What is still to be said when it is over. */
  private last: Buffer | string | undefined = undefined;
  private forwarded: Forwarded | null = null;

  constructor(plan: Plan, resolve: (forwarded: Forwarded) => void) {
    this.plan = plan;
    this.resolve = resolve;
    // On a stream that was begun before, nothing has been answered until something is.
    if (plan.isBegun) {
      this.outcome = "unknown";
      this.isListed = true;
    }
  }

  start(upstreams: Pick<Upstreams, "exchange">, request: ExchangeRequest): void {
    this.startedAt = performance.now();
    const { response } = this.plan;
    if (response.destroyed) {
      this.finish("not_sent", null);
      return;
    }
    this.plan.underWay.set(this, true);
    response.on("close", () => {
      if (this.over) return;
      // In both eras the upstream's stream ends with the client's. Unless the answer went through before, whether the call
      // takes effect we cannot know.
      const isStream = this.plan.streams.get(response)?.isEvents === true;
      this.exchange?.cancel();
      this.finish(isStream ? this.outcome : "unknown", null);
    });
    this.exchange = upstreams.exchange(request, this);
  }

  onHeaders(status: number, headers: Record<string, string>): void {
    if (this.over) return;
    this.status = status;
    this.headers = headers;
    this.hear();
  }

  onData(chunk: Buffer): void {
    if (this.over) return;
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    // Whoever is slow to be told must be able to stop the server soon.
    if (this.bytes > unseenBytesMax) this.lookSafely();
    else this.hear();
  }

  onEnd(): void {
    if (this.over) return;
    this.isWhole = true;
    this.hear();
  }

  onTrouble(trouble: UpstreamTrouble): void {
    this.lookSafely();
    if (this.over) return;
    this.fail(trouble.code, trouble.sent ? "unknown" : "not_sent", trouble.retryAfterS);
  }

  private hear(): void {
    if (this.isHeard) return;
    this.isHeard = true;
    hearing.add(this);
  }

  lookSafely(): void {
    try {
      this.look();
    } catch {
      // A bug of ours. What has not been looked at does not go on.
      this.fail("upstream_failed", "unknown");
    }
  }

  /** Takes what was heard on its way. */
  private look(): void {
    this.isHeard = false;
    const { headers, chunks } = this;
    if (headers !== null && !this.over) this.begin(this.status ?? 0, headers);
    this.headers = null;
    for (const chunk of chunks) if (!this.over) this.body?.push(chunk);
    chunks.length = 0;
    this.bytes = 0;
    if (this.isWhole && !this.over) this.body?.end();
  }

  private begin(status: number, headers: Record<string, string>): void {
    const type = mediaType(headers["content-type"]);
    if (status === 401 || status === 403 || status === 407) {
      // Its challenge would send the client to a login that is not its own.
      this.fail("upstream_unauthorized", "upstream_error");
    } else if (status < 200 || (status >= 300 && status < 400) || status >= 500) {
      this.fail("upstream_failed", "upstream_error");
    } else if (this.plan.isBegun && (status >= 400 || type !== "text/event-stream")) {
      if (status >= 400) this.outcome = "upstream_error";
      if (type === "application/json") this.body = told(this);
      else this.fail("upstream_failed", "upstream_error");
    } else if (status >= 400) {
      this.outcome = "upstream_error";
      // Byte for byte: clients read the era of the server from these.
      this.body =
        type === "application/json"
          ? json(this, status, headers)
          : streamed(this, status, "text/plain; charset=utf-8", headers);
    } else if (type === "text/event-stream") {
      this.body = events(this, status, headers);
    } else if (type === "application/json" && !this.plan.vet.awaits) {
      this.body = unread(this, status, headers);
    } else if (type === "application/json") {
      this.body = this.plan.kind === "other" ? json(this, status, headers) : held(this, status, headers);
    } else if (type === "" || status === 202 || status === 204) {
      this.body = empty(this, status, headers);
    } else {
      this.fail("upstream_failed", "upstream_error");
    }
  }

  get tokenHash(): string {
    return this.plan.tokenHash;
  }

  /** A freeze has come: nothing more goes either way. Whether a call that has left takes effect we cannot know. */
  cut(): boolean {
    const { response, streams } = this.plan;
    const farewell = this.over ? null : this.plan.farewell();
    if (farewell === null) return false;
    if (streams.get(response)?.isEvents === true && !response.writableEnded && !this.isUnanswered()) {
      response.write(writeSse({ event: "message", id: null, retry: null, data: farewell }));
    }
    this.fail("frozen", "unknown");
    return true;
  }

  get isOver(): boolean {
    return this.over;
  }

  setOutcome(outcome: Forwarded["outcome"]): void {
    this.outcome = outcome;
  }

  noteOutcome(part: string): void {
    if (this.status !== null && this.status >= 400) return;
    if (part.includes('"result"')) this.outcome = isToolError(part) ? "tool_error" : "answered";
    else if (part.includes('"error"') && !part.includes('"method"')) this.outcome = "upstream_error";
    else if (isToolError(part)) this.outcome = "tool_error";
  }

  head(status: number, headers: Record<string, string>): void {
    if (this.plan.isBegun) return;
    this.plan.response.writeHead(status, headers);
  }

  goesOn(isEvents: boolean): void {
    const { streams, response, tokenHash } = this.plan;
    this.isListed = true;
    streams.set(response, { tokenHash, isEvents });
  }

  write(data: Buffer | string): void {
    const { response } = this.plan;
    this.hasSpoken = true;
    // Ended by us from outside: a stop, while the upstream still speaks.
    if (response.writableEnded || response.write(data)) return;
    this.exchange?.pause();
    response.once("drain", () => this.exchange?.resume());
  }

  end(last?: Buffer | string): void {
    this.last = last;
    this.forwarded = this.leave(this.outcome, null);
    if (ended !== null) {
      ended.push(this);
      return;
    }
    this.say();
    this.tell();
  }

  /** The end, to the client. */
  say(): void {
    const { last } = this;
    const { response } = this.plan;
    if (last === undefined || response.writableEnded) response.end();
    else response.end(last, "latin1");
  }

  /** The end, to whoever asked for the relay. */
  tell(): void {
    if (this.forwarded !== null) this.resolve(this.forwarded);
  }

  fail(trouble: NonNullable<Forwarded["trouble"]>, outcome: Forwarded["outcome"], retryAfterS?: number): void {
    const { response, streams } = this.plan;
    this.exchange?.cancel();
    if (this.isUnanswered()) {
      this.finish(outcome, trouble, retryAfterS);
      return;
    }
    // A stream of events may simply end, and the client may resume it; half a JSON text must not look whole.
    const isStream = streams.get(response)?.isEvents === true;
    this.finish(outcome, null);
    if (isStream) response.end();
    else response.destroy();
  }

  /** Whoever asked for the relay can still say everything. */
  private isUnanswered(): boolean {
    const { response, isBegun } = this.plan;
    return !response.headersSent || (isBegun === true && !this.hasSpoken);
  }

  private finish(outcome: Forwarded["outcome"], trouble: Forwarded["trouble"], retryAfterS?: number): void {
    if (this.over) return;
    const forwarded = this.leave(outcome, trouble);
    if (retryAfterS !== undefined) forwarded.retryAfterS = retryAfterS;
    this.resolve(forwarded);
  }

  private leave(outcome: Forwarded["outcome"], trouble: Forwarded["trouble"]): Forwarded {
    this.over = true;
    if (this.isListed) this.plan.streams.delete(this.plan.response);
    this.plan.underWay.delete(this);
    const upstreamMs = outcome === "not_sent" ? null : performance.now() - this.startedAt;
    return { outcome, trouble, upstreamStatus: this.status, upstreamMs };
  }
}

/** Of one answer, what may be heard before it is looked at. */
const unseenBytesMax = 64 * 1024;

/** The answers that ended while those are looked at that came with them; null at other times. */
let ended: Relaying[] | null = null;

const hearing = new Stage<Relaying>((all) => {
  const whole: Relaying[] = [];
  ended = whole;
  for (const one of all) one.lookSafely();
  ended = null;
  for (const one of whole) one.say();
  for (const one of whole) one.tell();
});

const isErrorKey = '"isError"';

function isToolError(part: string): boolean {
  const at = part.indexOf(isErrorKey);
  if (at === -1) return false;
  const from = at + isErrorKey.length;
  return /^\s*:\s*true/.test(part.slice(from, from + 16));
}

function mediaType(header = ""): string {
  // As almost every server writes it.
  if (header === "application/json") return header;
  return header.split(";", 1)[0]?.trim().toLowerCase() ?? "";
}
