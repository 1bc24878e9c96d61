import type { Reservation } from "./evaluate.ts";
import { unitsDown, unitsUp } from "./units.ts";

/** JSON-serialisable state of `Counters`. `units` is what was counted, in billionths, as decimal text. */
export type CountersSnapshot = {
  version: 1;
  clock: number;
  sliding: { key: string; windowMs: number; at: number[]; units: string[] }[];
  calendar: { key: string; start: number; end: number; units: string }[];
};

export type Reserved =
  | { ok: true }
  | {
      ok: false;
      /** The first one that had no room. */
      failed: Reservation;
      /** Whole seconds, at least 1: the call then succeeds if nothing else comes. Infinity when it never can. */
      retryAfterS: number;
    };

/**
 * Exact quotas. No interval (t, t + window] ever holds more than `max`; a calendar window holds at most `max` from its
 * start to before its end. Sums are exact to nine decimals (amounts round up, `max` rounds down): ten times 0.1 is 1.
 *
 * Time must not go back. When it does all the same, the latest time seen stands for it, which can only refuse sooner.
 */
export class Counters {
  private clock = Number.NEGATIVE_INFINITY;
  private readonly sliding = new Map<string, Sliding>();
  private readonly calendar = new Map<string, Calendar>();

  /** All of the reservations, or none. */
  reserve(reservations: readonly Reservation[], now: number): Reserved {
    const at = this.advance(now);
    let failed: Reservation | null = null;
    let retryAfterMs = 0;
    // A counter that is named twice has to hold both.
    const before = new Map<string, bigint>();
    for (const reservation of reservations) {
      const units = unitsUp(reservation.amount);
      const earlier = before.get(reservation.key) ?? 0n;
      const waitMs = this.counterOf(reservation).waitMs(units + earlier, unitsDown(reservation.max), at, reservation);
      if (reservations.length > 1) before.set(reservation.key, units + earlier);
      if (waitMs === 0) continue;
      failed ??= reservation;
      retryAfterMs = Math.max(retryAfterMs, waitMs);
    }
    // Measured from the caller's clock, which is what the caller waits by.
    if (failed) return { ok: false, failed, retryAfterS: Math.max(1, Math.ceil((retryAfterMs + at - now) / 1_000)) };
    for (const reservation of reservations) this.counterOf(reservation).add(reservation, at);
    return { ok: true };
  }

  /**
   * The first reservation without room beside those before it; null when there is room for all. Takes nothing, and does not
   * look for the time to wait, which costs a look at what was counted.
   */
  firstFull(reservations: readonly Reservation[], now: number): Reservation | null {
    const at = this.advance(now);
    const before = new Map<string, bigint>();
    for (const reservation of reservations) {
      const earlier = before.get(reservation.key) ?? 0n;
      const units = unitsUp(reservation.amount) + earlier;
      if (!this.counterOf(reservation).hasRoom(units, unitsDown(reservation.max), at, reservation)) return reservation;
      if (reservations.length > 1) before.set(reservation.key, units);
    }
    return null;
  }

  /** Counts the reservations, room or not. */
  take(reservations: readonly Reservation[], now: number): void {
    const at = this.advance(now);
    // Asking for room brings a counter up to this time.
    for (const reservation of reservations) this.counterOf(reservation).hasRoom(0n, 0n, at, reservation);
    for (const reservation of reservations) this.counterOf(reservation).add(reservation, at);
  }

  /** Takes reservations back that were made at `reservedAt`; what has left its window by now stays gone. */
  giveBack(reservations: readonly Reservation[], reservedAt: number): void {
    for (const reservation of reservations) {
      const counter =
        reservation.calendarStart === undefined
          ? this.sliding.get(reservation.key)
          : this.calendar.get(reservation.key);
      counter?.remove(reservation, reservedAt);
    }
  }

  /** Forgets counters that hold nothing any more. Costs a look at every counter. */
  prune(now: number): void {
    const at = this.advance(now);
    for (const [key, counter] of this.sliding) if (counter.isEmptyAt(at)) this.sliding.delete(key);
    for (const [key, counter] of this.calendar) if (counter.end <= at) this.calendar.delete(key);
  }

  export(): CountersSnapshot {
    return {
      version: 1,
      clock: Number.isFinite(this.clock) ? this.clock : 0,
      sliding: [...this.sliding].map(([key, counter]) => ({ key, ...counter.export() })),
      calendar: [...this.calendar].map(([key, { start, end, units }]) => ({ key, start, end, units: String(units) })),
    };
  }

  static import(snapshot: CountersSnapshot): Counters {
    const counters = new Counters();
    counters.clock = snapshot.clock;
    for (const { key, windowMs, at, units } of snapshot.sliding) {
      const counter = new Sliding(windowMs);
      for (const [index, time] of at.entries()) counter.push(time, BigInt(units[index] ?? 0));
      counters.sliding.set(key, counter);
    }
    for (const { key, start, end, units } of snapshot.calendar) {
      counters.calendar.set(key, new Calendar(start, end, BigInt(units)));
    }
    return counters;
  }

  private advance(now: number): number {
    if (Number.isNaN(now)) throw new Error("counters need a time");
    this.clock = Math.max(this.clock, now);
    return this.clock;
  }

  private counterOf(reservation: Reservation): Sliding | Calendar {
    const { key, windowMs, calendarStart, calendarEnd } = reservation;
    if (calendarStart !== undefined && calendarEnd !== undefined) {
      let counter = this.calendar.get(key);
      if (!counter) {
        counter = new Calendar(calendarStart, calendarEnd, 0n);
        this.calendar.set(key, counter);
      }
      return counter;
    }
    let counter = this.sliding.get(key);
    if (!counter) {
      counter = new Sliding(windowMs);
      this.sliding.set(key, counter);
    }
    return counter;
  }
}

/** A log of what was counted when, oldest first; one entry a millisecond. */
class Sliding {
  private windowMs: number;
  private at: number[] = [];
  private units: bigint[] = [];
  /** Entries before it have left the window. */
  private head = 0;
  /** Sum of the entries from `head`. */
  private total = 0n;

  constructor(windowMs: number) {
    this.windowMs = windowMs;
  }

  hasRoom(units: bigint, max: bigint, now: number, { windowMs }: Reservation): boolean {
    if (windowMs > this.windowMs) this.windowMs = windowMs;
    this.expire(now);
    return this.total + units <= max;
  }

  /** Milliseconds until `units` fit under `max`; 0 when they do now. */
  waitMs(units: bigint, max: bigint, now: number, { windowMs }: Reservation): number {
    if (units > max) return Number.POSITIVE_INFINITY;
    if (windowMs > this.windowMs) this.windowMs = windowMs;
    this.expire(now);
    let used = this.total;
    let waitMs = 0;
    for (let index = this.head; used + units > max && index < this.at.length; index += 1) {
      used -= this.units[index] ?? 0n;
      waitMs = Math.max(0, (this.at[index] ?? 0) + windowMs - now);
    }
    return waitMs;
  }

  add(reservation: Reservation, now: number): void {
    if (reservation.amount > 0) this.push(now, unitsUp(reservation.amount));
  }

  push(time: number, units: bigint): void {
    const last = this.at.length - 1;
    if (last >= this.head && this.at[last] === time) this.units[last] = (this.units[last] ?? 0n) + units;
    else {
      this.at.push(time);
      this.units.push(units);
    }
    this.total += units;
  }

  remove({ amount }: Reservation, reservedAt: number): void {
    // Only what stands at that very millisecond: anything else was counted for another call.
    const index = this.indexOf(reservedAt);
    const held = this.units[index] ?? 0n;
    const units = unitsUp(amount);
    if (index < 0 || held < units) return;
    this.units[index] = held - units;
    this.total -= units;
  }

  isEmptyAt(now: number): boolean {
    this.expire(now);
    return this.total === 0n;
  }

  export(): { windowMs: number; at: number[]; units: string[] } {
    return {
      windowMs: this.windowMs,
      at: this.at.slice(this.head),
      units: this.units.slice(this.head).map(String),
    };
  }

  private expire(now: number): void {
    while (this.head < this.at.length && (this.at[this.head] ?? 0) <= now - this.windowMs) {
      this.total -= this.units[this.head] ?? 0n;
      this.head += 1;
    }
    // Moving the rest costs its length, so only when at least as much is dropped.
    if (this.head > 32 && this.head * 2 > this.at.length) {
      this.at = this.at.slice(this.head);
      this.units = this.units.slice(this.head);
      this.head = 0;
    }
  }

  private indexOf(time: number): number {
    let low = this.head;
    let high = this.at.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.at[middle] ?? 0) < time) low = middle + 1;
      else high = middle;
    }
    return this.at[low] === time ? low : -1;
  }
}

/** One calendar window at a time: the newest one that was asked for. */
class Calendar {
  start: number;
  end: number;
  units: bigint;

  constructor(start: number, end: number, units: bigint) {
    this.start = start;
    this.end = end;
    this.units = units;
  }

  hasRoom(units: bigint, max: bigint, now: number, reservation: Reservation): boolean {
    return this.waitMs(units, max, now, reservation) === 0;
  }

  waitMs(units: bigint, max: bigint, now: number, { calendarStart, calendarEnd }: Reservation): number {
    if (units > max) return Number.POSITIVE_INFINITY;
    if (calendarStart !== undefined && calendarEnd !== undefined && calendarStart > this.start) {
      this.start = calendarStart;
      this.end = calendarEnd;
      this.units = 0n;
    }
    return this.units + units > max ? Math.max(1, this.end - now) : 0;
  }

  add({ amount }: Reservation): void {
    this.units += unitsUp(amount);
  }

  remove({ amount, calendarStart }: Reservation): void {
    const units = unitsUp(amount);
    if (calendarStart === this.start && units <= this.units) this.units -= units;
  }
}
