// Work that one web process does for the whole installation: whichever holds a lock. The lock belongs to a connection, so it is
// free as soon as its process is gone.
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { report } from "./report.ts";

export type Leader = { stop(): Promise<void> };

export type LeaderOptions = {
  databaseUrl: string;
  /** For people, in the log. */
  name: string;
  /** Of the advisory lock: "plcy", and which of its kind. */
  lockKey: readonly [number, number];
  /** Time between two rounds. */
  everyMs: number;
  /** One round. It ends early when the signal says that the lock is lost. */
  round(signal: AbortSignal): Promise<void>;
};

/** Starts at once and goes on until it is stopped, through outages of Postgres. */
export function startLeader({ databaseUrl, name, lockKey, everyMs, round }: LeaderOptions): Leader {
  const stopping = new AbortController();
  const running = run();

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const client = new pg.Client({
        connectionString: databaseUrl,
        application_name: `policylayer ${name}`,
        connectionTimeoutMillis: 4_000,
        keepAlive: true,
      });
      try {
        await lead(client);
      } catch (cause) {
        if (!stopping.signal.aborted) report(name, cause);
      } finally {
        await client.end().catch(() => {});
      }
      await pause(Math.max(everyMs, 1_000));
    }
  }

  async function lead(client: pg.Client): Promise<void> {
    const lost = new AbortController();
    const lose = () => lost.abort();
    client.on("error", lose);
    client.on("end", lose);
    stopping.signal.addEventListener("abort", lose);
    try {
      await client.connect();
      let mine = false;
      while (!lost.signal.aborted) {
        // Asked again while it is ours: a connection that hangs is found out.
        if (!mine) {
          const { rows } = await client.query<{ mine: boolean }>("SELECT pg_try_advisory_lock($1, $2) AS mine", [
            ...lockKey,
          ]);
          mine = rows[0]?.mine === true;
        } else await client.query("SELECT 1");
        if (mine && !lost.signal.aborted) await round(lost.signal);
        await pause(everyMs);
      }
    } finally {
      stopping.signal.removeEventListener("abort", lose);
    }
  }

  async function pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: stopping.signal }).catch(() => {});
  }

  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
