import { chance, gap } from "./chance.ts";

export type ShardOrder = {
  /** Calls a second whose limits are on this shard. */
  rate: number;
  /** What the script takes of the one thread that a shard has. */
  serviceUs: number;
  /** After that long a call has been refused; the script runs all the same. */
  timeoutMs: number;
  seconds: number;
};

/** A queue before one server: calls come independently of each other, and each takes the same time. */
export function shard({ rate, serviceUs, timeoutMs, seconds }: ShardOrder) {
  const random = chance(1);
  const waits: number[] = [];
  const serviceMs = serviceUs / 1_000;
  let freeAtMs = 0;
  let busyMs = 0;
  for (let atMs = gap(random, rate) * 1_000; atMs < seconds * 1_000; atMs += gap(random, rate) * 1_000) {
    freeAtMs = Math.max(freeAtMs, atMs) + serviceMs;
    busyMs += serviceMs;
    waits.push(freeAtMs - atMs);
  }
  waits.sort((a, b) => a - b);
  const at = (share: number) => waits[Math.floor(waits.length * share)] ?? 0;
  return {
    busy: Math.min(1, busyMs / (seconds * 1_000)),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    lateShare: waits.filter((wait) => wait > timeoutMs).length / waits.length,
  };
}
