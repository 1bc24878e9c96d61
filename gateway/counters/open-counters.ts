// Where limits are counted: in this process, or where several gateways count together.
import type { OpenedJournal } from "../journal.ts";
import type { Log } from "../log.ts";
import type { CounterStore } from "./counters.ts";
import { storeLife } from "./life.ts";
import { openMemoryCounters } from "./memory.ts";
import { openPostgresCounters } from "./postgres.ts";
import { openValkeyCounters } from "./valkey.ts";

export type CountersOptions = {
  /** `COUNTERS_URL`: `redis://…` or `rediss://…`, `postgres` for our own database, null for this process's memory. */
  url: string | null;
  databaseUrl: string;
  journal: OpenedJournal;
  now: () => number;
  log: Log;
};

export async function openCounters(options: CountersOptions): Promise<CounterStore & { close(): Promise<void> }> {
  const { url, databaseUrl, journal, now, log } = options;
  if (url === null) return { ...(await openMemoryCounters({ journal, log, now })), close: async () => {} };
  if (url === "postgres") return openPostgresCounters({ databaseUrl, log });
  return openValkeyCounters({ url, life: storeLife(databaseUrl), log });
}
