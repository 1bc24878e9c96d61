// A server of the transport of 2024-11-05 behind a real gateway, with real clients that speak Streamable HTTP only.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { CreateMessageRequestSchema, LoggingMessageNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clients, textOf } from "../e2e/harness/clients.ts";
import { freshDatabase, type TestDatabase } from "../e2e/harness/database.ts";
import { type GrantRow, openHouse, type TestHouse } from "../e2e/harness/house.ts";
import { enforced } from "../e2e/harness/live.ts";
import { type RunningGateway, startGateway } from "../e2e/harness/processes.ts";
import { freePort } from "../prisma/free-port.ts";
import { createInspector } from "./inspect.ts";

let database: TestDatabase;
let house: TestHouse;
let gateway: RunningGateway;
let url: string;
let grant: GrantRow;
const closing: (() => unknown)[] = [];

async function startOldSse(...options: string[]): Promise<string> {
  const child = spawn(process.execPath, ["--import", "tsx", "e2e/servers/old-sse.ts", ...options], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  closing.push(() => child.kill("SIGKILL"));
  return new Promise((resolve) => child.stdout.once("data", (chunk) => resolve(String(chunk).trim())));
}

const counted = async () =>
  (await (await fetch(url.replace(/sse$/, "count"))).json()) as { calls: number; streams: number; open: number };
const urlOf = ({ path }: GrantRow) => `${gateway.url}${path}`;
const inspect = (target: string) =>
  createInspector(
    { hosted: false, allowStdio: false, allowPrivateUpstreams: true, dataDir: mkdtempSync(join(tmpdir(), "old-sse-")) },
    { debug() {}, info() {}, warn() {}, error() {} },
  )({ transport: "http", url: target });

async function connect(capabilities = {}): Promise<Client> {
  const client = new Client({ name: "sdk", version: "1" }, { capabilities });
  const requestInit = { headers: { authorization: `Bearer ${grant.token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(urlOf(grant)), { requestInit }));
  closing.push(() => client.close());
  return client;
}

beforeAll(async () => {
  database = await freshDatabase();
  house = await openHouse(database.url);
  gateway = await startGateway({ databaseUrl: database.url });
  url = await startOldSse();
  const serverId = await house.addServer({
    url,
    tools: { echo: "Read", slow: "Read", announce: "Write", ask_back: "Write" },
  });
  await house.change("server", serverId, { era: "sse" });
  const policyId = await house.addPolicy(serverId, {
    version: "1",
    default: "allow",
    tools: { slow: { action: "deny" } },
  });
  grant = await house.addGrant(serverId, policyId);
  await enforced(house);
}, 60_000);

afterAll(async () => {
  for (const close of closing.splice(0)) await close();
  await gateway?.stop();
  if (gateway) rmSync(gateway.dataDir, { recursive: true, force: true });
  await house?.close();
  await database?.drop();
});

describe("a server of the old HTTP+SSE transport", () => {
  it("is recognised when it is registered, with its tools", async () => {
    const answer = await inspect(url);
    expect(answer).toMatchObject({ ok: true, era: "sse", protocolVersion: "2024-11-05" });
    expect(answer.ok && answer.tools.map(({ name }) => name)).toEqual(["echo", "slow", "announce", "ask_back"]);
  });

  it("is not reached when it wants messages sent to another origin", async () => {
    const hostile = await startOldSse("--endpoint=http://169.254.169.254/messages");
    expect(await inspect(hostile)).toMatchObject({ ok: false, code: "upstream_address_refused" });
  });

  it.each(clients)("answers $name as if it spoke Streamable HTTP, under the policy", async ({ connect }) => {
    const client = await connect(urlOf(grant), grant.token);
    expect(await client.listTools()).toContain("echo");
    const before = await counted();
    expect(textOf(await client.call("echo", { text: "ä 😀" }))).toBe("ä 😀");
    expect(textOf(await client.call("slow", { ms: 1 }))).toContain("[POLICY DENIED]");
    expect(await counted()).toMatchObject({ calls: before.calls + 1 });
    await client.close();
  });

  it("gives each session a stream of its own, and ends it with the session", async () => {
    const before = await counted();
    const [one, two] = [await connect(), await connect()];
    expect(await counted()).toMatchObject({ open: before.open + 2 });
    await (one.transport as StreamableHTTPClientTransport).terminateSession();
    await expect.poll(counted).toMatchObject({ open: before.open + 1 });
    await (two.transport as StreamableHTTPClientTransport).terminateSession();
  });

  it("asks its client back and hears the answer, and what it says by itself arrives", async () => {
    const client = await connect({ sampling: {} });
    const heard: unknown[] = [];
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void heard.push(params.data));
    client.setRequestHandler(CreateMessageRequestSchema, () => ({
      model: "m",
      role: "assistant",
      content: { type: "text", text: "a client" },
    }));
    const answer = await client.callTool({ name: "ask_back", arguments: {} });
    expect(JSON.stringify(answer.content)).toContain("a client");
    await client.callTool({ name: "announce", arguments: {} });
    await expect.poll(() => heard).toContain("announced");
  });

  it("goes on with a session after its stream was cut", async () => {
    const client = await connect();
    await fetch(url.replace(/sse$/, "cut"), { method: "POST" });
    const again = () => client.callTool({ name: "echo", arguments: { text: "still here" } });
    // A server that ends streams is not asked again at once.
    await expect
      .poll(async () => JSON.stringify((await again()).content), { timeout: 5_000, interval: 100 })
      .toContain("still here");
  });

  it("goes on with a session after the gateway was restarted", async () => {
    const port = await freePort();
    const adminPort = await freePort();
    const first = gateway;
    gateway = await startGateway({ databaseUrl: database.url, port, adminPort });
    await enforced(house);
    const client = await connect();
    expect(JSON.stringify(await client.callTool({ name: "echo", arguments: { text: "one" } }))).toContain("one");
    await gateway.stop();
    gateway = await startGateway({ databaseUrl: database.url, port, adminPort, dataDir: gateway.dataDir });
    expect(JSON.stringify(await client.callTool({ name: "echo", arguments: { text: "two" } }))).toContain("two");
    await first.stop();
  }, 60_000);
});
