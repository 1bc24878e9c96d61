// Sessions over the life of gateways and servers: a real gateway, Postgres, servers and client, each restarted under the others.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectLegacy, textOf } from "../e2e/harness/clients.ts";
import { freshDatabase, type TestDatabase } from "../e2e/harness/database.ts";
import { type GrantRow, openHouse, type TestHouse } from "../e2e/harness/house.ts";
import { enforced } from "../e2e/harness/live.ts";
import { tmuxClaudePath } from "../e2e/harness/management.ts";
import { type RunningGateway, startGateway } from "../e2e/harness/processes.ts";
import { freePort } from "../prisma/free-port.ts";

let database: TestDatabase;
let house: TestHouse;
let gateway: RunningGateway;
let ports: { port: number; adminPort: number };
let overHttp: GrantRow;
let neighbour: GrantRow;
let overStdio: GrantRow;
let echo: ChildProcess;
let echoPort: number;
const dirs: string[] = [];

async function startEcho(): Promise<void> {
  echo = spawn(process.execPath, ["--import", "tsx", "e2e/servers/echo-http.ts", `--port=${echoPort}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((heard) => echo.stdout?.once("data", heard));
}

const restart = async () => {
  await gateway.stop();
  gateway = await startGateway({ databaseUrl: database.url, ...ports, dataDir: gateway.dataDir });
};
const urlOf = ({ path }: GrantRow) => `${gateway.url}${path}`;

beforeAll(async () => {
  database = await freshDatabase();
  house = await openHouse(database.url);
  ports = { port: await freePort(), adminPort: await freePort() };
  gateway = await startGateway({ databaseUrl: database.url, ...ports });
  echoPort = await freePort();
  await startEcho();
  const policy = { version: "1", default: "allow" };
  const http = await house.addServer({
    url: `http://127.0.0.1:${echoPort}/mcp`,
    tools: { echo: "Read", fail: "Read", slow: "Write", big: "Read" },
  });
  overHttp = await house.addGrant(http, await house.addPolicy(http, policy));
  neighbour = await house.addGrant(http, await house.addPolicy(http, policy));
  const stdio = await house.addServer({
    command: process.execPath,
    args: ["--import", import.meta.resolve("tsx"), tmuxClaudePath, "--no-faults"],
    tools: { list: "Read", spawn: "Write" },
  });
  overStdio = await house.addGrant(stdio, await house.addPolicy(stdio, policy));
  await enforced(house);
}, 60_000);

afterAll(async () => {
  await gateway?.stop();
  echo?.kill("SIGKILL");
  await house?.close();
  await database?.drop();
  if (gateway) dirs.push(gateway.dataDir);
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

type Sent = { url: string; grant: GrantRow; method?: string; headers?: Record<string, string>; body?: object };

async function send({ url, grant, method = "POST", headers = {}, body }: Sent) {
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${grant.token}`,
      accept: "application/json, text/event-stream",
      ...(body && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const shown = [...response.headers].filter(([name]) => name !== "date").sort();
  return {
    status: response.status,
    headers: shown,
    id: response.headers.get("mcp-session-id"),
    text: await response.text(),
  };
}

const echoes = (text: string) => ({
  jsonrpc: "2.0",
  id: 2,
  method: "tools/call",
  params: { name: "echo", arguments: { text } },
});

async function openSession(grant: GrantRow, protocolVersion = "2025-11-25"): Promise<string> {
  const params = { protocolVersion, capabilities: {}, clientInfo: { name: "raw", version: "1" } };
  const body = { jsonrpc: "2.0", id: 1, method: "initialize", params };
  const { id } = await send({ url: urlOf(grant), grant, body });
  if (id === null) throw new Error("no session");
  await send({
    url: urlOf(grant),
    grant,
    headers: { "mcp-session-id": id },
    body: { jsonrpc: "2.0", method: "notifications/initialized" },
  });
  return id;
}

describe("a session", () => {
  it.each(["2025-03-26", "2025-06-18", "2025-11-25"])("keeps the version it agreed on: %s", async (version) => {
    for (const [grant, call] of [
      [overHttp, { ...echoes("here") }],
      [overStdio, { ...echoes(""), params: { name: "list", arguments: {} } }],
    ] as const) {
      const session = { "mcp-session-id": await openSession(grant, version) };
      const ask = (headers: object) =>
        send({ url: urlOf(grant), grant, headers: { ...session, ...headers }, body: call });
      expect((await ask({ "mcp-protocol-version": version })).text).toContain('"result"');
      const other = version === "2025-06-18" ? "2025-11-25" : "2025-06-18";
      expect((await ask({ "mcp-protocol-version": other })).status).toBe(400);
      // Without the header the version that was agreed on stands (2025-06-18, transports, protocol version header).
      expect((await ask({})).status).toBe(200);
    }
  });

  it("goes on when the gateway is restarted in the middle of it", async () => {
    const http = await connectLegacy(urlOf(overHttp), overHttp.token);
    const stdio = await connectLegacy(urlOf(overStdio), overStdio.token);
    expect(textOf(await http.call("echo", { text: "one" }))).toBe("one");
    const images = textOf(await stdio.call("list"));
    await restart();
    expect(textOf(await http.call("echo", { text: "two" }))).toBe("two");
    expect(textOf(await stdio.call("list"))).toBe(images);
    await http.close();
    await stdio.close();
  }, 60_000);

  it("goes on at another gateway", async () => {
    const id = await openSession(overHttp);
    const dataDir = mkdtempSync(join(tmpdir(), "sessions-"));
    dirs.push(dataDir);
    const other = await startGateway({ databaseUrl: database.url, dataDir });
    const url = `${other.url}${overHttp.path}`;
    const answer = await send({ url, grant: overHttp, headers: { "mcp-session-id": id }, body: echoes("there") });
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.text).toContain("there");
    await other.stop();
  }, 60_000);

  it("goes on when its server was restarted and has forgotten it", async () => {
    const client = await connectLegacy(urlOf(overHttp), overHttp.token);
    expect(textOf(await client.call("echo", { text: "one" }))).toBe("one");
    echo.kill("SIGKILL");
    await once(echo, "close");
    await startEcho();
    expect(textOf(await client.call("echo", { text: "two" }))).toBe("two");
    echo.kill("SIGKILL");
    await once(echo, "close");
    await startEcho();
    // It writes: only the agent can know whether it may be made in a session that remembers nothing.
    const told = await client.call("slow", { ms: 1 });
    expect(told).toMatchObject({ isError: true });
    expect(textOf(told)).toContain("not made");
    expect(textOf(await client.call("slow", { ms: 1 }))).toBe("waited 1 ms");
    await client.close();
  }, 60_000);

  it("says the same of ids that are foreign, forged, cut, altered or of another server", async () => {
    const id = await openSession(overHttp);
    const altered = `${id.slice(0, -2)}${id.endsWith("A") ? "B" : "A"}${id.at(-1)}`;
    const foreign = [await openSession(neighbour), await openSession(overStdio)];
    for (const [method, body] of [
      ["POST", echoes("x")],
      ["GET", undefined],
      ["DELETE", undefined],
    ] as const) {
      const answers = [];
      for (const wrong of [...foreign, altered, id.slice(0, 40), "made-up", `${id}x`]) {
        const headers = { "mcp-session-id": wrong };
        answers.push(await send({ url: urlOf(overHttp), grant: overHttp, method, headers, ...(body && { body }) }));
      }
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(answers[0]).toMatchObject({ status: 404 });
    }
    const still = await send({
      url: urlOf(overHttp),
      grant: overHttp,
      headers: { "mcp-session-id": id },
      body: echoes("mine"),
    });
    expect(still.text).toContain("mine");
  });
});
