import { describe, expect, it } from "vitest";
import { type Breaker, type Finding, openBreaker, type Passer } from "./breaker.ts";

const limits = { failuresMax: 3, firstMs: 1_000, longestMs: 3_000 };

function begin(breaker: Breaker): Passer {
  const call: Passer = { pass: "none" };
  breaker.let(call);
  return call;
}
const call = (breaker: Breaker, finding: Finding, now: number) => breaker.told(begin(breaker), finding, now);

describe("a server that fails", () => {
  it("is left alone after so many failures in a row, and not before", () => {
    const breaker = openBreaker(limits);
    for (const finding of ["failed", "failed", "answered", "failed", "failed"] as const) call(breaker, finding, 0);
    expect(breaker.waitMs(0)).toBe(0);
    call(breaker, "failed", 0);
    expect(breaker.waitMs(0)).toBe(1_000);
    expect(breaker.waitMs(400)).toBe(600);
  });

  it("is tried with one call, and with longer pauses while that fails", () => {
    const breaker = openBreaker(limits);
    const [first, second, third] = [begin(breaker), begin(breaker), begin(breaker)];
    for (const one of [first, second, third]) breaker.told(one, "failed", 0);
    expect(breaker.waitMs(1_000)).toBe(0);
    const trial = begin(breaker);
    expect(breaker.waitMs(1_000)).toBe(1_000);
    breaker.told(trial, "failed", 1_500);
    expect(breaker.waitMs(1_500)).toBe(2_000);
    call(breaker, "failed", 3_500);
    expect(breaker.waitMs(3_500)).toBe(3_000);
    call(breaker, "answered", 6_500);
    expect(breaker.waitMs(6_500)).toBe(0);
    call(breaker, "failed", 6_500);
    expect(breaker.waitMs(6_500)).toBe(0);
  });

  it("is tried again when the client of the one call went away", () => {
    const breaker = openBreaker(limits);
    for (let i = 0; i < 3; i++) call(breaker, "failed", 0);
    call(breaker, "neither", 1_000);
    expect(breaker.waitMs(1_000)).toBe(0);
  });

  it("is judged by a call once, and never by one that was not let through", () => {
    const breaker = openBreaker(limits);
    const once = begin(breaker);
    for (let i = 0; i < 5; i++) breaker.told(once, "failed", 0);
    for (let i = 0; i < 5; i++) breaker.told({ pass: "none" }, "failed", 0);
    expect(breaker.waitMs(0)).toBe(0);
    for (let i = 0; i < 2; i++) call(breaker, "failed", 0);
    breaker.told(once, "answered", 0);
    expect(breaker.waitMs(0)).toBe(1_000);
  });

  it("is not left alone longer because many calls failed together", () => {
    const breaker = openBreaker(limits);
    const together = Array.from({ length: 100 }, () => begin(breaker));
    for (const one of together) breaker.told(one, "failed", 0);
    expect(breaker.waitMs(0)).toBe(1_000);
  });
});
