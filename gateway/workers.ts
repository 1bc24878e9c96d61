// One gateway process for each core, all on one port: started, started again when they end, and replaced one after the other on
// SIGHUP, while the others take the calls.
import cluster, { type Worker } from "node:cluster";
import { setTimeout as sleep } from "node:timers/promises";
import pino from "pino";
import { asksForSecrets, receiveSecrets, secretsIn, withoutSecrets } from "../prisma/handed-secrets.ts";
import { readDrainMs } from "./env.ts";
import type { Log } from "./log.ts";

/** What a worker is told when it is to end without breaking off a call. */
export const drainMessage = "drain";
/** How long it lets calls end then. */
export const replacedDrainMs = 30_000;

const firstDelayMs = 250;
const longestDelayMs = 10_000;
const healthyMs = 30_000;
/** What a worker needs after its calls have ended, before it is told the hard way. */
const closingMs = 3_500;
const readyMsMax = 60_000;

/** Keeps `count` workers running until this process is told to stop. */
export async function runWorkers(count: number): Promise<void> {
  const log = pino({ name: "gateway", level: process.env.LOG_LEVEL || "info" });
  await receiveSecrets();
  const secrets = secretsIn(process.env);
  // What stands in our environment stands in that of whoever we start.
  for (const name of Object.keys(secrets)) delete process.env[name];
  // Each takes connections from the one queue by itself. Handed over by us, one on its way to a worker that dies is lost to all.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  const places = Array.from({ length: count }, (_, n) => openPlace(n + 1, secrets, log));
  let isStopping = false;
  let isRolling = false;
  let isAskedAgain = false;

  async function replaceAll(): Promise<void> {
    isAskedAgain = isRolling;
    if (isRolling) return;
    isRolling = true;
    await Promise.all(places.map(({ ready }) => ready));
    do {
      isAskedAgain = false;
      log.info({ workers: count }, "the workers are replaced, one after the other");
      const isDone = await replaceEach();
      if (isDone) log.info({ workers: count }, "the workers are replaced");
      else if (!isStopping) log.error({}, "a new worker does not become ready: the others stay as they are");
    } while (isAskedAgain && !isStopping);
    isRolling = false;
  }

  async function replaceEach(): Promise<boolean> {
    for (const place of places) if (isStopping || !(await place.replace())) return false;
    return true;
  }

  async function stop(why: string): Promise<void> {
    if (isStopping) return;
    isStopping = true;
    log.info({ why }, "the workers stop");
    await Promise.all(places.map((place) => place.stop()));
    process.exit(0);
  }

  process.on("SIGTERM", () => void stop("SIGTERM"));
  process.on("SIGINT", () => void stop("SIGINT"));
  process.on("disconnect", () => void stop("the supervisor is gone"));
  process.on("SIGHUP", () => void replaceAll());
  await Promise.all(places.map(({ ready }) => ready));
  log.info({ workers: count }, "the workers are ready; SIGHUP replaces them");
  process.send?.("ready");
}

/** One worker after the other, each with the same number: its journal and its admin port are those of the one before. */
type Place = {
  /** Resolves when a worker is ready for the first time. */
  ready: Promise<void>;
  /** Lets the worker end when its calls have, and starts another. @returns Whether that became ready. */
  replace(): Promise<boolean>;
  stop(): Promise<void>;
};

function openPlace(index: number, secrets: Record<string, string>, log: Log): Place {
  let worker: Worker | null = null;
  let isStopping = false;
  let isBeingReplaced = false;
  let failures = 0;
  let nextStart: NodeJS.Timeout | undefined;
  let wasReady = () => {};
  const ready = new Promise<void>((resolve) => {
    wasReady = resolve;
  });

  /** @returns Whether it became ready; `false` when it ended before, or takes very long. */
  function start(): Promise<boolean> {
    clearTimeout(nextStart);
    const started = cluster.fork(withoutSecrets({ ...process.env, GATEWAY_WORKER: String(index) }, secrets));
    const startedAt = Date.now();
    worker = started;
    started.on("error", (cause) => log.warn({ worker: index, cause: String(cause) }, "a worker cannot be told"));
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(false), readyMsMax);
      started.on("message", (message) => {
        // Sent before it listens, they would be lost: the cluster's own listener takes what comes first.
        if (message === asksForSecrets) started.send({ secrets }, () => {});
        if (message !== "ready") return;
        clearTimeout(late);
        wasReady();
        resolve(true);
      });
      started.on("exit", (code, signal) => {
        clearTimeout(late);
        resolve(false);
        if (isStopping || isBeingReplaced || worker !== started) return;
        failures = Date.now() - startedAt > healthyMs ? 1 : failures + 1;
        const delayMs = Math.min(firstDelayMs * 2 ** (failures - 1), longestDelayMs);
        log.warn({ worker: index, code, signal, delayMs }, "a worker ended; it is started again");
        nextStart = setTimeout(() => void start(), delayMs);
      });
    });
  }

  void start();
  return {
    ready,
    async replace() {
      isBeingReplaced = true;
      clearTimeout(nextStart);
      const leaving = worker;
      if (leaving) await ended(leaving, () => leaving.send(drainMessage, () => {}), replacedDrainMs + closingMs);
      // From here on an end is one like any other, and is followed by another start.
      isBeingReplaced = false;
      return isStopping ? false : start();
    },
    async stop() {
      isStopping = true;
      clearTimeout(nextStart);
      const leaving = worker;
      // `worker.kill` of the cluster would first take its connections away.
      if (leaving) await ended(leaving, () => leaving.process.kill("SIGTERM"), readDrainMs(process.env) + closingMs);
    },
  };
}

/** Asks a worker to end, and waits until it has; after `msMax` it is killed. */
async function ended(worker: Worker, ask: () => void, msMax: number): Promise<void> {
  if (worker.isDead()) return;
  const exit = new Promise<"ended">((resolve) => worker.once("exit", () => resolve("ended")));
  ask();
  const patience = new AbortController();
  const late = sleep(msMax, "late" as const, { signal: patience.signal }).catch(() => "ended" as const);
  const answer = await Promise.race([exit, late]);
  patience.abort();
  if (answer === "ended") return;
  worker.process.kill("SIGKILL");
  await exit;
}
