import { chance } from "./chance.ts";
import { measured } from "./inputs.ts";

export type HerdOrder = {
  gateways: number;
  /** What each reads, in µs of one processor of Postgres. */
  workUs: number;
  /** Over how long their beginnings are spread. */
  spreadMs: number;
};

/** Readers share the processors of Postgres; one reader uses one at most. */
export function herd({ gateways, workUs, spreadMs }: HerdOrder): { lastMs: number; withinLease: boolean } {
  const random = chance(4);
  const cores = measured.postgresCores.value;
  const waiting = Array.from({ length: gateways }, () => random() * spreadMs).sort((a, b) => a - b);
  let reading: number[] = [];
  let nowMs = 0;
  let next = 0;
  while (next < waiting.length || reading.length > 0) {
    const arrivesMs = waiting[next] ?? Number.POSITIVE_INFINITY;
    const speed = reading.length === 0 ? 1 : Math.min(1, cores / reading.length);
    const least = Math.min(...reading);
    const endsMs = reading.length === 0 ? Number.POSITIVE_INFINITY : nowMs + least / speed;
    const untilMs = Math.min(arrivesMs, endsMs);
    reading = reading.map((left) => left - (untilMs - nowMs) * speed).filter((left) => left > 1e-6);
    nowMs = untilMs;
    if (arrivesMs <= endsMs) {
      reading.push(workUs / 1_000);
      next++;
    }
  }
  return { lastMs: nowMs, withinLease: nowMs <= measured.leaseS.value * 1_000 };
}
