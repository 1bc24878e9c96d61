// What a tools/call asks before it may go: is there room in every limit it counts against?
import type { Reservation } from "../../policy/evaluate.ts";

export type ReserveAnswer =
  /** `reserved`: what was counted, where the store's clock is not the caller's. It is what `giveBack` takes. */
  | { ok: true; reserved?: readonly Reservation[] }
  | { ok: false; failed: Reservation; retryAfterS: number }
  /** The counters cannot be asked: the call is denied with `counter_unavailable`. */
  | { ok: "unavailable" };

export type CounterStore = {
  /** Reserves all or none. `now` becomes the `at` of the DecisionRecord that tells of it. Counters of one organisation are kept together. */
  reserve(
    reservations: readonly Reservation[],
    now: number,
    organisationId: string,
  ): Promise<ReserveAnswer> | ReserveAnswer;
  /** Undoes a reservation. Say so in the journal in the same tick (`gaveBack`), so a crash between the two cannot happen. */
  giveBack(reservations: readonly Reservation[], reservedAt: number, organisationId: string): void;
  readonly available: boolean;
};
