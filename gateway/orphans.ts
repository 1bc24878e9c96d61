// What workers left behind that are not started any more, because there are fewer now: their journals are shipped, and the tasks
// that they saw begin are known to the first.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openJournal } from "./journal.ts";
import type { Log } from "./log.ts";
import { openRecord } from "./record.ts";

export type Orphans = {
  /** Records of theirs that Postgres does not have yet. */
  readonly pending: number;
  close(): Promise<void>;
};

export type OrphansOptions = {
  dataDir: string;
  /** How many workers there are: what belongs to a higher number is nobody's. */
  workers: number;
  databaseUrl: string;
  log: Log;
  now: () => number;
};

const lookMs = 100;
const retryMs = 5_000;

/** The directory of a worker's journal, and its file of tasks. */
export function placesOf(dataDir: string, worker: number): { journalDir: string; tasksFile: string } {
  const suffix = worker === 1 ? "" : `-${worker}`;
  return { journalDir: join(dataDir, `journal${suffix}`), tasksFile: join(dataDir, `tasks${suffix}.jsonl`) };
}

/** The files of tasks of workers that are not there any more. */
export function orphanTasks(dataDir: string, workers: number): string[] {
  const numbers = numbersIn(dataDir, /^tasks-(\d{1,3})\.jsonl$/, workers);
  return numbers.map((worker) => placesOf(dataDir, worker).tasksFile);
}

/** Ships the journals that nobody writes any more, and removes each when it is shipped. */
export function shipOrphans({ dataDir, workers, databaseUrl, log, now }: OrphansOptions): Orphans {
  const stopped = new AbortController();
  let pending = 0;
  const done = shipAll(numbersIn(dataDir, /^journal-(\d{1,3})$/, workers));

  // One after the other: it is the past, and calls of now come first.
  async function shipAll(numbers: number[]): Promise<void> {
    for (const dir of numbers.map((worker) => placesOf(dataDir, worker).journalDir)) {
      for (let tries = 0; !stopped.signal.aborted; tries++) {
        try {
          await ship(dir);
          break;
        } catch (cause) {
          // Its worker may be about to end.
          if (tries === 0)
            log.warn({ dir, cause: String(cause) }, "a journal that is left over cannot be taken over yet");
          await pause(retryMs);
        }
      }
    }
  }

  async function ship(dir: string): Promise<void> {
    // Decisions without an outcome get one here. Their limits were counted elsewhere: nobody counts them again.
    const journal = await openJournal({ dir, log, readers: ["record"], now });
    const record = await openRecord({ journal, databaseUrl, log });
    log.info({ dir, records: record.figures().pending }, "a journal that is left over is shipped");
    while (!record.isShipped() && !stopped.signal.aborted) {
      pending = record.figures().pending;
      await pause(lookMs);
    }
    pending = 0;
    const isShipped = record.isShipped();
    await record.close(200);
    await journal.close();
    // What Postgres refused to take stays, for a person to look at.
    if (!isShipped || existsSync(join(dir, "rejected.jsonl"))) return;
    rmSync(dir, { recursive: true, force: true });
    log.info({ dir }, "a journal that was left over is shipped, and removed");
  }

  async function pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: stopped.signal }).catch(() => {});
  }

  return {
    get pending() {
      return pending;
    },
    async close() {
      stopped.abort();
      await done;
    },
  };
}

/** The numbers in the names that match, as far as no worker has them. */
function numbersIn(dataDir: string, pattern: RegExp, workers: number): number[] {
  return readdirSync(dataDir)
    .map((name) => Number(pattern.exec(name)?.[1]))
    .filter((worker) => worker > workers);
}
