// What ops/SCALE.md claims is what the simulation gives, and the simulation agrees with what is known without one.
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { herd } from "./herd.ts";
import { localCounters, sharedCounter } from "./limits.ts";
import { outage } from "./outage.ts";
import { page } from "./page.ts";
import { shard } from "./shard.ts";

describe("the page on scale", () => {
  it("has the tables that the simulation prints", () => {
    const written = readFileSync(path.join(import.meta.dirname, "../../ops/SCALE.md"), "utf8");
    for (const part of page().split("\n\n**")) expect(written).toContain(part.replace(/^\*\*/, "").trim());
  });
});

describe("the simulation", () => {
  it("lets nothing over a limit that is counted in one place, and up to n times as much where n count for themselves", () => {
    const order = { gateways: 4, max: 50, windowMs: 10_000, callsPerSecond: 100, seconds: 60 };
    expect(sharedCounter(order).mostInWindow).toBe(50);
    expect(localCounters({ ...order, skew: 0 }).mostInWindow).toBe(200);
  });

  it("has a shard wait as queueing theory says: at half its capacity, half a service time more", () => {
    const { busy, p50Ms, lateShare } = shard({ rate: 5_000, serviceUs: 100, timeoutMs: 1_000, seconds: 20 });
    expect(busy).toBeCloseTo(0.5, 1);
    expect(p50Ms).toBeLessThan(0.2);
    expect(lateShare).toBe(0);
  });

  it("never catches up where more comes than is taken", () => {
    expect(outage({ rate: 1_000_000, minutes: 1, kind: "stuck" }).drainS).toBeNull();
    expect(outage({ rate: 100, minutes: 1, kind: "stuck" })).toMatchObject({ records: 12_000, refused: 0 });
  });

  it("shares the processors of Postgres among who reads", () => {
    expect(herd({ gateways: 8, workUs: 1_000_000, spreadMs: 0 }).lastMs).toBeCloseTo(1_000);
    expect(herd({ gateways: 80, workUs: 1_000_000, spreadMs: 0 })).toEqual({
      lastMs: expect.closeTo(10_000),
      withinLease: true,
    });
  });
});
