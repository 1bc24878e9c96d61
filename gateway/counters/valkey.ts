// Limits counted in a Valkey or Redis that several gateways share: one script a call, by the server's clock. What the script did
// not answer in time is not known to have room, and is denied.
import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import type { Reservation } from "../../policy/evaluate.ts";
import { inWindowAt } from "../../policy/quota.ts";
import type { Log } from "../log.ts";
import type { CounterStore, ReserveAnswer } from "./counters.ts";
import type { StoreLife } from "./life.ts";
import { giveBackScript, reserveScript } from "./scripts.ts";
import { amountText, mostText, sharedKey, windowOf } from "./shared.ts";

export type ValkeyCountersOptions = {
  /** `redis://` or `rediss://`. */
  url: string;
  life: StoreLife;
  log: Log;
  /** How long a call may wait for its counters. */
  timeoutMs?: number;
};

const lifeKey = "policylayer:life";
/** Calls that a gateway has under way at once, with room to spare: whether one was counted is known until as many more were. */
const slotCount = 4_096;
const unknownMax = 2_048;
const settleAgainMs = 1_000;

/** A call whose answer was lost: it was told no, and may be counted all the same. */
type Unknown = { organisationId: string; slot: number; id: string; reservations: readonly Reservation[] };

type Scripts = {
  reserveLimits(keys: number, ...rest: string[]): Promise<[kind: string, now: number, index?: number, waitMs?: number]>;
  giveBackLimits(keys: number, ...rest: string[]): Promise<number>;
};

/** Opens the counters; while the store is away, or has forgotten what it counted, nothing is reserved. */
export function openValkeyCounters(options: ValkeyCountersOptions): CounterStore & { close(): Promise<void> } {
  const { url, life, log, timeoutMs = 1_000 } = options;
  const client = new Redis(url, {
    // A call waits for its own answer only: nothing is kept to be sent later, when the caller has been told no.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: timeoutMs,
    connectTimeout: 2_000,
    retryStrategy: (times) => Math.min(1_000, 50 * times),
    // After a failover the one we talk to may be a replica by now.
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
    enableAutoPipelining: true,
    connectionName: "policylayer-gateway",
    lazyConnect: true,
  });
  client.defineCommand("reserveLimits", { lua: reserveScript });
  client.defineCommand("giveBackLimits", { lua: giveBackScript });
  const scripts = client as Redis & Scripts;
  const gateway = randomUUID();
  let remembers = false;
  let wasAway = false;
  let calls = 0;
  let unknown: Unknown[] = [];
  let settling: NodeJS.Timeout | undefined;

  client.on("error", (cause: Error) => {
    if (wasAway) return;
    wasAway = true;
    log.warn({ cause: cause.message }, "the counter store is away: limited calls are denied until it is back");
  });
  client.on("close", () => {
    remembers = false;
  });
  client.on("ready", () => void recognise());
  void client.connect().catch(() => {}); // tried again by itself

  /** A store that lost what it counted would let calls over their limits: whether it is the one we know is asked first. */
  async function recognise(): Promise<void> {
    try {
      const own = await client.get(lifeKey);
      const fresh = own ?? randomUUID();
      const known = await life.claim(fresh);
      if (known !== fresh) {
        log.error(
          { key: lifeKey },
          "the counter store has forgotten what it counted: limited calls are denied. If that is accepted, run: npm run counters:accept",
        );
        setTimeout(() => client.status === "ready" && !remembers && void recognise(), 2_000).unref();
        return;
      }
      if (own === null) await client.set(lifeKey, known, "NX");
      await warnOfForgetting();
      remembers = true;
      void settleUnknown();
      if (wasAway) log.info({}, "the counter store is back");
      wasAway = false;
    } catch (cause) {
      log.warn({ cause: String(cause) }, "the counter store cannot be asked; it is tried again");
      setTimeout(() => client.status === "ready" && !remembers && void recognise(), 1_000).unref();
    }
  }

  async function warnOfForgetting(): Promise<void> {
    // Not every hosted store answers this.
    const answer = await client.config("GET", "maxmemory-policy", "appendonly").catch(() => []);
    const config = new Map(pairs(answer as string[]));
    if ((config.get("maxmemory-policy") ?? "noeviction") !== "noeviction")
      log.error({}, "the counter store may drop counters when its memory is full: set maxmemory-policy noeviction");
    if (config.get("appendonly") === "no")
      log.warn(
        {},
        "the counter store keeps counters in memory only: set appendonly yes, or a restart denies limited calls",
      );
  }

  /** Takes back what calls hold that were told no. */
  async function settleUnknown(): Promise<void> {
    clearTimeout(settling);
    const asked = unknown;
    unknown = [];
    for (const one of asked) {
      try {
        const noted = await client.hget(callsKey(one.organisationId), String(one.slot));
        const [id, at] = noted?.split(" ") ?? [];
        if (id !== one.id) continue;
        giveBack(
          one.reservations.map((reservation) => ({ ...reservation, countedAt: Number(at) })),
          one.organisationId,
        );
      } catch {
        if (unknown.length < unknownMax) unknown.push(one);
      }
    }
    if (unknown.length > 0) settleLater();
  }

  function settleLater(): void {
    clearTimeout(settling);
    settling = setTimeout(() => (remembers ? void settleUnknown() : settleLater()), settleAgainMs);
    settling.unref();
  }

  async function reserve(wanted: readonly Reservation[], organisationId: string): Promise<ReserveAnswer> {
    if (!remembers) return { ok: "unavailable" };
    let reservations = wanted;
    calls += 1;
    const [slot, id] = [calls % slotCount, calls.toString(36)];
    try {
      // A gateway whose clock is off asks for another calendar window than the store is in: once more with the store's.
      for (let tries = 0; tries < 3; tries++) {
        const keys = reservations.map(({ key }) => sharedKey(organisationId, key));
        const [kind, now, index = 1, waitMs = 0] = await scripts.reserveLimits(
          keys.length + 1,
          ...keys,
          callsKey(organisationId),
          String(slot),
          id,
          ...reservations.flatMap((one) => [...windowOf(one), amountText(one), mostText(one)]),
        );
        if (kind === "ok") return { ok: true, reserved: reservations.map((one) => ({ ...one, countedAt: now })) };
        if (kind === "full") {
          const failed = reservations[index - 1];
          if (failed === undefined) return { ok: "unavailable" };
          const retryAfterS = waitMs < 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.ceil(waitMs / 1_000));
          return { ok: false, failed, retryAfterS };
        }
        reservations = reservations.map((one) => inWindowAt(one, now));
      }
    } catch (cause) {
      log.debug({ cause: String(cause) }, "a call could not be counted");
      if (unknown.length < unknownMax) unknown.push({ organisationId, slot, id, reservations });
      settleLater();
    }
    return { ok: "unavailable" };
  }

  function giveBack(reservations: readonly Reservation[], organisationId: string): void {
    const counted = reservations.filter(({ countedAt }) => countedAt !== undefined);
    if (counted.length === 0) return;
    const keys = counted.map(({ key }) => sharedKey(organisationId, key));
    const held = counted.flatMap((one) => [String(one.countedAt), ...windowOf(one).slice(0, 2), amountText(one)]);
    // What cannot be given back stays counted: that refuses sooner.
    scripts.giveBackLimits(keys.length, ...keys, ...held).catch(() => {});
  }

  function callsKey(organisationId: string): string {
    return `policylayer:{${organisationId}}:calls:${gateway}`;
  }

  return {
    reserve: (reservations, _now, organisationId) => reserve(reservations, organisationId),
    giveBack: (reservations, _at, organisationId) => giveBack(reservations, organisationId),
    get available() {
      return remembers;
    },
    async close() {
      remembers = false;
      clearTimeout(settling);
      client.disconnect();
    },
  };
}

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ""] as [string, string]] : []));
}
