// Several gateway processes on one port, taken away and put back under load. What happens to them must not show in any call.
import { readdirSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type CountingServer, openCountingServer, recordedCalls, startCallers } from "../e2e/harness/calls.ts";
import { connectLegacy, textOf } from "../e2e/harness/clients.ts";
import { freshDatabase, type TestDatabase } from "../e2e/harness/database.ts";
import { type GrantRow, openHouse, type TestHouse } from "../e2e/harness/house.ts";
import { tmuxClaudePath } from "../e2e/harness/management.ts";
import { answersOk, type RunningGateway, startGateway } from "../e2e/harness/processes.ts";
import { freePort } from "../prisma/free-port.ts";
import { isAlive } from "../prisma/processes.ts";

let database: TestDatabase;
let house: TestHouse;
let upstream: CountingServer;
let serverId: string;
let grant: GrantRow;
const running: RunningGateway[] = [];
const dirs = new Set<string>();

beforeAll(async () => {
  database = await freshDatabase();
  house = await openHouse(database.url);
  upstream = await openCountingServer();
  serverId = await house.addServer({ url: upstream.url, tools: { echo: "Read", pay: "Financial" } });
  grant = await house.addGrant(serverId, await house.addPolicy(serverId, { version: "1", default: "allow" }));
});
afterEach(async () => {
  for (const gateway of running.splice(0)) await gateway.stop();
  await house.client.query('TRUNCATE "Call"');
  upstream.arrived.clear();
});
afterAll(async () => {
  upstream?.close();
  await house?.close();
  await database?.drop();
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

type Workers = RunningGateway & { adminUrls: string[] };

async function startWorkers(count: number, options: { dataDir?: string; env?: Record<string, string> } = {}) {
  const { dataDir, env } = options;
  const adminPort = await freePort(count);
  const gateway = await startGateway({
    databaseUrl: database.url,
    adminPort,
    ...(dataDir && { dataDir }),
    env: { GATEWAY_WORKERS: String(count), ...env },
  });
  running.push(gateway);
  dirs.add(gateway.dataDir);
  const adminUrls = Array.from({ length: count }, (_, n) => `http://127.0.0.1:${adminPort + n}`);
  const workers: Workers = { ...gateway, adminUrls };
  await expect.poll(() => allReady(workers), { timeout: 30_000 }).toBe(true);
  // They say so in the log at the same time, which may come a little later to us.
  await expect.poll(() => pidsOf(workers).size, { timeout: 5_000 }).toBe(count);
  return workers;
}

async function allReady({ adminUrls }: Workers): Promise<boolean> {
  return (await Promise.all(adminUrls.map((url) => answersOk(`${url}/readyz`)))).every(Boolean);
}

/** The process of each worker, by the last line in which it said that it listens. */
function pidsOf({ output }: RunningGateway): Map<number, number> {
  const lines = output().matchAll(/"pid":(\d+)[^\n]*"worker":(\d+),"msg":"the gateway listens"/g);
  return new Map([...lines].map(([, pid, worker]) => [Number(worker), Number(pid)]));
}

const times = (output: string, text: string) => output.split(text).length - 1;

/**
 * Every answered call is on record once, and nothing is there, or arrived, twice.
 *
 * @param outcomes What may be on record of an answered call. `unknown` when a gateway was killed between the answer and its record.
 */
async function expectOnRecord(answered: string[], outcomes: string[] = ["answered"]): Promise<void> {
  await expect
    .poll(
      async () => {
        const recorded = await recordedCalls(house.client);
        return answered.filter((trace) => !outcomes.includes(recorded.get(trace)?.join() ?? "")).length;
      },
      { timeout: 15_000 },
    )
    .toBe(0);
  const recorded = await recordedCalls(house.client);
  expect([...recorded.values()].filter((outcomes) => outcomes.length !== 1)).toEqual([]);
  expect([...upstream.arrived.values()].filter((often) => often !== 1)).toEqual([]);
  expect(answered.filter((trace) => !upstream.arrived.has(trace))).toEqual([]);
}

describe("workers", () => {
  it("are replaced one after the other without a call that fails or is not on record", async () => {
    const gateway = await startWorkers(3);
    const before = pidsOf(gateway);
    expect(before.size).toBe(3);
    const slow = { callers: 4, ms: 1_500 };
    const callers = startCallers({ url: gateway.url, grant, kept: 16, fresh: 2, slow });
    await sleep(1_000);
    gateway.process.kill("SIGHUP");
    // Asked again meanwhile: the first that were replaced may be old again.
    await expect.poll(() => pidsOf(gateway).get(1) !== before.get(1), { timeout: 30_000 }).toBe(true);
    gateway.process.kill("SIGHUP");
    await expect.poll(() => times(gateway.output(), '"the workers are replaced"'), { timeout: 120_000 }).toBe(2);
    const after = pidsOf(gateway);
    await sleep(500);
    await callers.stop();
    expect(callers.failed).toEqual([]);
    expect(callers.refused).toBe(0);
    expect(callers.answered.length).toBeGreaterThan(500);
    expect([...after.keys()].sort()).toEqual([1, 2, 3]);
    for (const [worker, pid] of before) {
      expect(after.get(worker)).not.toBe(pid);
      expect(isAlive(pid)).toBe(false);
    }
    await expectOnRecord(callers.answered);
  }, 180_000);

  it("keep a session with a command while each of them is replaced, whichever a message comes to", async () => {
    const args = ["--import", import.meta.resolve("tsx"), tmuxClaudePath, "--no-faults"];
    const commands = await house.addServer({ command: process.execPath, args, tools: { list: "Read" } });
    const stdio = await house.addGrant(commands, await house.addPolicy(commands, { version: "1", default: "allow" }));
    const gateway = await startWorkers(2);
    const clients = await Promise.all([1, 2, 3].map(() => connectLegacy(`${gateway.url}${stdio.path}`, stdio.token)));
    let isOver = false;
    let count = 0;
    const calling = clients.map(async (client) => {
      while (!isOver) {
        const answer = await client.call("list");
        expect([answer.isError ?? false, textOf(answer)]).toEqual([false, "list done"]);
        count += 1;
        await sleep(50);
      }
    });
    const all = Promise.all(calling);
    all.catch(() => {}); // heard of below
    await sleep(500);
    gateway.process.kill("SIGHUP");
    await expect.poll(() => times(gateway.output(), '"the workers are replaced"'), { timeout: 60_000 }).toBe(1);
    await sleep(500);
    isOver = true;
    await all;
    expect(count).toBeGreaterThan(10);
    for (const client of clients) await client.close();
  }, 120_000);

  it("that are killed are started again, and what they answered is on record", async () => {
    const gateway = await startWorkers(2);
    const callers = startCallers({ url: gateway.url, grant, kept: 8 });
    await sleep(500);
    const killed = pidsOf(gateway).get(2) ?? 0;
    process.kill(killed, "SIGKILL");
    await expect.poll(() => pidsOf(gateway).get(2) !== killed, { timeout: 30_000 }).toBe(true);
    await sleep(300);
    await callers.stop();
    // Those that were under way in it, one of each of its callers at most, and no other.
    expect(callers.failed.length).toBeLessThanOrEqual(8);
    expect(callers.failed.filter((why) => !/ECONNRESET|socket hang up|broken off/.test(why))).toEqual([]);
    await expectOnRecord(callers.answered, ["answered", "unknown"]);
    const recorded = await recordedCalls(house.client);
    expect([...recorded.values()].filter(([outcome]) => outcome === "pending")).toEqual([]);
    expect([...recorded.values()].filter(([outcome]) => outcome === "unknown").length).toBeLessThanOrEqual(16);
  }, 60_000);

  it.each([
    { left: 2, journals: ["journal-2"] },
    { left: 1, journals: [] },
  ])(
    "that are not there any more leave nothing behind: of $left, the first ships their journals",
    async (now) => {
      const three = await startWorkers(3);
      const callers = startCallers({ url: three.url, grant, kept: 6, fresh: 2 });
      await sleep(1_000);
      // No time to ship anything: what was answered is in the journals only.
      await house.client.query('BEGIN; LOCK TABLE "Call" IN EXCLUSIVE MODE');
      await sleep(500);
      const pids = [...pidsOf(three).values()];
      await three.kill9();
      await expect.poll(() => pids.some(isAlive), { timeout: 15_000 }).toBe(false);
      await callers.stop();
      await house.client.query("COMMIT");
      const before = await recordedCalls(house.client);
      expect(callers.answered.filter((trace) => !before.has(trace)).length).toBeGreaterThan(0);
      expect(readdirSync(three.dataDir)).toContain("journal-3");

      const fewer = await startWorkers(now.left, { dataDir: three.dataDir });
      await expectOnRecord(callers.answered, ["answered", "unknown"]);
      const journals = () => readdirSync(fewer.dataDir).filter((name) => /^journal-/.test(name));
      await expect.poll(journals).toEqual(now.journals);
      expect(readdirSync(fewer.dataDir)).toContain("journal");
      const recorded = await recordedCalls(house.client);
      expect([...recorded.values()].filter(([outcome]) => outcome === "pending")).toEqual([]);
    },
    90_000,
  );
});
