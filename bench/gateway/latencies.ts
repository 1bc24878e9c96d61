// How long many calls took, without keeping each.
import { createHistogram } from "node:perf_hooks";

/** Milliseconds. */
export type Summary = { p50: number; p90: number; p99: number; max: number };

export class Latencies {
  private readonly histogram = createHistogram({ lowest: 1, highest: 60_000_000_000, figures: 3 });

  record(ms: number): void {
    this.histogram.record(Math.max(1, Math.round(ms * 1_000_000)));
  }

  summary(): Summary {
    const at = (percent: number) =>
      this.histogram.count === 0 ? Number.NaN : this.histogram.percentile(percent) / 1e6;
    return { p50: at(50), p90: at(90), p99: at(99), max: this.histogram.max / 1e6 };
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[middle - 1] ?? Number.NaN, sorted[middle] ?? Number.NaN];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}
