// What the system knows of a process. A number alone is no name: it is given again when a process is gone, soonest in a container,
// where counting starts anew with each start.
import { execFileSync } from "node:child_process";
import fs from "node:fs";

/** Whether a process runs. One that ended and only waits to be collected by its parent does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
  return process.platform !== "linux" || linuxStat(pid)?.state !== "Z";
}

/** Tells a process from a later one with the same number. Null when it does not run or the system cannot say. */
export function identityOf(pid: number): string | null {
  if (!isAlive(pid)) return null;
  if (process.platform === "linux") return linuxStat(pid)?.startTime ?? null;
  return ps(pid, "lstart=");
}

/**
 * Puts this process' name into a file that only one may have. A name left behind by a process that was killed counts for nothing.
 *
 * @returns The number of the process that has it, or what we came after: `leftovers` when the last one was killed.
 */
export function claimFile(file: string): { holder: number } | { holder: null; leftovers: boolean } {
  const own = `${process.pid} ${identityOf(process.pid)}\n`;
  const before = read(file);
  const [pid, identity] = (before ?? "").trim().split(/ (.*)/);
  if (before !== null && before !== own && identityOf(Number(pid)) === identity) return { holder: Number(pid) };
  fs.rmSync(file, { force: true });
  try {
    fs.writeFileSync(file, own, { flag: "wx" });
  } catch {
    return { holder: Number(read(file)?.split(" ")[0]) }; // somebody was quicker
  }
  return { holder: null, leftovers: before !== null };
}

/** The command line of a process; null when it does not run or the system cannot say. */
export function commandOf(pid: number): string | null {
  if (!isAlive(pid)) return null;
  if (process.platform === "linux") return read(`/proc/${pid}/cmdline`)?.replaceAll("\0", " ") ?? null;
  return ps(pid, "command=");
}

/** Field 3 of /proc/<pid>/stat is the state, 22 the start in ticks since boot. Field 2, a name in brackets, may hold anything. */
function linuxStat(pid: number): { state: string; startTime: string } | null {
  const fields = read(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, "")
    .split(" ");
  return fields ? { state: fields[0] ?? "", startTime: fields[19] ?? "" } : null;
}

function ps(pid: number, column: string): string | null {
  try {
    return execFileSync("ps", ["-o", column, "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return null;
  }
}

function read(file: string): string | null {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
