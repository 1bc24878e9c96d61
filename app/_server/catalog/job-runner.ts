// Carries out the jobs on the catalog, one at a time in the whole installation: whichever web process holds the lock. The lock
// belongs to a connection, so it is free as soon as its process is gone, and what was running is taken up again.
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { database } from "../../../prisma/client.ts";
import { report } from "../report.ts";
import { jobChannel } from "./job-notices.ts";
import { type Ended, type Job, type JobWorld, Later, Superseded, workOn } from "./job-work.ts";

export type JobRunner = { stop(): Promise<void> };

export type RunnerOptions = {
  databaseUrl: string;
  /** All but the keeping of progress. */
  world: Omit<JobWorld, "progress">;
  /** How often it is looked for work when no notice comes. */
  pollMs?: number;
  /** How long it waits after something failed that may pass. */
  retryMs?: number;
};

/** Of the advisory lock: "plcy", and the first of its kind. */
const lockKey = [0x706c6379, 1];
/** A job that was begun so often without getting any further takes the process down with it, or never ends. */
const attemptsMax = 5;

/** Starts at once and goes on until it is stopped, through outages of Postgres and of the gateways. */
export function startJobRunner({ databaseUrl, world, pollMs = 5_000, retryMs = 3_000 }: RunnerOptions): JobRunner {
  const stopping = new AbortController();
  const running = runUntilStopped();

  async function runUntilStopped(): Promise<void> {
    while (!stopping.signal.aborted) {
      const client = connect(databaseUrl);
      try {
        await lead(client);
      } catch (cause) {
        if (!stopping.signal.aborted) report("running jobs on the catalog", cause);
      } finally {
        await client.end().catch(() => {});
      }
      await pause(retryMs);
    }
  }

  /** Waits for the lock, then works until the connection is lost or the process stops. */
  async function lead(client: pg.Client): Promise<void> {
    const lease = leaseOf(client, stopping.signal);
    await client.connect();
    await client.query(`LISTEN ${jobChannel}`);
    while (!lease.signal.aborted) {
      const { rows } = await client.query<{ mine: boolean }>("SELECT pg_try_advisory_lock($1, $2) AS mine", lockKey);
      if (rows[0]?.mine) break;
      await pause(pollMs);
    }
    while (!lease.signal.aborted) {
      lease.forgetNotices();
      const job = await take();
      if (job === null) await lease.notice(pollMs);
      else if ((await runOne(job, lease)) === "later") await pause(retryMs);
    }
  }

  async function runOne(job: Job, lease: Lease): Promise<"ended" | "later"> {
    const stop = new AbortController();
    const giveUp = () => stop.abort(new Superseded());
    lease.signal.addEventListener("abort", giveUp);
    const look = async () => {
      if (!(await isRunning(job.id))) giveUp();
    };
    const watch = setInterval(() => look().catch(() => {}), pollMs);
    lease.onNotice = (id) => {
      if (id === job.id) look().catch(() => {});
    };
    try {
      await look();
      const progress: JobWorld["progress"] = (step) => keepProgress(job.id, step);
      const work = workOn(job, { ...world, progress }, stop.signal);
      await end(job.id, await Promise.race([work, rejectWhen(stop.signal)]));
      return "ended";
    } catch (cause) {
      // Cancelled: it says so already. Stopped, or the lock is lost: it stays as it is for whoever takes it up.
      if (stop.signal.aborted || cause instanceof Superseded) return "ended";
      if (cause instanceof Later) {
        await keepProgress(job.id, { message: cause.message });
        return "later";
      }
      report(`the catalog job ${job.id}`, cause);
      await end(job.id, { ok: false, message: "Something is broken on our side. It has been written down." });
      return "ended";
    } finally {
      clearInterval(watch);
      lease.onNotice = () => {};
      lease.signal.removeEventListener("abort", giveUp);
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

function connect(connectionString: string): pg.Client {
  return new pg.Client({
    connectionString,
    application_name: "policylayer-jobs",
    connectionTimeoutMillis: 4_000,
    keepAlive: true,
  });
}

/** What holds while a connection lives: its lock, and that it hears of new and cancelled jobs. */
type Lease = {
  /** Aborted when the connection is lost or the process stops. */
  signal: AbortSignal;
  onNotice(id: string): void;
  forgetNotices(): void;
  /** Resolves at the next notice since they were forgotten, at the end of the lease, or after so long. */
  notice(maxMs: number): Promise<void>;
};

function leaseOf(client: pg.Client, stopping: AbortSignal): Lease {
  const over = new AbortController();
  let heard = false;
  let wake = () => {};
  const lose = () => {
    over.abort();
    wake();
  };
  client.on("error", lose);
  client.on("end", lose);
  stopping.addEventListener("abort", lose, { signal: over.signal });
  client.on("notification", ({ payload }) => {
    heard = true;
    wake();
    lease.onNotice(payload ?? "");
  });
  const lease: Lease = {
    signal: over.signal,
    onNotice() {},
    forgetNotices() {
      heard = false;
    },
    async notice(maxMs) {
      if (heard || over.signal.aborted) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, maxMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      wake = () => {};
    },
  };
  return lease;
}

/** The next job: one that was left running first, then the one that waits longest. */
async function take(): Promise<Job | null> {
  const rows = await database().$queryRaw<(Job & { attempts: number })[]>`
    UPDATE "CatalogJob" SET "status" = 'running', "startedAt" = coalesce("startedAt", now()), "attempts" = "attempts" + 1
    WHERE "id" = (
      SELECT "id" FROM "CatalogJob" WHERE "status" IN ('running', 'queued')
      ORDER BY "status" = 'running' DESC, "createdAt", "id" LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING "id", "kind", "target", "input", "cursor", "done", "result", "attempts"`;
  const job = rows[0];
  if (job === undefined) return null;
  if (job.attempts <= attemptsMax) return job;
  await end(job.id, { ok: false, message: `It was begun ${attemptsMax} times and never got any further.` });
  return take();
}

async function isRunning(id: string): Promise<boolean> {
  return (await database().catalogJob.count({ where: { id, status: "running" } })) === 1;
}

/** Whoever gets further, or waits for somebody else, begins anew to count its attempts. */
async function keepProgress(id: string, step: Parameters<JobWorld["progress"]>[0]): Promise<boolean> {
  const { result, ...columns } = step;
  const isFurther = step.cursor !== undefined || step.done === undefined;
  const data = { ...columns, ...(result && { result }), ...(isFurther && { attempts: 0 }) };
  const { count } = await database().catalogJob.updateMany({ where: { id, status: "running" }, data });
  return count === 1;
}

async function end(id: string, ended: Ended): Promise<void> {
  const outcome = ended.ok
    ? { status: "done", done: ended.done, total: ended.done, result: ended.result }
    : { status: "failed" };
  const message = ended.message.slice(0, 2_000);
  await database().catalogJob.updateMany({
    where: { id, status: "running" },
    data: { ...outcome, message, input: null, cursor: null, endedAt: new Date() },
  });
}

function rejectWhen(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
