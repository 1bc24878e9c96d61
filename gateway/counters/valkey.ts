// Limits counted in a Valkey or Redis that several gateways share: one script a call, by the server's clock. What the script did
// not answer in time is not known to have room, and is denied.
import { readFileSync } from "node:fs";
import { Redis } from "ioredis";
import type { Reservation } from "../../policy/evaluate.ts";
import { inWindowAt } from "../../policy/quota.ts";
import type { Log } from "../log.ts";
import type { CounterStore, ReserveAnswer } from "./counters.ts";
import type { StoreLife } from "./life.ts";
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
  client.defineCommand("reserveLimits", { lua: script("reserve.lua") });
  client.defineCommand("giveBackLimits", { lua: script("give-back.lua") });
  const scripts = client as Redis & Scripts;
  let remembers = false;
  let wasAway = false;

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
      const fresh = own ?? createLife();
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

  async function reserve(wanted: readonly Reservation[], organisationId: string): Promise<ReserveAnswer> {
    if (!remembers) return { ok: "unavailable" };
    let reservations = wanted;
    try {
      // A gateway whose clock is off asks for another calendar window than the store is in: once more with the store's.
      for (let tries = 0; tries < 3; tries++) {
        const keys = reservations.map(({ key }) => sharedKey(organisationId, key));
        const [kind, now, index = 1, waitMs = 0] = await scripts.reserveLimits(
          keys.length,
          ...keys,
          ...reservations.flatMap((one) => [...windowOf(one), amountText(one), mostText(one)]),
        );
        if (kind === "ok") return { ok: true, reserved: reservations.map((one) => ({ ...one, countedAt: now })) };
        if (kind === "full") {
          const failed = reservations[index - 1] ?? reservations[0];
          if (failed === undefined) return { ok: "unavailable" };
          const retryAfterS = waitMs < 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.ceil(waitMs / 1_000));
          return { ok: false, failed, retryAfterS };
        }
        reservations = reservations.map((one) => inWindowAt(one, now));
      }
    } catch (cause) {
      log.debug({ cause: String(cause) }, "a call could not be counted");
    }
    return { ok: "unavailable" };
  }

  return {
    reserve: (reservations, _now, organisationId) => reserve(reservations, organisationId),
    giveBack(reservations, _at, organisationId) {
      const counted = reservations.filter(({ countedAt }) => countedAt !== undefined);
      const keys = counted.map(({ key }) => sharedKey(organisationId, key));
      const held = counted.flatMap((one) => [String(one.countedAt), ...windowOf(one).slice(0, 2), amountText(one)]);
      // What cannot be given back stays counted: that refuses sooner.
      scripts.giveBackLimits(keys.length, ...keys, ...held).catch(() => {});
    },
    get available() {
      return remembers;
    },
    async close() {
      remembers = false;
      client.disconnect();
    },
  };
}

function createLife(): string {
  return crypto.randomUUID();
}

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ""] as [string, string]] : []));
}

function script(name: string): string {
  return readFileSync(new URL(name, import.meta.url), "utf8");
}
