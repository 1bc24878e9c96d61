// Two gateways, a thousand calls that wait for a person, and one of the gateways killed in the middle: each is decided once, and
// the server sees none of them twice.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decideApproval } from "../e2e/harness/approvals.ts";
import { freshDatabase, type TestDatabase } from "../e2e/harness/database.ts";
import { type GrantRow, openHouse, type TestHouse } from "../e2e/harness/house.ts";
import { type RunningGateway, startGateway } from "../e2e/harness/processes.ts";
import { openRecordingServer, type RecordingServer } from "../e2e/harness/recording-server.ts";

let database: TestDatabase;
let house: TestHouse;
let gateways: RunningGateway[] = [];
let upstream: RecordingServer;
let grants: GrantRow[] = [];

beforeAll(async () => {
  upstream = await openRecordingServer([]);
  database = await freshDatabase();
  house = await openHouse(database.url);
  const serverId = await house.addServer({ url: upstream.url, tools: { pay: "Financial" } });
  const tools = { pay: { action: "require_approval" } };
  const policyId = await house.addPolicy(serverId, { version: "1", default: "deny", tools });
  for (let nth = 0; nth < 4; nth += 1) grants.push(await house.addGrant(serverId, policyId));
  const start = () => startGateway({ databaseUrl: database.url });
  gateways = await Promise.all([start(), start()]);
});
afterAll(async () => {
  for (const gateway of gateways) await gateway.stop();
  upstream?.close();
  await house?.close();
  await database?.drop();
  grants = [];
});

/** @returns What came of it; null when the connection broke. */
async function pay(at: RunningGateway, nth: number, isHeld: boolean): Promise<string | null> {
  const grant = grants[nth % grants.length] as GrantRow;
  const meta = isHeld ? { _meta: { progressToken: nth } } : {};
  const params = { name: "pay", arguments: { nth }, ...meta };
  try {
    const response = await fetch(`${at.url}${grant.path}`, {
      method: "POST",
      headers: {
        ...{ authorization: `Bearer ${grant.token}`, "content-type": "application/json" },
        accept: "application/json, text/event-stream",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: nth, method: "tools/call", params }),
    });
    const text = await response.text();
    return /"code":"(\w+)"/.exec(text)?.[1] ?? (text.includes('"text":"done"') ? "done" : null);
  } catch {
    return null;
  }
}

/** On a machine that is busy with other things Postgres may not answer in time: then nothing was asked, and one asks again. */
async function insist(at: RunningGateway, nth: number, isHeld: boolean): Promise<string | null> {
  for (;;) {
    const came = await pay(at, nth, isHeld);
    if (came !== "approval_unavailable") return came;
  }
}

const count = async (status: string) =>
  Number((await house.client.query('SELECT count(*) FROM "Approval" WHERE "status" = $1', [status])).rows[0].count);

describe("a thousand calls that wait for a person at two gateways", () => {
  it("are each decided once and executed once at most, also when one gateway is killed", async () => {
    const calls = 1_000;
    const [one, two] = gateways as [RunningGateway, RunningGateway];
    const nths = Array.from({ length: calls }, (_, nth) => nth);
    const first = nths.map((nth) => insist(nth % 2 === 0 ? one : two, nth, true));
    const began = Date.now();
    await expect.poll(() => count("pending"), { timeout: 150_000, interval: 250 }).toBe(calls);
    const parkedMs = Date.now() - began;
    expect(upstream.calls).toEqual([]);

    // Two people decide all of them at the same time; of each call one of them is too late.
    const { rows } = await house.client.query<{ id: string }>('SELECT "id" FROM "Approval" ORDER BY "id"');
    const other = await openHouse(database.url);
    let decisions = 0;
    const decideAll = async (by: TestHouse) => {
      for (const { id } of rows) if (await decideApproval(by.client, id, { approve: true })) decisions += 1;
    };
    const deciding = Promise.all([decideAll(house), decideAll(other)]);
    await sleep(300);
    await two.kill9();
    await deciding;
    await other.close();
    expect(decisions).toBe(calls);
    const heard = await Promise.all(first);
    // Who was at the gateway that lives has its result on the request that it waited on, or on a slow machine had waited too long.
    const atOne = heard.filter((_, nth) => nth % 2 === 0);
    expect(atOne.filter((came) => came !== "done" && came !== "approval_required")).toEqual([]);
    const isInTime = parkedMs < 35_000;
    if (isInTime) expect(atOne).toContain("done");

    // Whose connection broke makes the same call again, at the other gateway, and more than once.
    const broken = nths.filter((nth) => heard[nth] !== "done");
    if (isInTime) expect(heard).toContain(null);
    const retried = await Promise.all([...broken, ...broken].map((nth) => insist(one, nth, false)));
    const timesOf = new Map<number, number>();
    for (const call of upstream.calls) {
      const { nth } = call.arguments as { nth: number };
      timesOf.set(nth, (timesOf.get(nth) ?? 0) + 1);
    }
    expect([...timesOf.values()].filter((times) => times > 1)).toEqual([]);
    // Of a call that the killed gateway had begun nobody knows more than that; its approval is used all the same.
    const went = retried.filter((came) => came === "done").length;
    expect(went).toBeLessThanOrEqual(broken.length);
    expect(timesOf.size).toBeLessThanOrEqual(calls);
    expect(await count("used")).toBe(calls);
    expect(await count("approved")).toBe(0);
    console.log(
      `${calls} calls wait after ${parkedMs} ms, ${decisions} decisions; ${calls - broken.length} results on the waiting request, ${broken.length} broken off, ${went} of those went on a second try; the server saw ${timesOf.size} calls, none twice`,
    );
  }, 400_000);
});
