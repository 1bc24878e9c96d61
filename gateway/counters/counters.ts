// What a tools/call asks before it may go: is there room in every limit it counts against?
import type { Reservation } from "../../policy/evaluate.ts";

export type ReserveAnswer =
  | { ok: true }
  | { ok: false; failed: Reservation; retryAfterS: number }
  /** The counters cannot be asked: the call is denied with `counter_unavailable`. */
  | { ok: "unavailable" };

export type CounterStore = {
  /** Reserves all or none. `now` becomes the `at` of the DecisionRecord that tells of it. */
  reserve(reservations: readonly Reservation[], now: number): Promise<ReserveAnswer> | ReserveAnswer;
  /** Undoes a reservation. Say so in the journal in the same tick (`gaveBack`), so a crash between the two cannot happen. */
  giveBack(reservations: readonly Reservation[], reservedAt: number): void;
  readonly available: boolean;
};
