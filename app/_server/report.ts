// What went wrong on our side: to the log of the web process, never to the caller.
import pino from "pino";

let log: pino.Logger | undefined;

export function report(doing: string, cause: unknown): void {
  log ??= pino({ name: "web", level: process.env.LOG_LEVEL || "info" });
  log.error({ err: cause }, doing);
}

const downCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ETIMEDOUT",
  "EPIPE",
  "P1000",
  "P1001",
  "P1002",
  "P1008",
  "P1017",
  "P2024",
  "P2028",
]);

// SQLSTATE classes: connection exception, operator intervention (shutting down, starting), insufficient resources; and a transaction
// that may only read, which is what a standby answers until the address leads to the new primary.
const downStates = /^(?:08|57P|53|25006)/;

/** Whether an exception means that Postgres is away for now: not reachable, starting, stopping, or out of connections. */
export function isDatabaseDown(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  const { code, meta } = cause as { code?: unknown; meta?: { driverAdapterError?: { cause?: { code?: unknown } } } };
  const codes = [code, meta?.driverAdapterError?.cause?.code].filter((known) => typeof known === "string");
  return (
    codes.some((known) => downCodes.has(known) || downStates.test(known)) ||
    /terminating connection|connection terminated|timeout exceeded when trying to connect/i.test(cause.message) ||
    isDatabaseDown(cause.cause)
  );
}
