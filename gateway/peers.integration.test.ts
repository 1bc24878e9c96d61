// Two gateways that know nothing of each other but the database: a client may say each sentence of a conversation to another of
// them, and notices nothing of it.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../e2e/harness/database.ts";
import { type GrantRow, openHouse, type TestHouse } from "../e2e/harness/house.ts";
import { type RunningGateway, startGateway, testSecretKey } from "../e2e/harness/processes.ts";
import { startValkey } from "../e2e/harness/valkey.ts";
import { freePort } from "../prisma/free-port.ts";
import { internalToken, readSecretKeys } from "../prisma/secrets.ts";

let database: TestDatabase;
let house: TestHouse;
let a: RunningGateway;
let b: RunningGateway;
let unruly: GrantRow;
let obedient: GrantRow;
let asking: GrantRow;
const scratch = mkdtempSync(join(tmpdir(), "peers-"));
const token = internalToken(readSecretKeys(testSecretKey));

/** Asks back during the call `ask`, begins a task in the call `begin`, and knows what becomes of it. */
const heard: Record<string, unknown>[] = [];
let answerAsked: ((text: string) => void) | null = null;
const upstream = createServer((request, response) => {
  void receive(request, response).catch(() => response.destroy());
});

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (request.method !== "POST") return void response.writeHead(405).end();
  const message = JSON.parse(`${Buffer.concat(chunks)}`) as Record<string, unknown> & { params?: { name?: string } };
  const say = (result: object) => {
    response.writeHead(200, {
      "content-type": "application/json",
      ...(message.method === "initialize" && { "mcp-session-id": "one" }),
    });
    response.end(JSON.stringify({ jsonrpc: "2.0", id: message.id, result }));
  };
  heard.push(message);
  if (message.method === undefined) {
    answerAsked?.(JSON.stringify(message.result));
    response.writeHead(202).end();
  } else if (message.id === undefined) {
    response.writeHead(202).end();
  } else if (message.method === "initialize") {
    say({ protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: "asking", version: "1" } });
  } else if (message.params?.name === "ask") {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const params = { message: "sure?", requestedSchema: { type: "object", properties: {} } };
    const question = { jsonrpc: "2.0", id: "q1", method: "elicitation/create", params };
    response.write(`data: ${JSON.stringify(question)}\n\n`);
    answerAsked = (text) => {
      const result = { content: [{ type: "text", text }] };
      response.end(`data: ${JSON.stringify({ jsonrpc: "2.0", id: message.id, result })}\n\n`);
    };
  } else if (message.params?.name === "begin") {
    say({ task: { taskId: "t-1", status: "working", createdAt: new Date().toISOString(), ttl: null } });
  } else {
    const { taskId } = (message.params ?? {}) as { taskId?: string };
    say({ taskId, status: taskId === "t-1" ? "working" : "nobody knows" });
  }
}

beforeAll(async () => {
  await new Promise<void>((ready) => upstream.listen(0, "127.0.0.1", ready));
  database = await freshDatabase();
  house = await openHouse(database.url);
  const policy = { version: "1", default: "allow" };
  const grantOf = async (serverId: string) => house.addGrant(serverId, await house.addPolicy(serverId, policy));
  const tools = Object.fromEntries(
    ["where", "ask", "chatter", "session", "run", "begin"].map((name) => [name, "Read"]),
  );
  const program = (file: string) => ({ command: process.execPath, args: [resolve("e2e/servers", file)], tools });
  unruly = await grantOf(await house.addServer(program("unruly.mjs")));
  obedient = await grantOf(await house.addServer(program("obedient.mjs")));
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/mcp`;
  asking = await grantOf(await house.addServer({ url, tools }));
  [a, b] = await Promise.all([start(), start()]);
}, 60_000);
afterAll(async () => {
  await Promise.all([a?.stop(), b?.stop()]);
  upstream.closeAllConnections();
  upstream.close();
  await house?.close();
  await database?.drop();
  for (const dir of [scratch, a?.dataDir, b?.dataDir]) if (dir) rmSync(dir, { recursive: true, force: true });
});

const start = (like: { dataDir?: string; port?: number; adminPort?: number } = {}) =>
  startGateway({ databaseUrl: database.url, ...like });
const placeOf = ({ url, adminUrl, dataDir }: RunningGateway) => ({
  ...{ dataDir, port: Number(new URL(url).port), adminPort: Number(new URL(adminUrl).port) },
});

type Sent = { method?: string; session?: string | null; headers?: Record<string, string>; body?: object };

function send(to: { url: string }, grant: GrantRow, { method = "POST", session, headers, body }: Sent) {
  return fetch(`${to.url}${grant.path}`, {
    method,
    headers: {
      authorization: `Bearer ${grant.token}`,
      accept: "application/json, text/event-stream",
      ...(session && { "mcp-session-id": session }),
      ...(body && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
}

async function openSession(at: RunningGateway, grant: GrantRow): Promise<string> {
  const clientInfo = { name: "raw", version: "1" };
  const params = { protocolVersion: "2025-11-25", capabilities: { elicitation: {}, tasks: {} }, clientInfo };
  const answer = await send(at, grant, { body: { jsonrpc: "2.0", id: 1, method: "initialize", params } });
  const session = answer.headers.get("mcp-session-id");
  if (session === null) throw new Error(`no session: ${await answer.text()}`);
  await answer.text();
  await send(at, grant, { session, body: { jsonrpc: "2.0", method: "notifications/initialized" } });
  return session;
}

let lastId = 1;
const calls = (name: string, args: object = {}) => {
  lastId += 1;
  return { jsonrpc: "2.0", id: lastId, method: "tools/call", params: { name, arguments: args } };
};

/** What the tool said, as the JSON text that it is. */
async function told(at: RunningGateway, grant: GrantRow, session: string, name: string, args: object = {}) {
  const answer = await send(at, grant, { session, body: calls(name, args) });
  const text = await answer.text();
  const json = text.startsWith("{") ? text : (/^data: (.*)$/m.exec(text)?.[1] ?? "null");
  return JSON.parse(JSON.parse(json)?.result?.content?.[0]?.text ?? "null");
}

/** Reads a stream until it has said something. */
async function until(answer: Response, text: string): Promise<string> {
  let said = "";
  for await (const chunk of answer.body ?? []) {
    said += Buffer.from(chunk);
    if (said.includes(text)) return said;
  }
  return said;
}

describe("a session with a command", () => {
  it("goes on at any gateway, in one and the same process", async () => {
    const session = await openSession(a, unruly);
    const here = await told(a, unruly, session, "where");
    expect(here.pid).toBeGreaterThan(0);
    expect(await told(b, unruly, session, "where")).toEqual(here);
    expect(await told(b, unruly, session, "session")).toMatchObject({ initializations: 1 });
    // A page of a browser: it was looked at where it came in.
    const headers = { origin: b.url };
    const fromPage = await send(b, unruly, { session, headers, body: calls("where") });
    expect([fromPage.status, await fromPage.text()]).toEqual([200, expect.stringContaining(`\\"pid\\":${here.pid}`)]);
  });

  it("is listened to at any gateway, and ended there", async () => {
    const session = await openSession(a, unruly);
    const stream = await send(b, unruly, { method: "GET", session });
    expect([stream.status, stream.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    const said = until(stream, "list_changed");
    await told(a, unruly, session, "chatter");
    expect(await said).toContain("notifications/tools/list_changed");
    expect((await send(b, unruly, { method: "DELETE", session })).status).toBe(200);
    for (const at of [a, b]) expect((await send(at, unruly, { session, body: calls("where") })).status).toBe(404);
  });

  it("answers its program's question through any gateway", async () => {
    const session = await openSession(a, unruly);
    const stream = await send(a, unruly, { session, body: calls("ask") });
    const asked = until(stream, "done-asking");
    const answer = { jsonrpc: "2.0", id: "question-1", result: { action: "accept", content: {} } };
    await expect.poll(async () => (await send(b, unruly, { session, body: answer })).status).toBe(202);
    expect(await asked).toContain("accept");
  });

  it("is waited for while its gateway is started again, and what is asked of it is done once", async () => {
    const session = await openSession(a, obedient);
    const file = join(scratch, "again");
    const code = `fs.appendFileSync(${JSON.stringify(file)}, "x"); return 1;`;
    expect(await told(b, obedient, session, "run", { code })).toBe(1);
    const place = placeOf(a);
    await a.stop();
    const late = told(b, obedient, session, "run", { code });
    await sleep(300);
    a = await start(place);
    expect(await late).toBe(1);
    expect(readFileSync(file, "utf8")).toBe("xx");
  }, 60_000);

  it("is over when its gateway is gone: 404, so that the client begins another; nothing is done twice", async () => {
    const third = await start();
    const session = await openSession(third, obedient);
    const file = join(scratch, "gone");
    const slowly = `fs.appendFileSync(${JSON.stringify(file)}, "x"); await new Promise((d) => setTimeout(d, 5000));`;
    const broken = send(b, obedient, { session, body: calls("run", { code: slowly }) });
    await expect.poll(() => existsSync(file)).toBe(true);
    await third.kill9();
    const answer = await broken;
    expect([answer.status, await answer.json()]).toEqual([
      502,
      {
        jsonrpc: "2.0",
        id: lastId,
        error: { code: -32603, message: expect.stringContaining("may have taken effect") },
      },
    ]);
    const again = calls("run", { code: slowly });
    for (const over of await Promise.all([a, b].map((at) => send(at, obedient, { session, body: again })))) {
      const error = { code: -32001, message: "Session not found" };
      expect([over.status, await over.json()]).toEqual([404, { jsonrpc: "2.0", id: again.id, error }]);
    }
    // From then on it is said at once.
    const from = performance.now();
    expect((await send(b, obedient, { method: "GET", session })).status).toBe(404);
    expect(performance.now() - from).toBeLessThan(2_000);
    expect(readFileSync(file, "utf8")).toBe("x");
    await told(b, obedient, await openSession(b, obedient), "run", { code: "return 1" });
    rmSync(third.dataDir, { recursive: true, force: true });
  }, 60_000);
});

describe("a session over HTTP", () => {
  it("has its server's question answered through another gateway than the one that passed it on, once", async () => {
    const session = await openSession(a, asking);
    const stream = await send(a, asking, { session, body: calls("ask") });
    const whole = until(stream, "content");
    const answer = { jsonrpc: "2.0", id: "q1", result: { action: "accept", content: {} } };
    await expect.poll(async () => (await send(b, asking, { session, body: answer })).status).toBe(202);
    expect(await whole).toContain('\\"action\\":\\"accept\\"');
    expect((await send(b, asking, { session, body: answer })).status).toBe(400);
    expect(heard.filter(({ id, method }) => id === "q1" && method === undefined)).toHaveLength(1);
  });

  it("has its tasks answered by any gateway, and those of nobody by none", async () => {
    const session = await openSession(a, asking);
    const begun = await send(a, asking, { session, body: calls("begin") });
    expect(await begun.text()).toContain('"t-1"');
    const about = async (at: RunningGateway, grant: GrantRow, of: string, taskId: string) => {
      const body = { jsonrpc: "2.0", id: 90, method: "tasks/get", params: { taskId } };
      return (await send(at, grant, { session: of, body })).text();
    };
    for (const at of [a, b]) expect(await about(at, asking, session, "t-1")).toContain('"status":"working"');
    for (const at of [a, b]) expect(await about(at, asking, session, "t-2")).toContain("nobody knows");
    expect(heard.filter(({ params }) => (params as { taskId?: string } | undefined)?.taskId === "t-2")).toEqual([]);
  });
});

describe("what gateways pass on to each other", () => {
  /** As only another gateway could send it. */
  const asPeer = (path: string, headers: Record<string, string>) =>
    new Promise<{ status: number; headers: IncomingMessage["headers"]; text: string }>((resolve, reject) => {
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
      const all = { "content-type": "application/json", ...headers };
      const sending = httpRequest(`${a.adminUrl}${path}`, { method: "POST", headers: all }, (answer) => {
        let text = "";
        answer.on("data", (chunk) => {
          text += chunk;
        });
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      });
      sending.on("error", reject);
      sending.end(body);
    });
  const mine = () => ({ authorization: `Bearer ${unruly.token}` });

  it("is taken from nobody without their token, whatever else he has", async () => {
    const path = `/peer${unruly.path}`;
    const wrongs: Record<string, string>[] = [{}, { "x-policylayer-peer": "" }, { "x-policylayer-peer": `${token}x` }];
    for (const wrong of wrongs) {
      expect((await asPeer(path, { ...mine(), ...wrong })).status).toBe(401);
    }
    expect((await asPeer(path, { ...mine(), "x-policylayer-peer": token.slice(0, -1) })).status).toBe(401);
    // With it a grant's own token is needed all the same, and a page of a browser has no business there.
    expect((await asPeer(path, { "x-policylayer-peer": token })).status).toBe(401);
    expect((await asPeer(path, { ...mine(), "x-policylayer-peer": token, origin: a.url })).status).toBe(403);
    expect((await asPeer(path, { ...mine(), "x-policylayer-peer": token })).status).not.toBe(401);
    for (const other of ["/peer/healthz", "/peer/internal/inspect", "/peer/peer/mcp/x", "/peer/"]) {
      expect((await asPeer(other, { ...mine(), "x-policylayer-peer": token })).status).toBe(404);
    }
  });

  it("is nothing that a client could ask for on the public port", async () => {
    const headers = { "x-policylayer-peer": token };
    const answer = await send(a, unruly, {
      headers: { ...headers, origin: "http://evil.example" },
      body: calls("where"),
    });
    expect(answer.status).toBe(403);
    for (const path of [`/peer${unruly.path}`, "/peer/mcp/x"]) {
      expect((await fetch(`${a.url}${path}`, { method: "POST", headers: { ...headers, ...mine() } })).status).toBe(404);
    }
    // Its session is passed on as if the header were not there.
    const session = await openSession(a, unruly);
    const passed = await send(b, unruly, { session, headers, body: calls("where") });
    expect([passed.status, passed.headers.get("x-policylayer-unknown")]).toEqual([200, null]);
  });

  it("goes no further than to the one that was asked", async () => {
    const session = await openSession(b, unruly);
    // A session of the other gateway: one that was asked by another gateway answers for itself.
    const headers = { ...mine(), "x-policylayer-peer": token, "mcp-session-id": session };
    expect((await asPeer(`/peer${unruly.path}`, headers)).status).toBe(200);
    expect(a.output()).not.toContain("a request failed");
    const answer = { jsonrpc: "2.0", id: "never-asked", result: {} };
    const of = await openSession(a, asking);
    const from = performance.now();
    expect((await send(b, asking, { session: of, body: answer })).status).toBe(400);
    expect(performance.now() - from).toBeLessThan(5_000);
  });
});

describe("readiness", () => {
  it("says that a gateway leaves while it lets its calls end", async () => {
    const leaving = await startGateway({ databaseUrl: database.url, env: { GATEWAY_DRAIN_MS: "5000" } });
    const session = await openSession(leaving, obedient);
    const code = "await new Promise((done) => setTimeout(done, 1500)); return 7;";
    const slow = told(leaving, obedient, session, "run", { code });
    await sleep(200);
    leaving.process.kill("SIGTERM");
    await sleep(200);
    const ready = await fetch(`${leaving.adminUrl}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([503, { ready: false, reasons: ["stopping"] }]);
    // Whoever comes all the same, because it has not noticed yet, is answered, and told to go elsewhere with the next.
    const still = await send(leaving, obedient, { session, body: { jsonrpc: "2.0", id: 91, method: "tools/list" } });
    expect([still.status, still.headers.get("connection")]).toEqual([200, "close"]);
    expect((await send(leaving, obedient, { session, method: "GET" })).status).toBe(503);
    expect(await slow).toBe(7);
    await leaving.stop();
    rmSync(leaving.dataDir, { recursive: true, force: true });
  }, 60_000);

  it("says when limits cannot be counted", async () => {
    const [storePort, adminPort] = [await freePort(), await freePort()];
    const env = { COUNTERS_URL: `redis://127.0.0.1:${storePort}` };
    const starting = startGateway({ databaseUrl: database.url, adminPort, env });
    const reasons = async () => {
      const answer = await fetch(`http://127.0.0.1:${adminPort}/readyz`).catch(() => null);
      return answer === null ? [] : ((await answer.json()) as { reasons: string[] }).reasons;
    };
    await expect.poll(reasons, { timeout: 20_000 }).toEqual(["counter_unavailable"]);
    const store = await startValkey({ port: storePort });
    const gateway = await starting;
    await store.kill9();
    await expect.poll(reasons).toEqual(["counter_unavailable"]);
    await gateway.stop();
    for (const dir of [store.dir, gateway.dataDir]) rmSync(dir, { recursive: true, force: true });
  }, 60_000);
});
