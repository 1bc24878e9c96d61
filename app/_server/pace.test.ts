import { describe, expect, it } from "vitest";
import { Pace } from "./pace.ts";

function paceAt(perMinute: number) {
  const clock = { now: 0 };
  return { clock, pace: new Pace(perMinute, () => clock.now) };
}

describe("how often an address may ask", () => {
  it("is so many times at once, and then as time gives back", () => {
    const { clock, pace } = paceAt(60);
    for (let nth = 0; nth < 60; nth += 1) expect(pace.take("a")).toBe(0);
    expect(pace.take("a")).toBe(1);
    clock.now += 1_000;
    expect(pace.take("a")).toBe(0);
    expect(pace.take("a")).toBe(1);
    clock.now += 3_600_000;
    expect(pace.waitS("a", 60)).toBe(0);
    expect(pace.take("a", 60)).toBe(0);
    expect(pace.take("a", 30)).toBe(30);
  });

  it("is each address's own, and a clock that goes back gives nothing", () => {
    const { clock, pace } = paceAt(1);
    clock.now = 5_000;
    expect(pace.take("a")).toBe(0);
    expect(pace.take("b")).toBe(0);
    clock.now = 0;
    expect(pace.take("a")).toBe(60);
  });

  it("counts a refused request for nothing", () => {
    const { clock, pace } = paceAt(2);
    pace.take("a", 2);
    for (let nth = 0; nth < 100; nth += 1) expect(pace.take("a")).toBeGreaterThan(0);
    clock.now += 30_000;
    expect(pace.take("a")).toBe(0);
  });

  it("lets one that asks for more than fits in a minute go first when nothing was taken", () => {
    const { pace } = paceAt(5);
    expect(pace.take("a", 9)).toBe(0);
    expect(pace.take("a")).toBeGreaterThan(0);
  });
});
