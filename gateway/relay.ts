// Takes one answer from an upstream to the client while it arrives. Bytes are kept as they are, except that event streams come
// out in canonical form, lists lose the tools the client may not see, and `initialize` gets a session id of ours.
import { Buffer, isUtf8 } from "node:buffer";
import type { ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import type { Forwarded } from "./call.ts";
import { mayHoldTools, type Shows, withoutUnshownTools } from "./list.ts";
import type { Snapshot } from "./snapshot.ts";
import { readSse, type SseEvent, writeSse } from "./sse.ts";
import type { Exchange, ExchangeHandler, ExchangeRequest, Upstreams, UpstreamTrouble } from "./upstream/upstream.ts";

/** Cap on what is held in memory of one answer: a list, an `initialize`, or one event. */
export const heldBytesMax = 16 * 1024 * 1024;
const upstreamSessionIdMax = 4_096;

/** The event streams that are open and the hash of the token each was opened with: to be kept alive, and ended with the token. */
export type OpenStreams = Map<ServerResponse, string>;

/** Ends the streams whose token was revoked, rotated away or has expired: it hears nothing more, also where it is listening. */
export function endStreams(streams: OpenStreams, snapshot: Snapshot, now: number): void {
  for (const [stream, tokenHash] of streams) {
    const grant = snapshot.grantsByHash.get(tokenHash);
    if (grant === undefined || (grant.expiresAt !== null && grant.expiresAt <= now)) stream.destroy();
  }
}

export type Plan = {
  response: ServerResponse;
  /** `list` and `initialize` may have to be changed, so they are held until they are complete. */
  kind: "list" | "initialize" | "other";
  /** What the client may see at this moment; asked again for each list, because streams live long. */
  shows(): Shows;
  /** Put before each event id, so that an id of one session says nothing in another. */
  eventTag: string | null;
  /** Makes our session id for an `initialize` that the upstream accepted. */
  welcome?(version: string, upstreamId: string | null): { id: string; tag: string };
  streams: OpenStreams;
  tokenHash: string;
};

/** Relays an exchange to its end. Never rejects. With `trouble`, the client has not been answered. */
export function relay(upstreams: Upstreams, request: ExchangeRequest, plan: Plan): Promise<Forwarded> {
  return new Promise((resolve) => new Relaying(plan, resolve).start(upstreams, request));
}

type Body = { push(chunk: Buffer): void; end(): void };

class Relaying implements ExchangeHandler {
  private readonly plan: Plan;
  private readonly resolve: (forwarded: Forwarded) => void;
  private exchange: Exchange | null = null;
  private body: Body | null = null;
  private status: number | null = null;
  private outcome: Forwarded["outcome"] = "answered";
  private startedAt = 0;
  private over = false;

  constructor(plan: Plan, resolve: (forwarded: Forwarded) => void) {
    this.plan = plan;
    this.resolve = resolve;
  }

  start(upstreams: Upstreams, request: ExchangeRequest): void {
    this.startedAt = performance.now();
    const { response } = this.plan;
    if (response.destroyed) {
      this.finish("not_sent", null);
      return;
    }
    response.on("close", () => {
      if (this.over) return;
      // In both eras the upstream's stream ends with the client's. Unless the answer went through before, whether the call
      // takes effect we cannot know.
      const isStream = this.plan.streams.has(response);
      this.exchange?.cancel();
      this.finish(isStream ? this.outcome : "unknown", null);
    });
    this.exchange = upstreams.exchange(request, this);
  }

  onHeaders(status: number, headers: Record<string, string>): void {
    if (this.over) return;
    this.status = status;
    const type = (headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
    if (status === 401 || status === 403 || status === 407) {
      // Its challenge would send the client to a login that is not its own.
      this.fail("upstream_unauthorized", "upstream_error");
    } else if (status < 200 || (status >= 300 && status < 400) || status >= 500) {
      this.fail("upstream_failed", "upstream_error");
    } else if (status >= 400) {
      this.outcome = "upstream_error";
      // Byte for byte: clients read the era of the server from these.
      this.body =
        type === "application/json"
          ? this.json(status, headers)
          : this.streamed(status, "text/plain; charset=utf-8", headers);
    } else if (type === "text/event-stream") {
      this.body = this.events(status, headers);
    } else if (type === "application/json") {
      const isHeld = this.plan.kind !== "other";
      this.body = isHeld ? this.held(status, headers) : this.json(status, headers);
    } else if (type === "" || status === 202 || status === 204) {
      this.body = this.empty(status, headers);
    } else {
      this.fail("upstream_failed", "upstream_error");
    }
  }

  onData(chunk: Buffer): void {
    if (!this.over) this.body?.push(chunk);
  }

  onEnd(): void {
    if (!this.over) this.body?.end();
  }

  onTrouble(trouble: UpstreamTrouble): void {
    if (this.over) return;
    this.fail(trouble.code, trouble.sent ? "unknown" : "not_sent");
  }

  /** An answer that goes on as it comes. */
  private streamed(status: number, type: string, headers: Record<string, string>): Body {
    const length = headers["content-length"];
    this.head(status, {
      ...relayedHeaders(headers),
      "content-type": type,
      ...(length ? { "content-length": length } : {}),
    });
    return {
      push: (chunk) => this.write(chunk),
      end: () => this.end(),
    };
  }

  /**
   * JSON that goes on as it comes, until something in it may be a list of tools: an upstream may answer another request here.
   * What has not gone on then waits for the end, and is cut off where a tool would have to be left out.
   */
  private json(status: number, headers: Record<string, string>): Body {
    const chunks: Buffer[] = [];
    let length = 0;
    let went = 0;
    let tail = "";
    let mayFlow = true;
    let body: Body | null = null;
    const flow = (to: Body) => {
      for (const chunk of chunks.slice(went)) to.push(chunk);
      went = chunks.length;
    };
    return {
      push: (chunk) => {
        this.noteOutcome(chunk);
        if (!mayFlow || length + chunk.length <= heldBytesMax) chunks.push(chunk);
        length += chunk.length;
        const seam = tail + chunk.toString("latin1", 0, seamLength);
        tail = (tail + chunk.toString("latin1", Math.max(0, chunk.length - seamLength))).slice(-seamLength);
        if (mayHoldTools(seam) || mayHoldTools(chunk)) mayFlow = false;
        if ((!mayFlow || body === null) && length > heldBytesMax) this.fail("upstream_too_large", "upstream_error");
        if (this.over || !mayFlow) return;
        if (body === null) {
          const start = firstByte(Buffer.concat(chunks));
          if (start === undefined) return;
          if (start !== braceOpen) {
            mayFlow = false;
            return;
          }
          body = this.streamed(status, "application/json", headers);
        }
        if (length <= heldBytesMax) {
          flow(body);
        } else {
          // Too much to be kept for a later look, so a later look would cut it.
          chunks.length = 0;
          went = 0;
          body.push(chunk);
        }
      },
      end: () => {
        if (body === null) {
          const held = this.held(status, headers);
          for (const chunk of chunks) held.push(chunk);
          held.end();
          return;
        }
        if (!mayFlow) {
          const bytes = Buffer.concat(chunks);
          const text = bytes.toString("utf8");
          if (!isUtf8(bytes) || withoutUnshownTools(text, this.plan.shows()) !== text) {
            this.fail("upstream_failed", "upstream_error");
            return;
          }
          flow(body);
        }
        body.end();
      },
    };
  }

  /** JSON that has to be complete before any of it may go on. */
  private held(status: number, headers: Record<string, string>): Body {
    const chunks: Buffer[] = [];
    let length = 0;
    return {
      push: (chunk) => {
        length += chunk.length;
        if (length > heldBytesMax) this.fail("upstream_too_large", "upstream_error");
        else chunks.push(chunk);
      },
      end: () => {
        const bytes = Buffer.concat(chunks);
        if (!isUtf8(bytes)) return this.fail("upstream_failed", "upstream_error");
        const text = bytes.toString("utf8");
        const shown = mayHoldTools(text) ? withoutUnshownTools(text, this.plan.shows()) : text;
        if (shown === null) return this.fail("upstream_failed", "upstream_error");
        const out = shown === text ? bytes : Buffer.from(shown);
        this.head(status, {
          ...relayedHeaders(headers),
          ...this.welcomed(text, headers),
          "content-type": "application/json",
          "content-length": String(out.length),
        });
        this.write(out);
        this.end();
      },
    };
  }

  private events(status: number, headers: Record<string, string>): Body {
    const reader = readSse(heldBytesMax);
    const { response, streams, kind } = this.plan;
    // Until the stream says otherwise: a call whose answer comes by another stream ends this one unanswered.
    this.outcome = "unknown";
    // An `initialize` begins its answer with a header that only the result can fill.
    let held: SseEvent[] | null = kind === "initialize" ? [] : null;
    let heldLength = 0;
    const begin = (more: Record<string, string>) => {
      this.head(status, { ...relayedHeaders(headers), ...more, ...streamHeaders });
      response.flushHeaders();
      streams.set(response, this.plan.tokenHash);
      if (held !== null && held.length > 0) this.write(this.relayedText(held));
      held = null;
    };
    if (held === null) begin({});
    return {
      push: (chunk) => {
        const events = reader.push(chunk);
        if (events === null) {
          this.fail("upstream_too_large", "unknown");
          return;
        }
        if (held === null) {
          const text = this.relayedText(events);
          if (text !== "") this.write(text);
          return;
        }
        heldLength += chunk.length;
        if (heldLength > heldBytesMax) {
          this.fail("upstream_too_large", "upstream_error");
          return;
        }
        held.push(...events);
        for (const { data } of events) {
          const welcome = data === null ? {} : this.welcomed(data, headers);
          if (welcome["mcp-session-id"] === undefined) continue;
          begin(welcome);
          return;
        }
      },
      end: () => {
        if (held !== null) begin({});
        this.end();
      },
    };
  }

  private relayedText(events: readonly SseEvent[]): string {
    let text = "";
    for (const event of events) text += this.relayedEvent(event);
    return text;
  }

  private relayedEvent(event: SseEvent): string {
    const { data } = event;
    const tag = this.plan.eventTag;
    const id = event.id !== null && tag !== null ? `${tag}.${event.id}` : event.id;
    if (data === null || data === "") return writeSse({ ...event, id });
    this.noteOutcome(data);
    if (!mayHoldTools(data)) return writeSse({ ...event, id });
    const shown = withoutUnshownTools(data, this.plan.shows());
    return shown === null ? "" : writeSse({ ...event, id, data: shown });
  }

  private empty(status: number, headers: Record<string, string>): Body {
    return {
      push: () => this.fail("upstream_failed", "upstream_error"),
      end: () => {
        this.head(status, relayedHeaders(headers));
        this.end();
      },
    };
  }

  /** Our session id, once the upstream has accepted an `initialize`. */
  private welcomed(text: string, headers: Record<string, string>): Record<string, string> {
    if (this.plan.welcome === undefined) return {};
    const version = agreedVersion(text);
    const upstreamId = headers["mcp-session-id"] ?? null;
    if (version === null || (upstreamId !== null && upstreamId.length > upstreamSessionIdMax)) return {};
    const { id, tag } = this.plan.welcome(version, upstreamId);
    this.plan.eventTag = tag;
    return { "mcp-session-id": id };
  }

  /** What the answer is for the log. A glance, not a parse: it decides nothing. */
  private noteOutcome(part: Buffer | string): void {
    if (this.status !== null && this.status >= 400) return;
    if (part.includes('"result"')) this.outcome = isToolError(part) ? "tool_error" : "answered";
    else if (part.includes('"error"') && !part.includes('"method"')) this.outcome = "upstream_error";
    else if (isToolError(part)) this.outcome = "tool_error";
  }

  private head(status: number, headers: Record<string, string>): void {
    this.plan.response.writeHead(status, {
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      ...headers,
    });
  }

  private write(data: Buffer | string): void {
    const { response } = this.plan;
    // Ended by us from outside: a stop, while the upstream still speaks.
    if (response.writableEnded || response.write(data)) return;
    this.exchange?.pause();
    response.once("drain", () => this.exchange?.resume());
  }

  private end(): void {
    const { response } = this.plan;
    this.finish(this.outcome, null);
    response.end();
  }

  /** Ends without the answer. What the client has not begun to hear is answered by whoever asked for the relay. */
  private fail(trouble: NonNullable<Forwarded["trouble"]>, outcome: Forwarded["outcome"]): void {
    const { response, streams } = this.plan;
    this.exchange?.cancel();
    if (!response.headersSent) {
      this.finish(outcome, trouble);
      return;
    }
    // A stream of events may simply end, and the client may resume it; half a JSON text must not look whole.
    const isStream = streams.has(response);
    this.finish(outcome, null);
    if (isStream) response.end();
    else response.destroy();
  }

  private finish(outcome: Forwarded["outcome"], trouble: Forwarded["trouble"]): void {
    if (this.over) return;
    this.over = true;
    this.plan.streams.delete(this.plan.response);
    const upstreamMs = outcome === "not_sent" ? null : performance.now() - this.startedAt;
    this.resolve({ outcome, trouble, upstreamStatus: this.status, upstreamMs });
  }
}

const streamHeaders = { "content-type": "text/event-stream", "x-accel-buffering": "no" };

/** What of an upstream's headers the client hears. */
function relayedHeaders(headers: Record<string, string>): Record<string, string> {
  const out: Record<string, string> = {};
  for (const name of ["allow", "retry-after", "mcp-protocol-version"]) {
    const value = headers[name];
    if (value !== undefined) out[name] = value;
  }
  return out;
}

const braceOpen = 0x7b;
/** One character less than `"tools"`, so that it is seen also where two chunks meet. */
const seamLength = 6;

/** The first byte that is no white space. */
function firstByte(bytes: Buffer): number | undefined {
  return bytes.find((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
}

const isErrorKey = '"isError"';

function isToolError(part: Buffer | string): boolean {
  const at = part.indexOf(isErrorKey);
  if (at === -1) return false;
  const from = at + isErrorKey.length;
  const after = typeof part === "string" ? part.slice(from, from + 16) : part.toString("latin1", from, from + 16);
  return /^\s*:\s*true/.test(after);
}

function agreedVersion(text: string): string | null {
  try {
    const version: unknown = (JSON.parse(text) as { result?: { protocolVersion?: unknown } }).result?.protocolVersion;
    return typeof version === "string" ? version : null;
  } catch {
    return null;
  }
}
