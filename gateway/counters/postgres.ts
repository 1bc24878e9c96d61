// Limits counted in Postgres, for gateways that share no Valkey: what comes together is asked together, in one transaction.
import pg from "pg";
import type { Reservation } from "../../policy/evaluate.ts";
import { inWindowAt } from "../../policy/quota.ts";
import type { Log } from "../log.ts";
import type { CounterStore, ReserveAnswer } from "./counters.ts";
import { amountText, mostText, sharedKey, windowOf } from "./shared.ts";

export type PostgresCountersOptions = {
  databaseUrl: string;
  log: Log;
  /** How long a call may wait for its counters. */
  timeoutMs?: number;
};

type Asked = { reservations: readonly Reservation[]; wanted: object[]; settle(answer: Answer | null): void };
type Answer = [kind: "ok" | "full" | "window", now: number, index?: number, waitMs?: number];

/** Transactions at once; what comes while all are under way waits for the next, together. */
const connectionsMax = 2;
const batchMax = 200;
const forgetMs = 60_000;
const probeMs = 1_000;

export function openPostgresCounters(options: PostgresCountersOptions): CounterStore & { close(): Promise<void> } {
  const { databaseUrl, log, timeoutMs = 2_000 } = options;
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: connectionsMax + 1,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    keepAlive: true,
    application_name: "policylayer gateway counters",
  });
  pool.on("error", () => {}); // an idle connection broke: the next question opens another
  let waiting: Asked[] = [];
  let underWay = 0;
  let isScheduled = false;
  let isThere = true;
  let isClosed = false;
  const forgetting = setInterval(() => void query('SELECT "forgetLimits"(1000)', []), forgetMs);
  forgetting.unref();
  let probe: NodeJS.Timeout | undefined;

  function ask(reservations: readonly Reservation[], organisationId: string): Promise<Answer | null> {
    return new Promise((settle) => {
      const wanted = reservations.map((one) => {
        const [kind, from, to] = windowOf(one);
        return {
          key: sharedKey(organisationId, one.key),
          kind,
          from,
          to,
          amount: amountText(one),
          most: mostText(one),
        };
      });
      waiting.push({ reservations, wanted, settle });
      schedule();
    });
  }

  function schedule(): void {
    if (isScheduled || underWay >= connectionsMax || waiting.length === 0) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      void send();
    });
  }

  async function send(): Promise<void> {
    const batch = waiting.slice(0, batchMax);
    waiting = waiting.slice(batchMax);
    underWay += 1;
    schedule();
    const rows = await query('SELECT "reserveLimits"($1::jsonb) AS answers', [
      JSON.stringify(batch.map(({ wanted }) => wanted)),
    ]);
    const answers = rows?.[0]?.answers as Answer[] | undefined;
    for (const [at, { settle }] of batch.entries()) settle(answers?.[at] ?? null);
    underWay -= 1;
    schedule();
  }

  async function query(text: string, values: unknown[]): Promise<Record<string, unknown>[] | null> {
    try {
      const { rows } = await pool.query(text, values);
      if (!isThere) log.info({}, "the counters can be asked again");
      isThere = true;
      return rows;
    } catch (cause) {
      if (isThere && !isClosed) {
        log.warn({ cause: String(cause) }, "the counters cannot be asked: limited calls are denied until they can");
      }
      isThere = false;
      clearTimeout(probe);
      if (!isClosed) probe = setTimeout(() => void query("SELECT 1", []), probeMs);
      probe?.unref();
      return null;
    }
  }

  async function reserve(wanted: readonly Reservation[], organisationId: string): Promise<ReserveAnswer> {
    let reservations = wanted;
    // A gateway whose clock is off asks for another calendar window than the database is in: once more with the database's.
    for (let tries = 0; tries < 3; tries++) {
      const answer = await ask(reservations, organisationId);
      if (answer === null) return { ok: "unavailable" };
      const [kind, now, index = 1, waitMs = 0] = answer;
      if (kind === "ok") return { ok: true, reserved: reservations.map((one) => ({ ...one, countedAt: now })) };
      if (kind === "full") {
        const failed = reservations[index - 1];
        if (failed === undefined) break;
        const retryAfterS = waitMs < 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.ceil(waitMs / 1_000));
        return { ok: false, failed, retryAfterS };
      }
      reservations = reservations.map((one) => inWindowAt(one, now));
    }
    return { ok: "unavailable" };
  }

  return {
    reserve: (reservations, _now, organisationId) => reserve(reservations, organisationId),
    giveBack(reservations, _at, organisationId) {
      const held = reservations
        .filter(({ countedAt }) => countedAt !== undefined)
        .map((one) => {
          const [kind, from] = windowOf(one);
          return { key: sharedKey(organisationId, one.key), kind, from, at: one.countedAt, amount: amountText(one) };
        });
      // What cannot be given back stays counted: that refuses sooner.
      if (held.length > 0) void query('SELECT "giveBackLimits"($1::jsonb)', [JSON.stringify(held)]);
    },
    get available() {
      return isThere && !isClosed;
    },
    async close() {
      isClosed = true;
      clearInterval(forgetting);
      clearTimeout(probe);
      await pool.end();
    },
  };
}
