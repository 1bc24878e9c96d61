// Two whole gateways that share a database, behind a balancer that knows nothing of HTTP: what a client says goes to whichever
// comes next, and one that is stopped takes no call with it.
import { once } from "node:events";
import { rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CountingServer, openCountingServer, recordedCalls, startCallers } from "../e2e/harness/calls.ts";
import { connectAuto, connectLegacy, textOf } from "../e2e/harness/clients.ts";
import { freshDatabase, type TestDatabase } from "../e2e/harness/database.ts";
import { type GrantRow, openHouse, type TestHouse } from "../e2e/harness/house.ts";
import { tmuxClaudePath } from "../e2e/harness/management.ts";
import { answersOk, type RunningGateway, startGateway } from "../e2e/harness/processes.ts";
import { openRecordingServer, type RecordingServer } from "../e2e/harness/recording-server.ts";

let database: TestDatabase;
let house: TestHouse;
let counting: CountingServer;
let recording: RecordingServer;
let balancer: Balancer;
let gateways: [RunningGateway, RunningGateway];
let counted: GrantRow;
let limited: GrantRow;
let overHttp: GrantRow;
let overStdio: GrantRow;

type Balancer = { url: string; server: Server; connections: number[] };

/** Each connection to the next one that is ready; to the one after it when it is refused, since nothing was sent to it. */
async function startBalancer(backends: RunningGateway[]): Promise<Balancer> {
  let next = 0;
  const ports = backends.map(({ url }) => Number(new URL(url).port));
  const connections = ports.map(() => 0);
  const ready = ports.map(() => true);
  const asking = setInterval(async () => {
    for (const [at, { adminUrl }] of backends.entries()) ready[at] = await answersOk(`${adminUrl}/readyz`);
  }, 250);
  const carry = (client: Socket, triesLeft: number) => {
    if (!ready[next % ports.length]) next += 1;
    const at = next++ % ports.length;
    const backend = connect({ port: ports[at] ?? 0, host: "127.0.0.1", allowHalfOpen: true });
    const refused = () => (triesLeft > 0 ? carry(client, triesLeft - 1) : client.destroy());
    backend.once("error", refused);
    backend.once("connect", () => {
      backend.off("error", refused);
      connections[at] = (connections[at] ?? 0) + 1;
      for (const [one, other] of [
        [client, backend],
        [backend, client],
      ] as const) {
        one.on("error", () => other.destroy());
        one.on("close", () => other.destroy());
      }
      client.pipe(backend).pipe(client);
    });
  };
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => carry(client, ports.length));
  server.on("close", () => clearInterval(asking));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, connections };
}

beforeAll(async () => {
  database = await freshDatabase();
  house = await openHouse(database.url);
  counting = await openCountingServer();
  recording = await openRecordingServer([{ name: "echo", inputSchema: { type: "object" } }]);
  const grantOf = async (serverId: string, policy: object = { version: "1", default: "allow" }) =>
    house.addGrant(serverId, await house.addPolicy(serverId, policy));
  const counts = await house.addServer({ url: counting.url, tools: { echo: "Read" } });
  counted = await grantOf(counts);
  const limits = [{ counter: "calls", max: 10, window: "hour", scope: "grant" }];
  limited = await grantOf(counts, { version: "1", default: "deny", tools: { echo: { limits } } });
  overHttp = await grantOf(await house.addServer({ url: recording.url, tools: { echo: "Read" } }));
  const args = ["--import", import.meta.resolve("tsx"), tmuxClaudePath, "--no-faults"];
  const tools = { list: "Read", spawn: "Write" };
  overStdio = await grantOf(await house.addServer({ command: process.execPath, args, tools }));
  const env = { COUNTERS_URL: "postgres", GATEWAY_DRAIN_MS: "20000" };
  gateways = await Promise.all([
    startGateway({ databaseUrl: database.url, env }),
    startGateway({ databaseUrl: database.url, env }),
  ]);
  balancer = await startBalancer(gateways);
}, 60_000);
afterAll(async () => {
  await Promise.all((gateways ?? []).map((gateway) => gateway.stop()));
  balancer?.server.close();
  counting?.close();
  recording?.close();
  await house?.close();
  await database?.drop();
  for (const { dataDir } of gateways ?? []) rmSync(dataDir, { recursive: true, force: true });
});

describe("two gateways behind a balancer that knows nothing of HTTP", () => {
  it.each([
    { name: "a session", connect: connectLegacy },
    { name: "no session", connect: connectAuto },
  ])("serve a client with $name, wherever each of its messages comes in", async ({ connect }) => {
    const [first = 0, second = 0] = balancer.connections;
    const clients = await Promise.all([1, 2, 3].map(() => connect(`${balancer.url}${overHttp.path}`, overHttp.token)));
    for (const client of clients) {
      expect(await client.listTools()).toEqual(["echo"]);
      const answers = await Promise.all(Array.from({ length: 6 }, () => client.call("echo", { text: "x" })));
      expect(answers.map(textOf)).toEqual(Array.from({ length: 6 }, () => "done"));
    }
    for (const client of clients) await client.close();
    expect(balancer.connections[0]).toBeGreaterThan(first);
    expect(balancer.connections[1]).toBeGreaterThan(second);
  });

  it("serve a session with a command, wherever each of its messages comes in", async () => {
    const client = await connectLegacy(`${balancer.url}${overStdio.path}`, overStdio.token);
    const answers = await Promise.all(Array.from({ length: 6 }, () => client.call("list")));
    expect(new Set(answers.map(textOf)).size).toBe(1);
    expect(answers.some(({ isError }) => isError)).toBe(false);
    await client.close();
  });

  it("count a limit together", async () => {
    const callers = startCallers({ url: balancer.url, grant: limited, kept: 4, fresh: 4 });
    await expect.poll(() => callers.failed.length, { timeout: 20_000 }).toBeGreaterThan(20);
    await callers.stop();
    expect(callers.answered).toHaveLength(10);
    expect(callers.failed.filter((why) => !why.includes('"rate_limited"'))).toEqual([]);
  });

  it("lose no call when one of them is stopped: what it has under way ends, and the rest goes to the other", async () => {
    const slow = { callers: 4, ms: 2_000 };
    const callers = startCallers({ url: balancer.url, grant: counted, kept: 16, fresh: 2, slow });
    await sleep(1_500);
    const [leaving, staying] = gateways;
    const gone = once(leaving.process, "exit");
    const from = performance.now();
    leaving.process.kill("SIGTERM");
    expect(await gone).toEqual([0, null]);
    // As soon as its calls have ended, and idle connections are closed: not when its time is up.
    expect(performance.now() - from).toBeLessThan(18_000);
    const atStop = callers.answered.length;
    await sleep(1_500);
    await callers.stop();
    expect(callers.failed).toEqual([]);
    expect(callers.answered.length).toBeGreaterThan(atStop + 50);
    expect(staying.output()).not.toContain("a request failed");
    await expect
      .poll(
        async () => {
          const recorded = await recordedCalls(house.client);
          return callers.answered.filter((trace) => recorded.get(trace)?.join() !== "answered").length;
        },
        { timeout: 15_000 },
      )
      .toBe(0);
    expect(callers.answered.filter((trace) => counting.arrived.get(trace) !== 1)).toEqual([]);
  }, 60_000);
});
