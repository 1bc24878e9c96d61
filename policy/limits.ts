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
    const wanted = unitsInTurn(reservations);
    for (let index = 0; index < reservations.length; index += 1) {
      const reservation = reservations[index] as Reservation;
      const units = wanted[index] ?? 0n;
      const waitMs = this.counterOf(reservation).waitMs(units, unitsDown(reservation.max), at, reservation);
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
    const wanted = unitsInTurn(reservations);
    for (const [index, reservation] of reservations.entries()) {
      const units = wanted[index] ?? 0n;
      if (!this.counterOf(reservation).hasRoom(units, unitsDown(reservation.max), at, reservation)) return reservation;
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

  /**
   * The state of this moment, whatever is counted after.
   *
   * @returns A `CountersSnapshot` as JSON text, in pieces that are made when they are asked for: a busy window has sixty thousand
   *   entries, and whoever writes them down can let others run between two pieces.
   */
  export(): Generator<string> {
    const clock = Number.isFinite(this.clock) ? this.clock : 0;
    const sliding = [...this.sliding].map(([key, counter]) => ({ key, ...counter.copy() }));
    const calendar = [...this.calendar].map(([key, { start, end, units }]) => ({ key, start, end, units: `${units}` }));
    return snapshotText(clock, sliding, calendar);
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

/** What each takes together with those before it of the same counter: one that is named twice has to hold both. */
function unitsInTurn(reservations: readonly Reservation[]): bigint[] {
  const inTurn: bigint[] = [];
  if (reservations.length > comparedMax) {
    const before = new Map<string, bigint>();
    for (const { key, amount } of reservations) {
      const units = unitsUp(amount) + (before.get(key) ?? 0n);
      before.set(key, units);
      inTurn.push(units);
    }
    return inTurn;
  }
  // Nearly always there are one or two, and a Map would cost more than they do.
  for (let index = 0; index < reservations.length; index += 1) {
    const { key, amount } = reservations[index] as Reservation;
    let units = unitsUp(amount);
    for (let at = index - 1; at >= 0; at -= 1) {
      if (reservations[at]?.key !== key) continue;
      units += inTurn[at] ?? 0n;
      break;
    }
    inTurn.push(units);
  }
  return inTurn;
}

const comparedMax = 8;

const pieceLength = 64 * 1024;

function* snapshotText(
  clock: number,
  sliding: readonly ({ key: string } & SlidingCopy)[],
  calendar: CountersSnapshot["calendar"],
): Generator<string> {
  let text = `{"version":1,"clock":${clock},"calendar":${JSON.stringify(calendar)},"sliding":[`;
  for (const part of slidingText(sliding)) {
    text += part;
    if (text.length < pieceLength) continue;
    yield text;
    text = "";
  }
  yield `${text}]}`;
}

function* slidingText(all: readonly ({ key: string } & SlidingCopy)[]): Generator<string> {
  for (const [index, { key, windowMs, at, units }] of all.entries()) {
    yield `${index === 0 ? "" : ","}{"key":${JSON.stringify(key)},"windowMs":${windowMs},"at":[`;
    yield* listText(at, "");
    yield '],"units":[';
    yield* listText(units, '"');
    yield "]}";
  }
}

function* listText(values: readonly (number | bigint)[], quote: string): Generator<string> {
  const atOnce = 1_024;
  for (let from = 0; from < values.length; from += atOnce) {
    const text = values.slice(from, from + atOnce).join(`${quote},${quote}`);
    yield `${from === 0 ? "" : ","}${quote}${text}${quote}`;
  }
}

/** A number where it holds the units exactly: a bigint is an object, which would live as long as its window. */
type Units = number | bigint;

function smallest(units: bigint): Units {
  return units <= Number.MAX_SAFE_INTEGER ? Number(units) : units;
}

type SlidingCopy = { windowMs: number; at: number[]; units: Units[] };

/** A log of what was counted when, oldest first; one entry a millisecond. */
class Sliding {
  private windowMs: number;
  private at: number[] = [];
  private units: Units[] = [];
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
      used -= this.unitsAt(index);
      waitMs = Math.max(0, (this.at[index] ?? 0) + windowMs - now);
    }
    return waitMs;
  }

  add(reservation: Reservation, now: number): void {
    if (reservation.amount > 0) this.push(now, unitsUp(reservation.amount));
  }

  push(time: number, units: bigint): void {
    const last = this.at.length - 1;
    if (last >= this.head && this.at[last] === time) this.units[last] = smallest(this.unitsAt(last) + units);
    else {
      this.at.push(time);
      this.units.push(smallest(units));
    }
    this.total += units;
  }

  remove({ amount }: Reservation, reservedAt: number): void {
    // Only what stands at that very millisecond: anything else was counted for another call.
    const index = this.indexOf(reservedAt);
    const held = this.unitsAt(index);
    const units = unitsUp(amount);
    if (index < 0 || held < units) return;
    this.units[index] = smallest(held - units);
    this.total -= units;
  }

  isEmptyAt(now: number): boolean {
    this.expire(now);
    return this.total === 0n;
  }

  copy(): SlidingCopy {
    return { windowMs: this.windowMs, at: this.at.slice(this.head), units: this.units.slice(this.head) };
  }

  private unitsAt(index: number): bigint {
    return BigInt(this.units[index] ?? 0);
  }

  private expire(now: number): void {
    while (this.head < this.at.length && (this.at[this.head] ?? 0) <= now - this.windowMs) {
      this.total -= this.unitsAt(this.head);
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
