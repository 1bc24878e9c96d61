import { performance } from "node:perf_hooks";

export type Clock = {
  /** Milliseconds since the epoch. Never goes back, and a wall clock that is set moves it nowhere: it opens no window early. */
  now(): number;
};

/**
 * @param notBefore The last time the journal tells of; after a restart on a clock that was set back, time goes on from there.
 * @param offByMs How far this clock is off on purpose, to see that limits hold all the same.
 */
export function startClock(notBefore = 0, offByMs = 0): Clock {
  const offset = Math.max(offByMs, notBefore - (performance.timeOrigin + performance.now()));
  const origin = performance.timeOrigin + offset;
  return { now: () => origin + performance.now() };
}
