// Programs that outlived a gateway which was killed: each is on record in a file of its own while it runs.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identify, isRunning, type ProcessIdentity } from "../process-identity.ts";

type Trace = { program: ProcessIdentity; gateway: ProcessIdentity; temporary: string | null };

/** Puts a program that leads its own process group on record. Does nothing when that cannot be written: it is a second net. */
/** @param temporary A folder of its own, to be removed when it is gone. */
export function traceProgram(dataDir: string, pid: number, temporary: string | null): void {
  const program = identify(pid);
  const gateway = identify(process.pid);
  if (!program || !gateway) return; // it has ended already
  try {
    mkdirSync(traceDir(dataDir), { recursive: true, mode: 0o700 });
    writeFileSync(
      join(traceDir(dataDir), String(pid)),
      JSON.stringify({ program, gateway, temporary } satisfies Trace),
    );
  } catch {
    // A program whose input closes ends by itself, as a rule.
  }
}

export function forgetProgram(dataDir: string, pid: number): void {
  rmSync(join(traceDir(dataDir), String(pid)), { force: true });
}

/** Ends what gateways that no longer run have left behind. @returns how many groups were signalled. */
export function endLeftovers(dataDir: string): number {
  let ended = 0;
  for (const name of namesIn(traceDir(dataDir))) {
    const path = join(traceDir(dataDir), name);
    const trace = readTrace(path);
    if (trace && isRunning(trace.gateway)) continue;
    // The number of a group is not given away while anyone is in it. So a leader that is gone may have left members behind,
    // but a leader with another start time is a stranger's.
    const leader = trace && identify(trace.program.pid);
    if (trace && (!leader || leader.startTime === trace.program.startTime)) {
      if (signalGroup(trace.program.pid, "SIGKILL")) ended++;
    }
    if (typeof trace?.temporary === "string") {
      ended += endStrays(trace.temporary);
      rmSync(trace.temporary, { recursive: true, force: true });
    }
    rmSync(path, { force: true });
  }
  return ended;
}

const strayRoundsMax = 5;

/**
 * Ends what a program started that left its group and session: on Linux it is known by its environment, which names the folder of
 * that run. One that clears its environment is not found; where commands have namespaces of their own nothing is left to be found.
 *
 * @returns how many there were.
 */
export function endStrays(temporary: string): number {
  if (process.platform !== "linux") return 0;
  let ended = 0;
  // Again while there are any: each may have started another meanwhile.
  for (let round = 0; round < strayRoundsMax; round++) {
    const strays = namesIn("/proc").filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(temporary));
    for (const pid of strays) if (signal(Number(pid), "SIGKILL")) ended++;
    if (strays.length === 0) break;
  }
  return ended;
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    return ""; // gone meanwhile, or another user's
  }
}

/** @returns `false` when nobody is in the group. */
export function signalGroup(pid: number, name: NodeJS.Signals): boolean {
  return signal(-pid, name);
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

function traceDir(dataDir: string): string {
  return join(dataDir, "stdio", "pids");
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return []; // no program has run yet
  }
}

function readTrace(path: string): Trace | null {
  try {
    const trace: Trace = JSON.parse(readFileSync(path, "utf8"));
    return trace.program.pid > 1 && trace.gateway.pid > 1 ? trace : null;
  } catch {
    return null;
  }
}
