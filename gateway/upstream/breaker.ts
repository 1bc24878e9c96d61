// A server that failed several times in a row is left alone for a while: its callers hear so at once, instead of each waiting
// for the same failure. Then one call is let through to see; when that one is answered, all are.

export type BreakerLimits = {
  /** Failures in a row until the server is left alone. */
  failuresMax: number;
  /** The first pause; it doubles each time the server is tried in vain. */
  firstMs: number;
  longestMs: number;
};

export const breakerLimits: BreakerLimits = { failuresMax: 5, firstMs: 1_000, longestMs: 30_000 };

/** What came of a call that was let through: `neither` when it ended before that could be told. */
export type Finding = "answered" | "failed" | "neither";

/** A call as the breaker sees it: what it was let through as. `none` to begin with; from then on only the breaker writes here. */
export type Passer = { pass: "none" | "usual" | "trial" };

export type Breaker = {
  /** How long the server is left alone yet; 0 when it may be called now. */
  waitMs(now: number): number;
  /** Lets one call through. Only when `waitMs` is 0. */
  let(call: Passer): void;
  /** What came of a call that was let through. Only the first time counts. */
  told(call: Passer, finding: Finding, now: number): void;
};

export function openBreaker(limits: BreakerLimits = breakerLimits): Breaker {
  let failures = 0;
  let pauses = 0;
  let closedUntil = 0;
  let isTrying = false;

  function pause(now: number): void {
    closedUntil = now + Math.min(limits.longestMs, limits.firstMs * 2 ** pauses);
    pauses += 1;
  }

  return {
    waitMs(now) {
      if (failures < limits.failuresMax) return 0;
      // While one call tries, the others are held back for about as long as that takes.
      return isTrying ? limits.firstMs : Math.max(0, closedUntil - now);
    },
    let(call) {
      const isTrial = failures >= limits.failuresMax;
      if (isTrial) isTrying = true;
      call.pass = isTrial ? "trial" : "usual";
    },
    told(call, finding, now) {
      if (call.pass === "none") return;
      const isTrial = call.pass === "trial";
      call.pass = "none";
      if (isTrial) isTrying = false;
      if (finding === "answered") {
        failures = 0;
        pauses = 0;
      } else if (finding === "failed") {
        failures += 1;
        // Of many calls that fail together only the first begins a pause.
        if (isTrial || failures === limits.failuresMax) pause(now);
      }
    },
  };
}
