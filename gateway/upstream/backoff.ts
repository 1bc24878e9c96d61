export type Backoff = {
  /** How long until it may be tried again; 0 when it may be now. */
  waitMs(now: number): number;
  failed(now: number): void;
  succeeded(): void;
};

const firstMs = 250;
const longestMs = 30_000;

/** Doubles the pause after each failure, from 250 ms to 30 s. */
export function exponentialBackoff(): Backoff {
  let failures = 0;
  let notBefore = 0;
  return {
    waitMs: (now) => Math.max(0, notBefore - now),
    failed(now) {
      notBefore = now + Math.min(longestMs, firstMs * 2 ** failures);
      failures += 1;
    },
    succeeded() {
      failures = 0;
      notBefore = 0;
    },
  };
}
