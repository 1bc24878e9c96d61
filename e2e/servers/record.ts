import { appendFileSync } from "node:fs";

/** One tools/call that really reached a test server. `at` is milliseconds since the epoch. */
export type ArrivedCall = { at: number; name: unknown; arguments: unknown };

/**
 * Returns a function that appends each arrived call to `file` as one JSON line; without a file it does nothing.
 * It writes synchronously and before the tool runs, so that a test which saw the answer also finds the line.
 */
export function openRecord(file: string | undefined): (call: ArrivedCall) => void {
  if (file === undefined || file === "") return () => {};
  return (call) => appendFileSync(file, `${JSON.stringify(call)}\n`);
}
