import { describe, expect, it } from "vitest";
import { openBreaker } from "./breaker.ts";

const limits = { failuresMax: 3, firstMs: 1_000, longestMs: 3_000 };

describe("a server that fails", () => {
  it("is left alone after so many failures in a row, and not before", () => {
    const breaker = openBreaker(limits);
    for (const finding of ["failed", "failed", "answered", "failed", "failed"] as const) breaker.let()(finding, 0);
    expect(breaker.waitMs(0)).toBe(0);
    breaker.let()("failed", 0);
    expect(breaker.waitMs(0)).toBe(1_000);
    expect(breaker.waitMs(400)).toBe(600);
  });

  it("is tried with one call, and with longer pauses while that fails", () => {
    const breaker = openBreaker(limits);
    const [first, second, third] = [breaker.let(), breaker.let(), breaker.let()];
    for (const tell of [first, second, third]) tell("failed", 0);
    expect(breaker.waitMs(1_000)).toBe(0);
    const tell = breaker.let();
    expect(breaker.waitMs(1_000)).toBe(1_000);
    tell("failed", 1_500);
    expect(breaker.waitMs(1_500)).toBe(2_000);
    breaker.let()("failed", 3_500);
    expect(breaker.waitMs(3_500)).toBe(3_000);
    breaker.let()("answered", 6_500);
    expect(breaker.waitMs(6_500)).toBe(0);
    breaker.let()("failed", 6_500);
    expect(breaker.waitMs(6_500)).toBe(0);
  });

  it("is tried again when the client of the one call went away", () => {
    const breaker = openBreaker(limits);
    for (let i = 0; i < 3; i++) breaker.let()("failed", 0);
    breaker.let()("neither", 1_000);
    expect(breaker.waitMs(1_000)).toBe(0);
  });

  it("is not left alone longer because many calls failed together", () => {
    const breaker = openBreaker(limits);
    const together = Array.from({ length: 100 }, () => breaker.let());
    for (const tell of together) tell("failed", 0);
    expect(breaker.waitMs(0)).toBe(1_000);
  });
});
