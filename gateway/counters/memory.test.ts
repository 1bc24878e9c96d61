import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Reservation } from "../../policy/evaluate.ts";
import { type DecisionRecord, type OpenedJournal, type OutcomeRecord, openJournal } from "../journal.ts";
import type { CounterStore } from "./counters.ts";
import { openMemoryCounters } from "./memory.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };
let root: string;
let runs = 0;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "counters-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const windowMs = 1_000;
const max = 3;
const limit = (key: string, now: number): Reservation => {
  const calendarStart = Math.floor(now / windowMs) * windowMs;
  const calendar = key === "calendar" ? { calendarStart, calendarEnd: calendarStart + windowMs } : {};
  return { key, windowMs, ...calendar, max, amount: 1, rule: `/${key}`, sentence: "" };
};

const decision = (id: string, at: number, reserve: Reservation[]): DecisionRecord => ({
  kind: "decision",
  id,
  at,
  organisationId: "o",
  serverId: "s",
  grantId: null,
  sessionId: null,
  method: "tools/call",
  tool: "t",
  policyId: null,
  policyVersion: null,
  code: "allowed",
  rule: "",
  message: "",
  wouldDeny: false,
  argumentKeys: [],
  clientName: null,
  reserve,
  gatewayMs: null,
});

const outcome = (id: string, at: number, gaveBack: boolean): OutcomeRecord => ({
  kind: "outcome",
  id,
  at,
  outcome: gaveBack ? "not_sent" : "answered",
  upstreamStatus: null,
  upstreamMs: null,
  gatewayMs: null,
  gaveBack,
});

type Run = { dir: string; journal: OpenedJournal; counters: CounterStore };

async function start(dir: string, snapshotMs = 10_000): Promise<Run> {
  const journal = await openJournal({ dir, log, segmentBytesMax: 2_000 });
  return { dir, journal, counters: await openMemoryCounters({ journal, log, now: () => 0, snapshotMs }) };
}

/** The process is gone between two ticks: what is on disk then is all that is left. */
async function crash(run: Run, snapshotMs?: number): Promise<Run> {
  const dir = join(root, `run-${++runs}`);
  cpSync(run.dir, dir, { recursive: true });
  rmSync(join(dir, "lock"), { force: true });
  await run.journal.close();
  return start(dir, snapshotMs);
}

describe("the counters in memory", () => {
  it("are saved whole while calls go on, however much was counted", async () => {
    let run = await start(join(root, "busy"), 1);
    const wide = (key: string): Reservation => ({ ...limit(key, 0), windowMs: 1_000_000, max: 60_010 });
    const count = async (at: number) => {
      expect(await run.counters.reserve([wide(`k${at % 2}`)], at, "org")).toEqual({ ok: true });
      await run.journal.append(decision(String(at), at, [wide(`k${at % 2}`)]));
    };
    for (let at = 0; at < 120_000; at += 1) await run.counters.reserve([wide(`k${at % 2}`)], at, "org");
    // What was counted without the journal is known by the snapshot alone; what comes while it is written, by the journal.
    const saved = join(run.dir, "counters.json");
    for (let at = 120_000; at < 120_020; at += 1) {
      await count(at);
      if (at === 120_000) await expect.poll(() => existsSync(saved)).toBe(true);
    }
    const { size } = statSync(saved);
    expect(size).toBeGreaterThan(1_000_000);
    run = await crash(run);
    for (const key of ["k0", "k1"]) {
      const answer = await run.counters.reserve([wide(key)], 120_020, "org");
      expect(answer, `${key} is used up`).toMatchObject({ ok: false });
    }
    await run.journal.close();
  });

  it("go on after a clean end and after a crash", async () => {
    let run = await start(join(root, "first"));
    expect(await run.counters.reserve([limit("a", 1)], 1, "org")).toEqual({ ok: true });
    await run.journal.append(decision("1", 1, [limit("a", 1)]));
    run = await crash(run);
    await run.counters.reserve([limit("a", 2)], 2, "org");
    await run.journal.append(decision("2", 2, [limit("a", 2)]));
    await run.journal.close();
    run = await start(run.dir);
    expect(await run.counters.reserve([limit("a", 3)], 3, "org")).toEqual({ ok: true });
    expect(await run.counters.reserve([limit("a", 4)], 4, "org")).toMatchObject({ ok: false });
    await run.journal.close();
  });

  it("give back what an outcome after the snapshot gave back", async () => {
    let run = await start(join(root, "first"), 0);
    const made = ["1", "2", "3"].map((id) => decision(id, 1, [limit("calendar", 1)]));
    for (const one of made) {
      await run.counters.reserve([limit("calendar", 1)], 1, "org");
      await run.journal.append(one);
    }
    await new Promise((done) => setTimeout(done, 20));
    run.counters.giveBack([limit("calendar", 1)], 1, "org");
    await run.journal.conclude(outcome("2", 5, true), made[1] ?? expect.fail());
    run = await crash(run);
    expect(await run.counters.reserve([limit("calendar", 6)], 6, "org")).toEqual({ ok: true });
    expect(await run.counters.reserve([limit("calendar", 7)], 7, "org")).toMatchObject({ ok: false });
    await run.journal.close();
  });

  it("deny rather than begin at zero when their snapshot cannot be read", async () => {
    const run = await start(join(root, "first"));
    await run.journal.close();
    const path = join(run.dir, "counters.json");
    const whole = readFileSync(path, "utf8");
    writeFileSync(path, whole.slice(0, -5));
    const broken = await start(run.dir);
    expect(broken.counters.available).toBe(false);
    expect(await broken.counters.reserve([limit("a", 1)], 1, "org")).toEqual({ ok: "unavailable" });
    await broken.journal.close();
  });

  // Guards the promise of policy-v1: no interval of the window's length ever holds more than max, whatever dies when.
  it("never allow a call too many, and forget none, wherever the process dies", async () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant("call" as const),
          keys: fc.subarray(["a", "b", "calendar"], { minLength: 1 }),
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("answer" as const) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("giveBack" as const) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 700 }) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("pause" as const) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("crash" as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        let run = await start(join(root, `run-${++runs}`), 1);
        let now = 10_000;
        let ids = 0;
        /** Calls that were made, by the counters they hold. */
        let made: { id: string; at: number; keys: string[]; record: DecisionRecord }[] = [];
        let waiting: typeof made = [];
        const held = (key: string) =>
          made.filter(
            ({ at, keys }) =>
              keys.includes(key) &&
              (key === "calendar" ? Math.floor(at / windowMs) === Math.floor(now / windowMs) : at > now - windowMs),
          ).length;
        for (const one of steps) {
          now += 0.25;
          if (one.do === "call") {
            const reserve = one.keys.map((key) => limit(key, now));
            const hasRoom = one.keys.every((key) => held(key) < max);
            const answer = await run.counters.reserve(reserve, now, "org");
            expect(answer.ok, "as many as the limit, no more and no fewer").toBe(hasRoom);
            if (answer.ok !== true) continue;
            const id = `${++ids}`;
            const call = { id, at: now, keys: one.keys, record: decision(id, now, reserve) };
            expect(await run.journal.append(call.record)).toBe(true);
            made.push(call);
            waiting.push(call);
          } else if (one.do === "answer") {
            const call = waiting.shift();
            if (call) await run.journal.conclude(outcome(call.id, now, false), call.record);
          } else if (one.do === "giveBack") {
            const call = waiting.pop();
            if (!call) continue;
            run.counters.giveBack(
              call.keys.map((key) => limit(key, call.at)),
              call.at,
              "org",
            );
            await run.journal.conclude(outcome(call.id, now, true), call.record);
            made = made.filter(({ id }) => id !== call.id);
          } else if (one.do === "wait") {
            now += one.ms;
          } else if (one.do === "pause") {
            await new Promise((done) => setTimeout(done, 3)); // a snapshot may be taken at the next write
          } else {
            run = await crash(run, 1);
            waiting = []; // their outcome is unknown now, and they keep what they hold
          }
        }
        await run.journal.close();
      }),
      { numRuns: 60 },
    );
  });
});
