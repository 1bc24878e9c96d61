// What the gateway does when Postgres cannot be heard: goes on for the length of the lease, then refuses, then goes on again.
import { createServer } from "node:http";
import net, { type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../e2e/harness/database.ts";
import { type GrantRow, openHouse, type TestHouse } from "../e2e/harness/house.ts";
import { type RunningGateway, startGateway } from "../e2e/harness/processes.ts";

let database: TestDatabase;
let house: TestHouse;
let gateway: RunningGateway;
let grant: GrantRow;
let policyId: string;
let arrived = 0;

/** Between the gateway and Postgres: `cut` ends connections and takes no new ones, `mute` keeps them and passes nothing. */
let wire: "open" | "mute" | "cut" = "open";
const sockets = new Set<net.Socket>();
const between = net.createServer((inner) => {
  if (wire === "cut") return inner.destroy();
  const { hostname, port } = new URL(database.url);
  const outer = net.connect(Number(port), hostname);
  for (const [from, to] of [
    [inner, outer],
    [outer, inner],
  ] as const) {
    sockets.add(from);
    from.on("data", (chunk) => wire === "open" && to.write(chunk));
    from.on("error", () => {});
    from.on("close", () => {
      to.destroy();
      sockets.delete(from);
    });
  }
});

function setWire(to: typeof wire): void {
  wire = to;
  if (to !== "mute") for (const socket of sockets) socket.destroy();
}

const upstream = createServer((request, response) => {
  request.resume();
  arrived += 1;
  response.writeHead(200, { "content-type": "application/json" });
  response.end('{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"done"}]}}');
});

beforeAll(async () => {
  database = await freshDatabase();
  house = await openHouse(database.url);
  await new Promise<void>((ready) => between.listen(0, "127.0.0.1", ready));
  await new Promise<void>((ready) => upstream.listen(0, "127.0.0.1", ready));
  const url = new URL(database.url);
  url.port = String((between.address() as AddressInfo).port);
  gateway = await startGateway({ databaseUrl: url.href });
  const serverId = await house.addServer({
    url: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/`,
    tools: { echo: "Read" },
  });
  policyId = await house.addPolicy(serverId, { version: "1", default: "allow" });
  grant = await house.addGrant(serverId, policyId);
  await until(async () => (await call()).status === 200, 5_000);
});

afterAll(async () => {
  setWire("open");
  await gateway?.stop();
  between.close();
  upstream.close();
  await house?.close();
  await database?.drop();
});

async function call(): Promise<{ status: number; text: string }> {
  const response = await fetch(`${gateway.url}${grant.path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${grant.token}`, "content-type": "application/json" },
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}}',
  });
  return { status: response.status, text: await response.text() };
}

async function until(holds: () => Promise<boolean>, timeoutMs: number): Promise<number> {
  const from = performance.now();
  while (!(await holds())) {
    if (performance.now() - from > timeoutMs) throw new Error("waited in vain");
    await sleep(50);
  }
  return performance.now() - from;
}

describe.each(["cut", "mute"] as const)("with the way to Postgres %s", (how) => {
  it("calls go on for the lease and no longer, and none is decided by old rules after it", async () => {
    await until(async () => (await call()).text.includes("done"), 15_000);
    setWire(how);
    const lostAt = performance.now();
    // Published where the gateway cannot hear it.
    await house.publish(policyId, { version: "1", default: "deny" });
    const stale = await until(async () => (await call()).status === 503, 15_000);
    expect(stale).toBeGreaterThan(5_000);
    expect(performance.now() - lostAt).toBeLessThan(10_500);
    const before = arrived;
    const refused = await call();
    expect(JSON.parse(refused.text)).toMatchObject({ id: 1, error: { data: { code: "policy_unavailable" } } });
    expect((await fetch(`${gateway.adminUrl}/readyz`)).status).toBe(503);
    setWire("open");
    const back = await until(async () => (await call()).status === 200, 15_000);
    expect(back).toBeLessThan(7_000);
    expect((await call()).text).toContain('"code":"default_deny"');
    expect(arrived).toBe(before);
    await house.publish(policyId, { version: "1", default: "allow" });
  });
});

describe("the record in Postgres", () => {
  it("has every call, the refused ones of the outage included", async () => {
    await until(async () => {
      const { rows } = await house.client.query('SELECT DISTINCT "code", "outcome" FROM "Call" ORDER BY 1, 2');
      const pairs = rows.map(({ code, outcome }) => `${code} ${outcome}`);
      return pairs.join() === "allowed answered,default_deny none,policy_unavailable none";
    }, 10_000);
    // The pairs are complete before the last calls are there.
    const made = async () =>
      (await house.client.query(`SELECT count(*)::int AS "made" FROM "Call" WHERE "code" = 'allowed'`)).rows[0].made;
    await expect.poll(made).toBe(arrived);
  });
});
