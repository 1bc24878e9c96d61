// What the kinds of answers share: each takes an upstream's bytes as they come and speaks to the client over one line.
import type { Buffer } from "node:buffer";
import type { ServerResponse } from "node:http";
import type { Forwarded } from "../call.ts";
import type { View } from "../list.ts";
import type { Roster } from "../roster.ts";
import type { OpenStreams, UnderWay } from "../streams.ts";
import type { Vet } from "../vet.ts";

/** Cap on what is held in memory of one answer: a list, an `initialize`, or one event. */
export const heldBytesMax = 16 * 1024 * 1024;
const upstreamSessionIdMax = 4_096;

/** What is to be done with an answer. */
export type Plan = {
  response: ServerResponse;
  /** The answer is a stream of events that we began while the client waited: what the server says goes on there. */
  isBegun?: boolean;
  /** `list` and `initialize` may have to be changed, so they are held until they are complete. */
  kind: "list" | "initialize" | "other";
  /** What the client may see at this moment; asked again for each message, because streams live long. */
  view(): View;
  /** Sealed into each event id, so that an id of one session says nothing in another. */
  eventTag: string | null;
  /** @param tag The session's. */
  sealEventId(tag: string, eventId: string): string;
  /** What of the server's words may go on at all. */
  vet: Vet;
  /** Makes our session id for an `initialize` that the upstream accepted. */
  welcome?(version: string, upstreamId: string | null): { id: string; tag: string };
  streams: OpenStreams;
  /** Everything that is being relayed, so that a freeze can cut it. */
  underWay: Roster<UnderWay>;
  /** The last message of an event stream that a freeze cuts; null for what goes on while frozen. */
  farewell(): string | null;
  tokenHash: string;
};

/** One answer on its way in. @param text The chunk's bytes as latin1 text, where somebody had to make it. */
export type Body = { push(chunk: Buffer, text?: string): void; end(): void };

/** The way out to the client. After `end` or `fail` it is over, and nothing more may be said. */
export type Line = {
  readonly plan: Plan;
  readonly isOver: boolean;
  /** Whether all of the answer has come, looked at or not. */
  readonly isWhole: boolean;
  /** @param headers Begun by `relayedHeaders`. */
  head(status: number, headers: Record<string, string>): void;
  /** It may go on for long: it ends with its token, and while it is one of events it is kept alive. */
  goesOn(isEvents: boolean): void;
  write(data: Buffer | string): void;
  /** @param last What is still to be written: in one go with the end it costs less. Bytes, or bytes as latin1 text. */
  end(last?: Buffer | string): void;
  /** Ends without the answer. What the client has not begun to hear is answered by whoever asked for the relay. */
  fail(trouble: NonNullable<Forwarded["trouble"]>, outcome: Forwarded["outcome"]): void;
  setOutcome(outcome: Forwarded["outcome"]): void;
  /** What a part of the answer is for the log. A glance, not a parse: it decides nothing. */
  noteOutcome(part: string): void;
};

/** Begins the headers that the client hears: ours, and of the upstream's what goes on. */
export function relayedHeaders(headers: Record<string, string>): Record<string, string> {
  const out: Record<string, string> = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
  // One by one: a name that is known beforehand is found much faster.
  const allow = headers.allow;
  if (allow !== undefined) out.allow = allow;
  const retryAfter = headers["retry-after"];
  if (retryAfter !== undefined) out["retry-after"] = retryAfter;
  const version = headers["mcp-protocol-version"];
  if (version !== undefined) out["mcp-protocol-version"] = version;
  return out;
}

/** Our session id as headers, once the upstream has accepted an `initialize`. */
export function welcomed(plan: Plan, text: string, headers: Record<string, string>): Record<string, string> {
  if (plan.welcome === undefined) return {};
  const version = agreedVersion(text);
  const upstreamId = headers["mcp-session-id"] ?? null;
  if (version === null || (upstreamId !== null && upstreamId.length > upstreamSessionIdMax)) return {};
  const { id, tag } = plan.welcome(version, upstreamId);
  plan.eventTag = tag;
  return { "mcp-session-id": id };
}

function agreedVersion(text: string): string | null {
  try {
    const version: unknown = (JSON.parse(text) as { result?: { protocolVersion?: unknown } }).result?.protocolVersion;
    return typeof version === "string" ? version : null;
  } catch {
    return null;
  }
}
