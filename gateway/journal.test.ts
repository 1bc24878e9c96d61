import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mentionsOf } from "../policy/recorded.ts";
import {
  type DecisionRecord,
  type JournalOptions,
  type OpenedJournal,
  type OutcomeRecord,
  openJournal,
} from "./journal.ts";
import { readRecords } from "./journal-records.ts";

let dir: string;
const opened: OpenedJournal[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "journal-"));
});
afterEach(async () => {
  for (const journal of opened.splice(0)) await journal.close();
  rmSync(dir, { recursive: true, force: true });
});

const log = { debug() {}, info() {}, warn() {}, error() {} };

async function open(options: Partial<JournalOptions> = {}): Promise<OpenedJournal> {
  const journal = await openJournal({ dir, log, ...options });
  opened.push(journal);
  return journal;
}

const decision = (id: string, change: Partial<DecisionRecord> = {}): DecisionRecord => ({
  kind: "decision",
  id,
  at: 1_000,
  organisationId: "o",
  serverId: "s",
  grantId: null,
  sessionId: null,
  method: "tools/call",
  tool: "vm_create",
  policyId: null,
  policyVersion: null,
  code: "allowed",
  rule: "/tools/vm_create",
  message: "",
  wouldDeny: false,
  argumentKeys: [],
  clientName: null,
  reserve: [],
  gatewayMs: null,
  ...change,
});

const outcome = (id: string, change: Partial<OutcomeRecord> = {}): OutcomeRecord => ({
  kind: "outcome",
  id,
  at: 2_000,
  outcome: "answered",
  upstreamStatus: 200,
  upstreamMs: 1,
  gatewayMs: 1,
  gaveBack: false,
  ...change,
});

async function everything(journal: OpenedJournal): Promise<string[]> {
  const seen: string[] = [];
  for await (const record of readRecords((from) => journal.read(from, 100), journal.start, journal.end)) {
    if (record.kind === "decision") seen.push(record.id);
    if (record.kind === "outcome") seen.push(`${record.id}:${record.outcome}`);
  }
  return seen;
}

describe("the journal", () => {
  it("keeps what it says it kept, in order", async () => {
    const journal = await open();
    const a = decision("a");
    expect(await Promise.all([journal.append(a), journal.conclude(outcome("a"), a)])).toEqual([true, true]);
    expect(await journal.append(decision("b", { code: "denied" }))).toBe(true);
    expect(await everything(journal)).toEqual(["a", "a:answered", "b"]);
  });

  it("writes all records of a tick at once", async () => {
    let writes = 0;
    const journal = await open({
      write: ((...given: Parameters<typeof writeSync>) => {
        writes++;
        return writeSync(...given);
      }) as typeof writeSync,
    });
    writes = 0;
    await Promise.all(Array.from({ length: 500 }, (_, i) => journal.append(decision(`${i}`))));
    expect(writes).toBe(1);
    expect(await everything(journal)).toHaveLength(500);
  });

  it("writes the values of arguments sealed, each by its own call's id, and none when they cannot be sealed", async () => {
    const mentions = mentionsOf(["args.a"]);
    if (mentions === null) throw new Error("there is one");
    const journal = await open({ seal: (_unsealed, id) => (id === "b" ? null : `sealed for ${id}`) });
    const said = { arguments: { a: "secret" }, mentions };
    const kept = ["a", "b", "c"].map((id) => journal.append(decision(id), id === "c" ? undefined : said));
    expect(await Promise.all(kept)).toEqual([true, true, true]);
    const { lines } = await journal.read(journal.start, 10_000);
    const [opened, ...records] = lines.toString().trim().split("\n");
    expect(opened).toContain("opened");
    expect(records.map((line) => (JSON.parse(line) as DecisionRecord).sealedArguments)).toEqual([
      ...["sealed for a", undefined, undefined],
    ]);
    expect(lines.toString()).not.toContain("secret");
  });

  it("keeps batches in order and answers all of them with fsync on", async () => {
    const journal = await open({ fsync: true });
    const kept: Promise<boolean>[] = [];
    for (let i = 0; i < 20; i++) {
      kept.push(journal.append(decision(`${i}`)));
      await new Promise(setImmediate);
    }
    await journal.close();
    expect(await Promise.all(kept)).toEqual(Array(20).fill(true));
    expect(await everything(await open())).toEqual([
      ...Array.from({ length: 20 }, (_, i) => `${i}`),
      ...Array.from({ length: 20 }, (_, i) => `${i}:unknown`),
    ]);
  });

  it("passes over a line that a crash tore, and goes on after it", async () => {
    const journal = await open();
    await journal.append(decision("a", { code: "denied" }));
    await journal.close();
    const [segment] = readdirSync(dir).filter((name) => name.endsWith(".jsonl"));
    appendFileSync(join(dir, segment ?? ""), '{"kind":"decision","id":"torn","at":1');
    const again = await open();
    await again.append(decision("b", { code: "denied" }));
    expect(await everything(again)).toEqual(["a", "b"]);
  });

  it("says of an earlier run's calls without an outcome that it is unknown, once", async () => {
    const journal = await open();
    await journal.append(decision("made"));
    await journal.append(decision("refused", { code: "denied" }));
    await journal.append(decision("shadowed", { code: "denied", wouldDeny: true }));
    const answered = decision("answered");
    await journal.append(answered);
    await journal.conclude(outcome("answered"), answered);
    await journal.close();
    const again = await open();
    expect((await everything(again)).slice(-2)).toEqual(["made:unknown", "shadowed:unknown"]);
    await again.close();
    expect(await everything(await open())).toHaveLength(7);
  });

  it("keeps nothing while the disk is full, says so, and recovers", async () => {
    let full = false;
    const write = ((...given: Parameters<typeof writeSync>) => {
      if (!full) return writeSync(...given);
      // A disk that fills up takes a part of it first.
      const [file, bytes, , , offset] = given as unknown as [number, Buffer, number, number, number];
      writeSync(file, bytes, 0, 3, offset);
      throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    }) as typeof writeSync;
    const journal = await open({ write, probeMs: 10 });
    expect(await journal.append(decision("before", { code: "denied" }))).toBe(true);
    full = true;
    expect(await Promise.all([journal.append(decision("x")), journal.append(decision("y"))])).toEqual([false, false]);
    expect(journal.writable).toBe(false);
    expect(await journal.append(decision("z"))).toBe(false);
    full = false;
    await expect.poll(() => journal.writable).toBe(true);
    expect(await journal.append(decision("after", { code: "denied" }))).toBe(true);
    expect(await everything(journal)).toEqual(["before", "after"]);
    await journal.close();
    expect(await everything(await open())).toEqual(["before", "after"]);
  });

  it("begins a new segment when one is full, and deletes those that nobody needs", async () => {
    const journal = await open({ segmentBytesMax: 1_000 });
    const unanswered = decision("open");
    await journal.append(unanswered);
    for (let i = 0; i < 10; i++) await journal.append(decision(`${i}`, { code: "denied" }));
    const segments = () => readdirSync(dir).filter((name) => name.endsWith(".jsonl")).length;
    const before = segments();
    expect(before).toBeGreaterThan(3);
    journal.release("record", journal.end);
    expect(segments()).toBe(before);
    journal.release("counters", journal.end);
    expect(segments(), "a call that still runs keeps its segment").toBe(before);
    await journal.conclude(outcome("open"), unanswered);
    journal.release("record", journal.end);
    expect(segments()).toBeLessThan(before);
    expect(await everything(journal)).toContain("open:answered");
  });

  it("remembers the time although every old segment is gone", async () => {
    const journal = await open({ now: () => 5_000 });
    await journal.append(decision("a", { code: "denied", at: 9_000 }));
    await journal.close();
    const again = await open({ now: () => 5_000 });
    expect(again.lastAt).toBe(9_000);
    again.release("record", again.end);
    again.release("counters", again.end);
    await again.close();
    expect((await open({ now: () => 5_000 })).lastAt).toBe(9_000);
  });

  it("holds no text that Postgres would refuse", async () => {
    const journal = await open();
    const tool = `a\0b\ud800c\u{1f600}`;
    await journal.append(decision("a", { code: "denied", tool, argumentKeys: ["\udfff", "\\u0000"] }));
    const { lines } = await journal.read(journal.start, 100_000);
    const record = JSON.parse(`${lines}`.trimEnd().split("\n").at(-1) ?? "");
    expect(record.tool).toBe("a\ufffdb\ufffdc\u{1f600}");
    expect(record.argumentKeys).toEqual(["\ufffd", "\\u0000"]);
  });

  it("belongs to one process at a time", async () => {
    const journal = await open();
    await expect(openJournal({ dir, log })).rejects.toThrow(/in use by another gateway/);
    await journal.close();
    writeFileSync(join(dir, "lock"), JSON.stringify({ pid: process.pid, startTime: "of an earlier process" }));
    await open();
    expect(JSON.parse(readFileSync(join(dir, "lock"), "utf8")).pid).toBe(process.pid);
  });

  it("takes nothing after it was closed", async () => {
    const journal = await open();
    await journal.close();
    expect(await journal.append(decision("a"))).toBe(false);
  });
});
