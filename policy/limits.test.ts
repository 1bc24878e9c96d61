import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { Reservation } from "./evaluate.ts";
import { Counters, type CountersSnapshot } from "./limits.ts";

// Hundreds of runs each, on machines that are busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

function take(over: Partial<Reservation> = {}): Reservation {
  return {
    key: "k",
    windowMs: 1_000,
    max: 2,
    amount: 1,
    rule: "/tools/t/limits/0",
    sentence: "t is limited.",
    ...over,
  };
}

function exported(counters: Counters): CountersSnapshot {
  return JSON.parse([...counters.export()].join(""));
}

type Arrival = { gapMs: number; amount: number };
const arrivals = fc.array(
  fc.record({
    gapMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 }), fc.constantFrom(999, 1_000, 1_001)),
    // Tenths, to sum them exactly by hand.
    amount: fc.integer({ min: 0, max: 30 }),
  }),
  { maxLength: 120 },
);

/** Feeds arrivals and returns what was let through, in tenths. */
function run(all: readonly Arrival[], maxTenths: number): { at: number; tenths: number }[] {
  const counters = new Counters();
  const passed: { at: number; tenths: number }[] = [];
  let now = 1_700_000_000_000;
  for (const { gapMs, amount } of all) {
    now += gapMs;
    const answer = counters.reserve([take({ amount: amount / 10, max: maxTenths / 10 })], now);
    if (answer.ok) passed.push({ at: now, tenths: amount });
  }
  return passed;
}

describe("a sliding window", () => {
  it("never holds more than max in any interval of its length", () => {
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 0, max: 50 }), (all, max) => {
        const passed = run(all, max);
        // The fullest intervals end at an arrival.
        for (const { at } of passed) {
          const held = passed.filter((other) => other.at > at - 1_000 && other.at <= at);
          expect(held.reduce((sum, { tenths }) => sum + tenths, 0)).toBeLessThanOrEqual(max);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("refuses only what would not fit: the plain sum over the window agrees on every arrival", () => {
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 0, max: 50 }), (all, max) => {
        const counters = new Counters();
        const passed: { at: number; tenths: number }[] = [];
        let now = 1_700_000_000_000;
        for (const { gapMs, amount } of all) {
          now += gapMs;
          const held = passed.filter(({ at }) => at > now - 1_000).reduce((sum, { tenths }) => sum + tenths, 0);
          const answer = counters.reserve([take({ amount: amount / 10, max: max / 10 })], now);
          expect(answer.ok).toBe(held + amount <= max);
          if (answer.ok) passed.push({ at: now, tenths: amount });
        }
      }),
      { numRuns: 300 },
    );
  });

  it("says a true time to wait: then the call passes, and a whole second earlier it does not", () => {
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 30 }), (all, max, amount) => {
        const windowMs = 10_000;
        const one = (tenths: number) => take({ windowMs, amount: tenths / 10, max: max / 10 });
        const counters = new Counters();
        let now = 1_700_000_000_000;
        for (const arrival of all) {
          now += arrival.gapMs;
          counters.reserve([one(arrival.amount)], now);
        }
        const answer = counters.reserve([one(amount)], now);
        if (answer.ok) return;
        if (amount > max) {
          expect(answer.retryAfterS).toBe(Number.POSITIVE_INFINITY);
          return;
        }
        expect(answer.retryAfterS).toBeGreaterThanOrEqual(1);
        expect(Number.isInteger(answer.retryAfterS)).toBe(true);
        const later = (seconds: number) =>
          Counters.import(exported(counters)).reserve([one(amount)], now + seconds * 1_000);
        expect(later(answer.retryAfterS).ok).toBe(true);
        if (answer.retryAfterS > 1) expect(later(answer.retryAfterS - 1).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it("counts a call at t and one at t + window in different windows", () => {
    const counters = new Counters();
    expect(counters.reserve([take({ max: 1 })], 5_000).ok).toBe(true);
    expect(counters.reserve([take({ max: 1 })], 5_999).ok).toBe(false);
    expect(counters.reserve([take({ max: 1 })], 6_000).ok).toBe(true);
  });

  it("sums tenths to a whole", () => {
    const counters = new Counters();
    for (let nth = 0; nth < 10; nth += 1) expect(counters.reserve([take({ amount: 0.1, max: 1 })], nth).ok).toBe(true);
    expect(counters.reserve([take({ amount: 1e-9, max: 1 })], 10).ok).toBe(false);
    expect(counters.reserve([take({ amount: 0.1, max: 1 })], 1_000).ok).toBe(true);
  });

  it("counts an amount below a billionth as a billionth", () => {
    const counters = new Counters();
    expect(counters.reserve([take({ amount: 1e-300, max: 1e-9 })], 0).ok).toBe(true);
    expect(counters.reserve([take({ amount: 1e-300, max: 1e-9 })], 0).ok).toBe(false);
  });

  it("counts a bound between two billionths as the lower one", () => {
    const counters = new Counters();
    expect(counters.reserve([take({ amount: 1e-9, max: 1.6e-9 })], 0).ok).toBe(true);
    expect(counters.reserve([take({ amount: 1e-9, max: 1.6e-9 })], 0).ok).toBe(false);
  });

  it("bears the largest numbers", () => {
    const counters = new Counters();
    expect(counters.reserve([take({ amount: Number.MAX_VALUE, max: Number.MAX_VALUE })], 0).ok).toBe(true);
    expect(counters.reserve([take({ amount: 1, max: Number.MAX_VALUE })], 0).ok).toBe(false);
  });

  it("opens no window when the clock goes back", () => {
    const counters = new Counters();
    expect(counters.reserve([take()], 10_000).ok).toBe(true);
    expect(counters.reserve([take()], 500).ok).toBe(true);
    expect(counters.reserve([take()], 501)).toMatchObject({ ok: false, retryAfterS: 11 });
    expect(counters.reserve([take()], 10_999).ok).toBe(false);
    expect(counters.reserve([take()], 11_000).ok).toBe(true);
  });
});

describe("several reservations", () => {
  it("are taken together or not at all", () => {
    const counters = new Counters();
    const [wide, narrow] = [take({ key: "wide", max: 5 }), take({ key: "narrow", max: 1 })];
    expect(counters.reserve([wide, narrow], 0).ok).toBe(true);
    for (let nth = 0; nth < 9; nth += 1) expect(counters.reserve([wide, narrow], nth).ok).toBe(false);
    expect(counters.reserve([{ ...wide, amount: 4 }], 9).ok).toBe(true);
  });

  it("name the first that is full and the longest wait", () => {
    const counters = new Counters();
    const [short, long] = [take({ key: "short", max: 1 }), take({ key: "long", max: 1, windowMs: 60_000 })];
    counters.reserve([short, long], 0);
    expect(counters.reserve([short, long], 0)).toEqual({ ok: false, failed: short, retryAfterS: 60 });
    expect(counters.reserve([long, short], 0)).toEqual({ ok: false, failed: long, retryAfterS: 60 });
  });

  it("of one counter add up", () => {
    const counters = new Counters();
    expect(counters.reserve([take({ max: 1 }), take({ max: 1 })], 0).ok).toBe(false);
    expect(counters.reserve([take({ max: 2 }), take({ max: 2 })], 0).ok).toBe(true);
  });
});

describe("giving back", () => {
  it("makes room for exactly what was taken", () => {
    const counters = new Counters();
    counters.reserve([take()], 0);
    counters.reserve([take()], 10);
    counters.giveBack([take()], 0);
    expect(counters.reserve([take()], 20).ok).toBe(true);
    expect(counters.reserve([take()], 20).ok).toBe(false);
  });

  it("takes nothing from another call once its own has left the window", () => {
    const counters = new Counters();
    counters.reserve([take({ max: 1 })], 0);
    counters.reserve([take({ max: 1 })], 1_000);
    counters.giveBack([take({ max: 1 })], 0);
    expect(counters.reserve([take({ max: 1 })], 1_500).ok).toBe(false);
  });

  it("makes no room twice", () => {
    const counters = new Counters();
    counters.reserve([take()], 0);
    counters.reserve([take()], 1);
    counters.giveBack([take()], 0);
    counters.giveBack([take()], 0);
    expect(counters.reserve([take()], 2).ok).toBe(true);
    expect(counters.reserve([take()], 2).ok).toBe(false);
  });

  it("leaves the counters as if the call had never been", () => {
    fc.assert(
      fc.property(arrivals, fc.array(fc.boolean(), { maxLength: 120 }), (all, kept) => {
        const [tried, never] = [new Counters(), new Counters()];
        let now = 0;
        for (const [index, { gapMs, amount }] of all.entries()) {
          now += gapMs;
          const one = [take({ amount, max: 40 })];
          if (kept[index]) expect(tried.reserve(one, now).ok).toBe(never.reserve(one, now).ok);
          else if (tried.reserve(one, now).ok) tried.giveBack(one, now);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("does not reach into the next calendar window", () => {
    const counters = new Counters();
    const first = take({ max: 1, calendarStart: 0, calendarEnd: 1_000 });
    const second = take({ max: 1, calendarStart: 1_000, calendarEnd: 2_000 });
    counters.reserve([first], 999);
    counters.reserve([second], 1_000);
    counters.giveBack([first], 999);
    expect(counters.reserve([second], 1_001)).toMatchObject({ ok: false, retryAfterS: 1 });
    counters.giveBack([second], 1_000);
    expect(counters.reserve([second], 1_002).ok).toBe(true);
  });
});

describe("a snapshot", () => {
  it("goes through JSON and counts on", () => {
    fc.assert(
      fc.property(arrivals, arrivals, (before, after) => {
        const counters = new Counters();
        let now = 1_700_000_000_000;
        const calendar = { key: "c", calendarStart: 0, calendarEnd: 9e15, max: 20 };
        const step = (target: Counters, { amount }: Arrival) =>
          target.reserve([take({ amount: amount / 10, max: 5 }), take({ ...calendar, amount: amount / 10 })], now);
        for (const arrival of before) {
          now += arrival.gapMs;
          step(counters, arrival);
        }
        const copy = Counters.import(exported(counters));
        for (const arrival of after) {
          now += arrival.gapMs;
          expect(step(copy, arrival)).toEqual(step(counters, arrival));
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe("a counter that is named more than once in a call", () => {
  it("has to hold all of it, be it named among few or among many", () => {
    for (const others of [0, 3, 30]) {
      const more = Array.from({ length: others }, (_, n) => take({ key: `other ${n}` }));
      const thrice = [take({ max: 3 }), ...more, take({ max: 3 }), take({ max: 3 })];
      expect(new Counters().reserve(thrice, 0).ok).toBe(true);
      expect(new Counters().reserve([...thrice, take({ max: 3 })], 0)).toMatchObject({ ok: false });
      expect(new Counters().firstFull([...thrice, take({ max: 3 })], 0)).not.toBeNull();
      expect(new Counters().firstFull(thrice, 0)).toBeNull();
      const counters = new Counters();
      counters.reserve(thrice, 0);
      expect(counters.reserve([take({ max: 3 })], 1).ok).toBe(false);
    }
  });
});

describe("an export", () => {
  it("is of the moment it was asked for, in pieces, whatever is counted while they are made", () => {
    const counters = new Counters();
    const window = { windowMs: 60_000, max: 1e12 };
    for (let now = 0; now < 20_000; now += 1) counters.reserve([take({ ...window, key: `k${now % 3}` })], now);
    const pieces: string[] = [];
    for (const piece of counters.export()) {
      expect(piece.length).toBeLessThan(200_000);
      pieces.push(piece);
      for (let now = 20_000 + 60_000 * pieces.length, end = now + 100; now < end; now += 1)
        counters.reserve([take({ ...window, key: `k${now % 4}` })], now);
    }
    expect(pieces.length).toBeGreaterThan(3);
    const { clock, sliding } = JSON.parse(pieces.join("")) as CountersSnapshot;
    expect(clock).toBe(19_999);
    expect(sliding.map(({ key, at }) => [key, at.length])).toEqual([
      ["k0", 6_667],
      ["k1", 6_667],
      ["k2", 6_666],
    ]);
    expect(sliding.flatMap(({ at }) => at).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20_000 }, (_, at) => at),
    );
  });

  it("keeps amounts that no number holds exactly", () => {
    const counters = new Counters();
    const amounts = [1e7, 123_456_789.987_6, 1e300, 0.000_000_001];
    for (const [at, amount] of amounts.entries()) counters.reserve([take({ amount, max: 1e301 })], at);
    const copy = Counters.import(exported(counters));
    expect([...copy.export()]).toEqual([...counters.export()]);
    const rest = 1e301 - 1e300 - 2e8;
    expect(copy.reserve([take({ amount: rest, max: 1e301 })], 5)).toEqual(
      counters.reserve([take({ amount: rest, max: 1e301 })], 5),
    );
    for (const [at, amount] of amounts.entries())
      for (const each of [copy, counters]) each.giveBack([take({ amount })], at);
    expect([...copy.export()]).toEqual([...counters.export()]);
  });
});

describe("pruning", () => {
  it("forgets what has left its window and keeps the rest", () => {
    const counters = new Counters();
    counters.reserve([take({ key: "old" }), take({ key: "day", calendarStart: 0, calendarEnd: 500 })], 0);
    counters.reserve([take({ key: "new" })], 900);
    counters.prune(1_000);
    expect(exported(counters).sliding.map(({ key }) => key)).toEqual(["new"]);
    expect(exported(counters).calendar).toEqual([]);
  });

  it("holds no more than a window's worth of a busy counter", () => {
    const counters = new Counters();
    for (let now = 0; now < 100_000; now += 1) counters.reserve([take({ max: 1e9 })], now);
    expect(exported(counters).sliding[0]?.at.length).toBe(1_000);
  });
});
