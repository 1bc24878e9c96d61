import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identify, isRunning, type ProcessIdentity } from "./process-identity.ts";

/**
 * Makes a directory this process's own until `release` or its end. A lock left behind by a process that no longer runs is
 * taken over.
 *
 * @throws Error with the other's process number when a running process holds it.
 */
export function lockDirectory(dir: string): { release(): void } {
  const path = join(dir, "lock");
  const mine = join(dir, `lock.${process.pid}`);
  const me = identify(process.pid);
  writeFileSync(mine, JSON.stringify(me), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 20; attempt++) {
      if (tryLink(mine, path)) return { release: () => rmSync(path, { force: true }) };
      const holder = readHolder(path);
      if (holder && isRunning(holder)) {
        throw new Error(`${dir} is in use by another gateway (process ${holder.pid})`);
      }
      setAside(path, join(dir, `lock.stale.${process.pid}`), holder);
    }
    throw new Error(`${path} cannot be taken`);
  } finally {
    rmSync(mine, { force: true });
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to); // fails when the lock exists, and is never seen half written
    return true;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") return false;
    throw cause;
  }
}

/** Another process may take the lock between our look and this: then it is put back. */
function setAside(path: string, aside: string, stale: ProcessIdentity | null): void {
  try {
    renameSync(path, aside);
  } catch {
    return; // somebody else set it aside first
  }
  const taken = readHolder(aside);
  if (taken && (taken.pid !== stale?.pid || taken.startTime !== stale.startTime)) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function readHolder(path: string): ProcessIdentity | null {
  try {
    const holder: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof holder !== "object" || holder === null || !("pid" in holder) || !("startTime" in holder)) return null;
    return { pid: Number(holder.pid), startTime: String(holder.startTime) };
  } catch {
    return null;
  }
}
