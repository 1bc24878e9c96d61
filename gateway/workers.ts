// One gateway process for each core, all on one port: started, started again when they end, and replaced one after the other on
// SIGHUP, while the others take the calls.
import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import pino from "pino";
import { receiveSecrets, withoutSecrets } from "../prisma/handed-secrets.ts";

/** What a worker is told when it is to end without breaking off a call. */
export const drainMessage = "drain";

const secretNames = ["DATABASE_URL", "SECRET_KEY", "COUNTERS_URL"];
const firstDelayMs = 250;
const longestDelayMs = 10_000;
const healthyMs = 30_000;
/** A worker that drains lets calls end first; then it is told the hard way. */
const drainMsMax = 40_000;
const stopMsMax = 4_000;

/** Keeps `count` workers running until this process is told to stop. */
export async function runWorkers(count: number): Promise<void> {
  const log = pino({ name: "gateway", level: process.env.LOG_LEVEL || "info" });
  await receiveSecrets();
  const secrets = Object.fromEntries(
    secretNames.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name] ?? ""]])),
  );
  // What stands in our environment stands in that of whoever we start.
  for (const name of Object.keys(secrets)) delete process.env[name];
  const workers = new Map<number, Worker>();
  const leaving = new Set<Worker>();
  let stopping = false;
  let rolling = false;

  function start(index: number): Promise<void> {
    const worker = cluster.fork(withoutSecrets({ ...process.env, GATEWAY_WORKER: String(index) }, secrets));
    const startedAt = Date.now();
    workers.set(index, worker);
    worker.send({ secrets });
    return new Promise((resolve, reject) => {
      worker.on("message", (message) => message === "ready" && resolve());
      worker.on("exit", (code, signal) => {
        reject(new Error(`worker ${index} ended (${signal ?? `exit code ${code}`}) before it was ready`));
        if (stopping || leaving.has(worker)) return;
        const delayMs = delayOf(index, Date.now() - startedAt > healthyMs);
        log.warn({ worker: index, code, signal, delayMs }, "a worker ended; it is started again");
        setTimeout(() => !stopping && void start(index).catch(() => {}), delayMs);
      });
    });
  }

  const failures = new Map<number, number>();
  function delayOf(index: number, wasHealthy: boolean): number {
    const count = wasHealthy ? 1 : (failures.get(index) ?? 0) + 1;
    failures.set(index, count);
    return Math.min(firstDelayMs * 2 ** (count - 1), longestDelayMs);
  }

  async function replaceAll(): Promise<void> {
    if (rolling || stopping) return;
    rolling = true;
    log.info({ workers: count }, "the workers are replaced, one after the other");
    for (const index of [...workers.keys()]) {
      const worker = workers.get(index);
      if (stopping || worker === undefined) break;
      leaving.add(worker);
      // The journal of a worker is its own: the next one takes it over when this one is gone.
      await ended(worker, () => worker.send(drainMessage), drainMsMax);
      leaving.delete(worker);
      await start(index).catch((cause: unknown) => log.error({ cause: String(cause) }, "a worker was not replaced"));
    }
    rolling = false;
    log.info({ workers: count }, "the workers are replaced");
  }

  async function stop(why: string): Promise<void> {
    if (stopping) return;
    stopping = true;
    log.info({ why }, "the workers stop");
    await Promise.all([...workers.values()].map((worker) => ended(worker, () => worker.kill("SIGTERM"), stopMsMax)));
    process.exit(0);
  }

  process.on("SIGTERM", () => void stop("SIGTERM"));
  process.on("SIGINT", () => void stop("SIGINT"));
  process.on("disconnect", () => void stop("the supervisor is gone"));
  process.on("SIGHUP", () => void replaceAll());
  await Promise.all(Array.from({ length: count }, (_, n) => start(n + 1)));
  process.send?.("ready");
}

async function ended(worker: Worker, ask: () => void, msMax: number): Promise<void> {
  if (worker.isDead()) return;
  const exit = once(worker, "exit");
  ask();
  const patience = new AbortController();
  const inTime = await Promise.race([
    exit.then(() => true),
    sleep(msMax, false, { signal: patience.signal }).catch(() => true),
  ]);
  patience.abort();
  if (inTime) return;
  worker.process.kill("SIGKILL");
  await exit;
}
