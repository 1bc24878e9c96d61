import type { Reservation } from "./evaluate.ts";

/** JSON-serialisable state of `Counters`. */
export type CountersSnapshot = {
  version: 1;
  clock: number;
  sliding: { key: string; windowMs: number; at: number[]; amount: number[] }[];
  calendar: { key: string; start: number; end: number; amounts: number[] }[];
};

/** Exact quotas. No interval of a window's length ever holds more than `max`: the interval is (t, t + window]. */
export class Counters {
  /** All of the reservations, or none. */
  reserve(
    _reservations: readonly Reservation[],
    _now: number,
  ):
    | { ok: true }
    | {
        ok: false;
        /** The first one that had no room. */
        failed: Reservation;
        /** Whole seconds, at least 1: the call then succeeds if nothing else comes. Infinity when it never can. */
        retryAfterS: number;
      } {
    throw new Error("not written yet");
  }

  giveBack(_reservations: readonly Reservation[], _reservedAt: number): void {
    throw new Error("not written yet");
  }

  prune(_now: number): void {
    throw new Error("not written yet");
  }

  export(): CountersSnapshot {
    throw new Error("not written yet");
  }

  static import(_snapshot: CountersSnapshot): Counters {
    throw new Error("not written yet");
  }
}
