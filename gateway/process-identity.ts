import { identityOf } from "../prisma/processes.ts";

/** A process, told apart from a later one that was given the same number. */
export type ProcessIdentity = { pid: number; startTime: string };

/** Null when no such process runs; one that only waits to be collected by its parent does not. */
export function identify(pid: number): ProcessIdentity | null {
  const startTime = identityOf(pid);
  return startTime === null ? null : { pid, startTime };
}

export function isRunning(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid) === identity.startTime;
}
