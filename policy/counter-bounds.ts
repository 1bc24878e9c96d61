// What counters hold when it is not known of every call whether it was counted: at least this, and at most that.
import type { Reservation } from "./evaluate.ts";
import { Counters } from "./limits.ts";
import type { LimitRule } from "./quota.ts";
import type { Scope } from "./schema.ts";

/** What is known of the time before the first call, and of the calls of others. */
export type KnownHistory = {
  /** Every call since then is told of (milliseconds); -Infinity when there were none before. */
  since: number;
  /** Scopes whose counters calls that are not told of may have used too. */
  sharedScopes: ReadonlySet<Scope>;
};

/**
 * Counters between two bounds. `least` has what surely was counted, `most` all that may have been: an answer that both give
 * is the answer of every history in between.
 *
 * Once they differ at a limit that is always full they stay apart until it was quiet for its window.
 */
export class CounterBounds {
  private readonly least = new Counters();
  private readonly most = new Counters();
  /** Limits, by pointer and owner, that calls may have used with nobody knows what amount or key: until when that matters. */
  private readonly spoiledUntil = new Map<string, Map<string, number>>();
  /** What calls that were not handed over give back: in the order of their times. */
  private givenBack: { from: number; at: number; reservations: readonly Reservation[] }[] = [];
  private readonly known: KnownHistory;

  constructor(known: KnownHistory) {
    this.known = known;
  }

  /** Goes on to a time. */
  advance(now: number): void {
    while (this.givenBack[0] !== undefined && this.givenBack[0].from < now) {
      const { at, reservations } = this.givenBack.shift() ?? { at: 0, reservations: [] };
      this.most.giveBack(reservations, at);
    }
  }

  /** Whether there is room for all: in every history, in none (and which limit is full then), or not to be said. */
  ask(reservations: readonly Reservation[], now: number): "room" | "unknown" | { full: Reservation } {
    const full = this.least.firstFull(reservations, now);
    if (full !== null) return { full };
    if (reservations.some((reservation) => this.mayHoldMore(reservation, now))) return "unknown";
    return this.most.firstFull(reservations, now) === null ? "room" : "unknown";
  }

  /** They were counted. */
  take(reservations: readonly Reservation[], now: number): void {
    this.least.take(reservations, now);
    this.most.take(reservations, now);
  }

  /** They may have been counted. */
  mayTake(reservations: readonly Reservation[], now: number): void {
    this.most.take(reservations, now);
  }

  /** They were counted, and given back about so much later. */
  holdUntil(reservations: readonly Reservation[], now: number, ms: number): void {
    this.mayTake(reservations, now);
    const entry = { from: now + ms, at: now, reservations };
    const index = this.givenBack.findIndex(({ from }) => from > entry.from);
    this.givenBack.splice(index < 0 ? this.givenBack.length : index, 0, entry);
  }

  /** Nobody knows how much a grant's call counted against a limit, or with which key. */
  spoil(limit: Pick<LimitRule, "pointer" | "scope" | "windowMs">, grantId: string, now: number): void {
    const owner = limit.scope === "grant" || limit.scope === "session" ? grantId : "";
    const owners = this.spoiledUntil.get(limit.pointer) ?? new Map<string, number>();
    this.spoiledUntil.set(limit.pointer, owners.set(owner, now + limit.windowMs));
  }

  private mayHoldMore({ key, amount, rule, windowMs, calendarStart }: Reservation, now: number): boolean {
    if (amount === 0) return false;
    if ((calendarStart ?? now - windowMs) < this.known.since) return true;
    const spoiled = this.spoiledUntil.get(rule);
    if (this.known.sharedScopes.size === 0 && spoiled === undefined) return false;
    // A counter's key begins with its scope and the scope's owner (quota.ts).
    const [scope, owner] = JSON.parse(key) as [Scope, string];
    if (this.known.sharedScopes.has(scope)) return true;
    const spoiledBy = scope === "grant" || scope === "session" ? owner : "";
    return now < (spoiled?.get(spoiledBy) ?? Number.NEGATIVE_INFINITY);
  }
}
