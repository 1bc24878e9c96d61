// The way to one HTTP server: its pool of connections, its owner's headers, and how much of its work may be under way.
import { buildConnector, Client, Pool } from "undici";
import { readUpstreamUrl, vettedLookup } from "../../address.ts";
import { type Breaker, type BreakerLimits, breakerLimits, openBreaker } from "./breaker.ts";
import { trouble } from "./http-troubles.ts";
import { type Gate, type GateLimits, gateLimits, openGate } from "./limits.ts";
import type { UpstreamServer, UpstreamTrouble } from "./upstream.ts";

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

export type OpenLine = {
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

export type Line = OpenLine | { ok: false; fingerprint: string; trouble: UpstreamTrouble };

export function openLine(server: UpstreamServer, fingerprint: string, allowPrivate: boolean, limits: HttpLimits): Line {
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

/** No new calls begin; those under way may finish within `graceMs`. A stream would otherwise go on for ever. */
export function hangUp(line: Line, graceMs: number): void {
  if (!line.ok) return;
  const { pool, standing } = line;
  if (graceMs > 0) pool.close().catch(() => {});
  const endAll = () => {
    for (const one of [pool, ...standing]) one.destroy().catch(() => {});
  };
  setTimeout(endAll, graceMs).unref();
}

const fingerprints = new WeakMap<UpstreamServer, string>();

export function fingerprintOf(server: UpstreamServer): string {
  let fingerprint = fingerprints.get(server);
  if (fingerprint === undefined) {
    fingerprint = JSON.stringify([server.transport, server.url, server.headers]);
    fingerprints.set(server, fingerprint);
  }
  return fingerprint;
}
