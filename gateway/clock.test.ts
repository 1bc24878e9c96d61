import { describe, expect, it, vi } from "vitest";
import { startClock } from "./clock.ts";
import { newDecisionId } from "./decision-id.ts";

describe("the gateway's clock", () => {
  it("goes on when the wall clock is set", () => {
    const clock = startClock();
    const before = clock.now();
    vi.useFakeTimers({ toFake: ["Date"], now: 0 });
    expect(clock.now()).toBeGreaterThanOrEqual(before);
    vi.useRealTimers();
  });

  it("begins no earlier than the last time in the journal", () => {
    const future = Date.now() + 3_600_000;
    expect(startClock(future).now()).toBeGreaterThanOrEqual(future);
    expect(Math.abs(startClock(5).now() - Date.now())).toBeLessThan(5_000);
  });
});

describe("a decision's id", () => {
  it("is a UUID of version 7 that sorts by time and is never given twice", () => {
    const ids = Array.from({ length: 5_000 }, (_, i) => newDecisionId(1_780_000_000_000 + i));
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(Array.from({ length: 5_000 }, () => newDecisionId(1))).size).toBe(5_000);
    const burst = Array.from({ length: 4_000 }, () => newDecisionId(1_790_000_000_000.5));
    expect([...burst].sort()).toEqual(burst);
    expect(parseInt(newDecisionId(1_780_000_000_123.9).replaceAll("-", "").slice(0, 12), 16)).toBe(1_780_000_000_123);
  });
});
