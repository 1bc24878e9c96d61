import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../e2e/harness/database.ts";
import {
  type DecisionRecord,
  type JournalOptions,
  type OpenedJournal,
  type OutcomeRecord,
  openJournal,
} from "./journal.ts";
import { openRecord, type RecordKeeper, type RecordOptions } from "./record.ts";

const log = { debug() {}, info() {}, warn() {}, error() {} };
let dir: string;
let database: TestDatabase;
let client: pg.Client;
const closing: (() => unknown)[] = [];
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "record-"));
  database = await freshDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await client.end();
  await database.drop();
  rmSync(dir, { recursive: true, force: true });
});

async function open(
  options: Partial<RecordOptions> = {},
  journalOptions: Partial<JournalOptions> = {},
): Promise<{ journal: OpenedJournal; record: RecordKeeper }> {
  const journal = await openJournal({ dir, log, ...journalOptions });
  const record = await openRecord({ journal, databaseUrl: database.url, log, ...options });
  closing.unshift(
    () => record.close(200),
    () => journal.close(),
  );
  return { journal, record };
}

const organisationId = randomUUID();
const serverId = randomUUID();
const decision = (change: Partial<DecisionRecord> = {}): DecisionRecord => ({
  kind: "decision",
  id: randomUUID(),
  at: 1_780_000_000_000.25,
  organisationId,
  serverId,
  grantId: randomUUID(),
  sessionId: "session",
  method: "tools/call",
  tool: "vm_create",
  policyId: randomUUID(),
  policyVersion: 3,
  code: "allowed",
  rule: "/tools/vm_create",
  message: "",
  wouldDeny: false,
  argumentKeys: ["a", 'b"c'],
  clientName: "claude",
  reserve: [],
  gatewayMs: 0.5,
  ...change,
});
const outcome = (id: string, change: Partial<OutcomeRecord> = {}): OutcomeRecord => ({
  kind: "outcome",
  id,
  at: 1_780_000_001_000,
  outcome: "answered",
  upstreamStatus: 200,
  upstreamMs: 12.5,
  gatewayMs: 0.7,
  gaveBack: false,
  ...change,
});

const rows = async () => (await client.query('SELECT * FROM "Call" ORDER BY id')).rows;
const rowCount = async () => Number((await client.query('SELECT count(*) FROM "Call"')).rows[0].count);

/** A way to Postgres that can be cut. */
async function openWay(): Promise<{ url: string; cut(): void; mend(): Promise<void> }> {
  const target = new URL(database.url);
  const sockets = new Set<Socket>();
  let server: Server;
  const listen = async (port: number): Promise<number> => {
    server = createServer((socket) => {
      const onward = connect(Number(target.port), target.hostname);
      for (const end of [socket, onward]) {
        sockets.add(end);
        end.on("error", () => {}).on("close", () => sockets.delete(end));
      }
      socket.pipe(onward).pipe(socket);
    });
    await new Promise<void>((ready) => server.listen(port, "127.0.0.1", ready));
    const address = server.address();
    return typeof address === "object" && address ? address.port : port;
  };
  const port = await listen(0);
  const url = new URL(database.url);
  url.port = String(port);
  const cut = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  closing.push(cut);
  return { url: url.href, cut, mend: async () => void (await listen(port)) };
}

describe("the record", () => {
  it("has a decision at once, and its outcome when it is known", async () => {
    const { journal, record } = await open();
    const made = decision();
    const began = Date.now();
    await journal.append(made);
    await expect.poll(rows, { interval: 5 }).toHaveLength(1);
    expect(Date.now() - began).toBeLessThan(1_000);
    expect((await rows())[0]).toMatchObject({
      id: made.id,
      organisationId,
      at: new Date(1_780_000_000_000),
      tool: "vm_create",
      policyVersion: 3,
      argumentKeys: ["a", 'b"c'],
      outcome: "pending",
      upstreamStatus: null,
      gatewayMs: 0.5,
    });
    await journal.conclude(outcome(made.id), made);
    await expect.poll(async () => (await rows())[0]?.outcome).toBe("answered");
    expect((await rows())[0]).toMatchObject({ upstreamStatus: 200, upstreamMs: 12.5, gatewayMs: 0.7 });
    await expect
      .poll(() => record.figures())
      .toEqual({ pending: 0, lagMs: 0, shipped: expect.any(Number), rejected: 0 });
  });

  it("names the approval that a call was made by, and the trace that it belongs to", async () => {
    const { journal } = await open();
    const approvalId = randomUUID();
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await journal.append(decision({ approvalId, traceparent }));
    await expect.poll(rows).toHaveLength(1);
    expect((await rows())[0]).toMatchObject({ approvalId, traceparent });
  });

  it("has refusals, trials and calls that were answered in the same batch", async () => {
    const { journal } = await open();
    const refused = decision({ code: "denied", message: "no", grantId: null, policyId: null, policyVersion: null });
    const trial = decision({ code: "denied", wouldDeny: true });
    const answered = decision();
    await Promise.all([refused, trial, answered].map((one) => journal.append(one)));
    await journal.conclude(outcome(answered.id, { outcome: "tool_error" }), answered);
    // The outcome may come in a batch of its own, after the three.
    const outcomeOf = async (id: string) => (await rows()).find((row) => row.id === id)?.outcome;
    await expect.poll(() => outcomeOf(answered.id)).toBe("tool_error");
    const byId = new Map((await rows()).map((row) => [row.id, row]));
    expect(byId.size).toBe(3);
    expect(byId.get(refused.id)).toMatchObject({ outcome: "none", message: "no" });
    expect(byId.get(trial.id)).toMatchObject({ outcome: "pending", wouldDeny: true });
  });

  it("is the same when it is shipped again", async () => {
    const { journal, record } = await open();
    const made = decision();
    await journal.append(made);
    await journal.conclude(outcome(made.id), made);
    await expect.poll(async () => (await rows())[0]?.outcome).toBe("answered");
    const before = await rows();
    await record.close();
    await journal.close();
    rmSync(join(dir, "shipped.json"));
    const again = await open();
    await again.journal.append(decision());
    await expect.poll(rowCount).toBe(2);
    expect(await rows()).toEqual(expect.arrayContaining(before));
  });

  it("tells of an earlier run's calls whose outcome nobody knows", async () => {
    const first = await open();
    const made = decision();
    await first.journal.append(made);
    await first.record.close();
    await first.journal.close();
    expect((await rows())[0]?.outcome).toBe("pending");
    await open();
    await expect.poll(async () => (await rows())[0]?.outcome).toBe("unknown");
  });

  it("loses nothing while Postgres is away, and calls do not wait for it", async () => {
    const way = await openWay();
    const { journal, record } = await open({ databaseUrl: way.url }, { segmentBytesMax: 20_000 });
    await journal.append(decision({ code: "denied" }));
    await expect.poll(rowCount).toBe(1);
    way.cut();
    for (let i = 0; i < 300; i++) {
      const began = performance.now();
      expect(await journal.append(decision({ code: "denied" }))).toBe(true);
      expect(performance.now() - began).toBeLessThan(500);
      await new Promise((done) => setTimeout(done, 5));
    }
    expect(record.figures().pending).toBe(300);
    expect(record.figures().lagMs).toBeGreaterThan(0);
    expect(await rowCount()).toBe(1);
    await way.mend();
    await expect.poll(rowCount, { timeout: 10_000 }).toBe(301);
    await expect.poll(() => record.figures().pending).toBe(0);
    journal.release("counters", journal.end);
    const segments = () => readdirSync(dir).filter((name) => name.endsWith(".jsonl")).length;
    await expect.poll(segments, { timeout: 5_000 }).toBe(1);
  });

  it("goes on at the next start when Postgres was away to the end", async () => {
    const way = await openWay();
    way.cut();
    const first = await open({ databaseUrl: way.url });
    await first.journal.append(decision({ code: "denied" }));
    const began = Date.now();
    await first.record.close(300);
    expect(Date.now() - began).toBeLessThan(2_000);
    await first.journal.close();
    const { record } = await open();
    expect(record.figures().pending).toBeGreaterThanOrEqual(1);
    await expect.poll(rowCount).toBe(1);
  });

  it("sets one impossible record aside and keeps all others", async () => {
    const { journal, record } = await open();
    const good = Array.from({ length: 20 }, () => decision({ code: "denied", tool: "a\0b\ud800" }));
    for (const [index, one] of good.entries()) {
      void journal.append(one);
      if (index === 7) void journal.append(decision({ organisationId: "no uuid" }));
    }
    await expect.poll(rowCount).toBe(20);
    await expect.poll(() => record.figures()).toMatchObject({ pending: 0, rejected: 1 });
    expect(readFileSync(join(dir, "rejected.jsonl"), "utf8")).toContain("no uuid");
    expect((await rows())[0]?.tool).toBe("a\ufffdb\ufffd");
  });

  it("loses no record that lacks what it must have: that one too is set aside", async () => {
    const { journal, record } = await open();
    const { code: _, ...rest } = decision({ tool: "without a code" });
    for (const one of [decision({ code: "denied" }), rest, decision({ code: "denied" })]) {
      void journal.append(one as DecisionRecord);
    }
    await expect.poll(() => record.figures()).toMatchObject({ pending: 0, rejected: 1 });
    expect(await rowCount()).toBe(2);
    expect(readFileSync(join(dir, "rejected.jsonl"), "utf8")).toContain("without a code");
  });

  it("passes over a torn line", async () => {
    const first = await open();
    await first.journal.append(decision({ code: "denied" }));
    await first.record.close();
    await first.journal.close();
    const [segment] = readdirSync(dir).filter((name) => name.endsWith(".jsonl"));
    appendFileSync(join(dir, segment ?? ""), '{"kind":"decision","id":"');
    const { journal } = await open();
    await journal.append(decision({ code: "denied" }));
    await expect.poll(rowCount).toBe(2);
  });
});

describe("a gateway that is killed again and again", () => {
  it("allows no call too many and loses no record", async () => {
    const max = 25;
    const windowMs = 1_500;
    const arrived = join(dir, "arrived.txt");
    const script = `
      import { appendFileSync } from "node:fs";
      import { openJournal } from "${resolve("gateway/journal.ts")}";
      import { openMemoryCounters } from "${resolve("gateway/counters/memory.ts")}";
      import { openRecord } from "${resolve("gateway/record.ts")}";
      import { startClock } from "${resolve("gateway/clock.ts")}";
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const journal = await openJournal({ dir: ${JSON.stringify(dir)}, log, segmentBytesMax: 30_000 });
      const { now } = startClock(journal.lastAt);
      const counters = await openMemoryCounters({ journal, log, now, snapshotMs: 40 });
      await openRecord({ journal, databaseUrl: ${JSON.stringify(database.url)}, log, flushMs: 20 });
      const template = ${JSON.stringify(decision())};
      console.log("ready");
      for (;;) {
        const at = now();
        const reserve = [{ key: "k", windowMs: ${windowMs}, max: ${max}, amount: 1, rule: "", sentence: "" }];
        const answer = await counters.reserve(reserve, at);
        const id = crypto.randomUUID();
        const code = answer.ok === true ? "allowed" : "rate_limited";
        const decision = { ...template, id, at, code, reserve: answer.ok === true ? reserve : [] };
        const kept = await journal.append(decision);
        if (kept && answer.ok === true) {
          appendFileSync(${JSON.stringify(arrived)}, id + " " + at + "\\n");
          void journal.conclude({ ...${JSON.stringify(outcome("x"))}, id, at: now() }, decision);
        }
        await new Promise((done) => setTimeout(done, 3));
      }
    `;
    for (let round = 0; round < 6; round++) {
      const child: ChildProcess = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await new Promise((ready) => child.stdout?.once("data", ready));
      await new Promise((done) => setTimeout(done, 150 + Math.random() * 700));
      const gone = new Promise((exited) => child.once("exit", exited));
      child.kill("SIGKILL");
      await gone;
    }
    expect(existsSync(arrived)).toBe(true);
    const calls = readFileSync(arrived, "utf8").trimEnd().split("\n");
    const times = calls.map((line) => Number(line.split(" ")[1])).sort((a, b) => a - b);
    const most = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + windowMs).length));
    expect(most).toBeLessThanOrEqual(max);
    expect(times.length).toBeGreaterThan(max);

    // One more start ships what the last one could not.
    await open();
    const shipped = async () => new Set((await client.query('SELECT id FROM "Call"')).rows.map((row) => row.id));
    await expect
      .poll(async () => {
        const ids = await shipped();
        return calls.filter((line) => !ids.has(line.split(" ")[0])).length;
      })
      .toBe(0);
    await expect
      .poll(async () => (await client.query(`SELECT count(*) FROM "Call" WHERE outcome = 'pending'`)).rows[0].count)
      .toBe("0");
  });
});
