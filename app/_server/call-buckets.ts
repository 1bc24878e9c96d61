// Latency is kept as numbers of calls in buckets, which add up over hours and servers as percentiles never would.

/** The bounds of `Call_bucket()` in the database, in milliseconds: bucket n ends below the nth of them. A test holds them equal. */
export const bucketBounds = [
  ...[
    0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700,
  ],
  ...[1_000, 1_500, 2_000, 3_000, 5_000, 7_000, 10_000, 15_000, 20_000, 30_000, 60_000, 120_000, 300_000],
] as const;

export type Counts = ReadonlyMap<number, number>;

export function boundsOf(bucket: number): { from: number; to: number | null } {
  return { from: bucketBounds[bucket - 1] ?? 0, to: bucketBounds[bucket] ?? null };
}

/**
 * The time that this share of the calls took at most, as if the calls of a bucket were spread evenly in it. Of what took longer
 * than the last bound it is that bound.
 *
 * @param share Between 0 and 1.
 */
export function percentile(counts: Counts, share: number): number | null {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (total <= 0) return null;
  let left = share * total;
  for (const [bucket, count] of [...counts].sort(([a], [b]) => a - b)) {
    if (count <= 0) continue;
    if (left <= count) {
      const { from, to } = boundsOf(bucket);
      return to === null ? from : from + (to - from) * (left / count);
    }
    left -= count;
  }
  return bucketBounds.at(-1) ?? null;
}

export function percentiles(counts: Counts) {
  const calls = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return { calls, p50: percentile(counts, 0.5), p95: percentile(counts, 0.95), p99: percentile(counts, 0.99) };
}
