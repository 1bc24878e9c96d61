// Keeps a child process running: starts it again when it dies, more slowly each time, and ends it for good when told to.
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { withoutSecrets } from "./prisma/handed-secrets.ts";

export type Program = {
  name: string;
  /** Arguments to Node. */
  args: string[];
  env: NodeJS.ProcessEnv;
  /** Handed over once it runs, and not in its environment. */
  secrets?: Record<string, string>;
};

export type Supervised = {
  /** Resolves when the child says `ready` for the first time; rejects when it ends three times before it ever did. */
  ready: Promise<void>;
  restart(): void;
  /** Asks the child to end; kills it after `graceMs`. */
  stop(graceMs: number): Promise<void>;
};

const firstDelayMs = 250;
const longestDelayMs = 10_000;
/** A child that lived this long was well: the next delay starts small again. */
const healthyMs = 30_000;
const failedStartsMax = 3;

export function keepRunning(program: Program, say: (line: string) => void): Supervised {
  let child: ChildProcess | undefined;
  let stopping = false;
  let restarting = false;
  const nextStart = new AbortController();

  const ready = new Promise<void>((resolve, reject) => {
    void run(resolve, reject);
  });

  async function run(becameReady: () => void, neverReady: (error: Error) => void): Promise<void> {
    let wasReady = false;
    let failures = 0;
    while (!stopping) {
      const startedAt = Date.now();
      child = start(program);
      child.on("message", (message) => {
        if (message !== "ready") return;
        if (wasReady) say(`${program.name} is back (process ${child?.pid})`);
        wasReady = true;
        becameReady();
      });
      const ending = await endOf(child);
      if (stopping) return;
      if (restarting) {
        restarting = false;
        continue;
      }
      failures = Date.now() - startedAt > healthyMs ? 1 : failures + 1;
      if (!wasReady && failures >= failedStartsMax)
        return neverReady(new Error(`${program.name} did not start: ${ending}`));
      const delayMs = Math.min(firstDelayMs * 2 ** (failures - 1), longestDelayMs);
      say(`${program.name} ended (${ending}); starting it again in ${delayMs} ms`);
      await sleep(delayMs, undefined, { signal: nextStart.signal }).catch(() => {});
    }
  }

  return {
    ready,
    restart() {
      restarting = true;
      child?.kill("SIGTERM");
    },
    async stop(graceMs) {
      stopping = true;
      nextStart.abort();
      if (!child || hasEnded(child)) return;
      const ended = endOf(child);
      child.kill("SIGTERM");
      const kill = setTimeout(() => child?.kill("SIGKILL"), graceMs);
      await ended;
      clearTimeout(kill);
    },
  };
}

function start({ args, env, secrets }: Program): ChildProcess {
  const child = spawn(process.execPath, args, {
    env: secrets ? withoutSecrets(env, secrets) : env,
    // A group of its own: a Ctrl-C in the terminal reaches us alone, and we end the children in order.
    detached: process.platform !== "win32",
    // Over the message channel a child says that it is ready, and learns that we are gone when we are killed.
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  // One that could not be started, or ended at once, is told of elsewhere.
  if (secrets) child.send({ secrets }, () => {});
  return child;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
    child.once("error", (error) => resolve(error.message));
  });
}
