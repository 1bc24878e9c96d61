// Looks after the partitions of the call log in the web process: what is needed next is made, what nobody keeps is dropped. One
// process at a time, by a lock that belongs to its connection.
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { type Kept, keepPartitions } from "../../prisma/call-partitions.ts";
import { report } from "./report.ts";

/** Of the advisory lock: "plcy", and the second of its kind. */
const lockKey = [0x706c6379, 2];

export type CallKeeper = { stop(): Promise<void> };

const shared = globalThis as typeof globalThis & { policylayerCallKeeper?: CallKeeper };

/** Once in a process, however often it is asked for. */
export function startKeepingCalls(): void {
  const databaseUrl = process.env.DATABASE_URL;
  if (databaseUrl) shared.policylayerCallKeeper ??= startCallKeeper(databaseUrl);
}

/** Starts at once, then looks every hour. */
export function startCallKeeper(databaseUrl: string, everyMs = 60 * 60 * 1_000): CallKeeper {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = (async () => {
    while (!signal.aborted) {
      const kept = await keepOnce(databaseUrl, signal).catch((cause) => {
        if (!signal.aborted) report("keeping the call log", cause);
        return null;
      });
      if (kept && kept.strays > 0) {
        report("keeping the call log", new Error(`${kept.strays} calls are in no week's partition: a clock is wrong`));
      }
      await sleep(kept === null ? Math.min(everyMs, 60_000) : everyMs, undefined, { signal }).catch(() => {});
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function keepOnce(connectionString: string, signal: AbortSignal): Promise<Kept | null> {
  const client = new pg.Client({
    connectionString,
    application_name: "policylayer-call-keeper",
    connectionTimeoutMillis: 4_000,
    // Several statements, each of them short; one that hangs must not keep the lock for ever.
    statement_timeout: 10 * 60_000,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ mine: boolean }>("SELECT pg_try_advisory_lock($1, $2) AS mine", lockKey);
    return rows[0]?.mine ? await keepPartitions(client, new Date(), signal) : null;
  } finally {
    await client.end().catch(() => {});
  }
}
