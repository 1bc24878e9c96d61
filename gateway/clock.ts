import { performance } from "node:perf_hooks";

export type Clock = {
  /** Milliseconds since the epoch. Never goes back, and a wall clock that is set moves it nowhere: it opens no window early. */
  now(): number;
};

/** @param notBefore The last time the journal tells of; after a restart on a clock that was set back, time goes on from there. */
export function startClock(notBefore = 0): Clock {
  const offset = Math.max(0, notBefore - (performance.timeOrigin + performance.now()));
  const origin = performance.timeOrigin + offset;
  return { now: () => origin + performance.now() };
}
