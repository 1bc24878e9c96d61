import { describe, expect, it } from "vitest";
import { boundsOf, bucketBounds, percentile } from "./call-buckets.ts";

function counted(values: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) {
    const bucket = bucketBounds.filter((bound) => value >= bound).length;
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return counts;
}

describe("a percentile from buckets", () => {
  it("is off by less than its bucket is wide: half as much again at most, up to 30 s", () => {
    for (const scale of [0.3, 4, 70, 2_500]) {
      const values = Array.from({ length: 2_000 }, (_, n) => scale * Math.exp(Math.sin(n) * 2));
      const sorted = [...values].sort((a, b) => a - b);
      for (const share of [0.5, 0.95, 0.99]) {
        const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
        const found = percentile(counted(values), share) ?? 0;
        expect(Math.abs(found - exact) / exact).toBeLessThan(0.5);
      }
    }
  });

  it("is nothing without a call, and the last bound when calls took longer than that", () => {
    expect(percentile(new Map(), 0.5)).toBeNull();
    expect(percentile(new Map([[3, 0]]), 0.5)).toBeNull();
    expect(percentile(counted([10_000_000]), 0.99)).toBe(bucketBounds.at(-1));
    expect(boundsOf(0)).toEqual({ from: 0, to: bucketBounds[0] });
    expect(boundsOf(bucketBounds.length)).toEqual({ from: bucketBounds.at(-1), to: null });
  });
});
