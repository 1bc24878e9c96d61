// A real gateway process, a real Postgres, real MCP servers and real clients.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clients, connectLegacy, decisionOf, textOf } from "../e2e/harness/clients.ts";
import { freshDatabase, type TestDatabase } from "../e2e/harness/database.ts";
import { type GrantRow, openHouse, type TestHouse } from "../e2e/harness/house.ts";
import { arrivedCalls, seedPolicy, tmuxClaudePath } from "../e2e/harness/management.ts";
import { type RunningGateway, startGateway } from "../e2e/harness/processes.ts";
import { freePort } from "../prisma/free-port.ts";

const echoPath = fileURLToPath(new URL("../e2e/servers/echo-http.ts", import.meta.url));
const everythingPath = fileURLToPath(
  new URL("../node_modules/@modelcontextprotocol/server-everything/dist/index.js", import.meta.url),
);
const echoTools = { echo: "Read", fail: "Read", slow: "Read", big: "Read" };

let database: TestDatabase;
let house: TestHouse;
let gateway: RunningGateway;
const closing: (() => unknown)[] = [];

/** Starts a server and waits for what tells its port. */
async function startServer(args: string[], says: RegExp, env: Record<string, string> = {}): Promise<string> {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  closing.push(() => child.kill("SIGKILL"));
  let output = "";
  return new Promise((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      output += chunk;
      const said = says.exec(output);
      if (said) resolve(said[1] ?? said[0]);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("close", () => reject(new Error(`${args.join(" ")} ended:\n${output}`)));
  });
}

const startEcho = (...options: string[]) =>
  startServer(["--import", "tsx", echoPath, ...options], /^(http:\/\/\S+\/mcp)$/m);

async function echoWith(document: unknown, options: string[] = [], mode?: "enforce" | "shadow") {
  const url = await startEcho(...options);
  const serverId = await house.addServer({ url, tools: echoTools });
  const policyId = await house.addPolicy(serverId, document, mode);
  const grant = await house.addGrant(serverId, policyId);
  const arrived = async () => Number(await (await fetch(url.replace(/\/mcp$/, "/count"))).text());
  return { url, serverId, policyId, grant, arrived };
}

const urlOf = ({ path }: GrantRow) => `${gateway.url}${path}`;

/** The gateway enforces what it was told of when it has acknowledged it. */
async function enforced(epoch?: bigint): Promise<void> {
  for (let i = 0; i < 500; i += 1) {
    const { rows } = await house.client.query(
      'SELECT g."epoch" >= $1::bigint AS "live" FROM "Gateway" g ORDER BY "seenAt" DESC LIMIT 1',
      [String(epoch ?? (await house.client.query('SELECT "epoch" FROM "ConfigEpoch"')).rows[0].epoch)],
    );
    if (rows[0]?.live) return;
    await sleep(10);
  }
  throw new Error("the gateway did not acknowledge the change");
}

type Posted = { status: number; headers: Headers; text: string; json(): Record<string, unknown> };

async function post(grant: GrantRow, body: unknown, headers: Record<string, string> = {}): Promise<Posted> {
  const response = await fetch(urlOf(grant), {
    method: "POST",
    headers: {
      authorization: `Bearer ${grant.token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
}

const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "by hand", version: "1" } },
};
const call = (name: string, args: object = {}) => ({
  jsonrpc: "2.0",
  id: 2,
  method: "tools/call",
  params: { name, arguments: args },
});

/** Opens a legacy session by hand. */
async function open(grant: GrantRow): Promise<Record<string, string>> {
  const answer = await post(grant, initialize);
  const headers = {
    "mcp-session-id": answer.headers.get("mcp-session-id") ?? "",
    "mcp-protocol-version": "2025-11-25",
  };
  await post(grant, { jsonrpc: "2.0", method: "notifications/initialized" }, headers);
  return headers;
}

beforeAll(async () => {
  database = await freshDatabase();
  house = await openHouse(database.url);
  gateway = await startGateway({ databaseUrl: database.url });
});

afterAll(async () => {
  await gateway?.stop();
  for (const close of closing.splice(0)) await close();
  await house?.close();
  await database?.drop();
});

describe.each(clients)("$name behind the gateway", ({ connect }) => {
  it.each([[[]], [["--sse"]]])(
    "sees what it may, calls what it may, and reads why not (server %j)",
    async (options) => {
      const { grant, arrived } = await echoWith(
        {
          version: "1",
          default: "deny",
          hide: ["slow"],
          tools: { echo: { limits: [{ counter: "n", window: "minute", max: 3 }] }, fail: {} },
        },
        options,
      );
      await enforced();
      const client = await connect(urlOf(grant), grant.token);
      expect(await client.listTools()).toEqual(["echo", "fail", "big"]);
      for (let i = 0; i < 3; i += 1)
        expect(textOf(await client.call("echo", { text: `hello ${i}` }))).toBe(`hello ${i}`);
      const refused = await client.call("echo", { text: "too much" });
      expect(refused.isError).toBe(true);
      expect(textOf(refused)).toMatch(/^\[POLICY DENIED\] .*Try again in \d+ s\.$/);
      expect(decisionOf(refused)).toMatchObject({ code: "rate_limited", rule: "/tools/echo/limits/0" });
      expect(decisionOf(refused).retry_after_s).toBeGreaterThan(50);
      expect(decisionOf(await client.call("big", { bytes: 1 }))).toMatchObject({
        code: "default_deny",
        rule: "/default",
      });
      expect(await client.call("fail", { message: "its own error" })).toMatchObject({ isError: true });
      await expect(client.call("slow", { ms: 1 })).rejects.toThrow("Unknown tool: slow");
      await expect(client.call("nothing")).rejects.toThrow("Unknown tool: nothing");
      expect(await arrived()).toBe(4);
      await client.close();
    },
  );

  it("calls a command ten times a minute, and the eleventh call never reaches it", async () => {
    const dir = await mkdtemp(path.join(tmpdir(), "policylayer-tmux-"));
    closing.push(() => rm(dir, { recursive: true, force: true }));
    const recordFile = path.join(dir, "arrived.jsonl");
    const serverId = await house.addServer({
      command: process.execPath,
      args: ["--import", import.meta.resolve("tsx"), tmuxClaudePath, `--record=${recordFile}`],
      tools: { vm_create_image: "Write", vm_terminate: "Destructive", vm_list: "Read" },
    });
    const grant = await house.addGrant(serverId, await house.addPolicy(serverId, seedPolicy));
    await enforced();
    const client = await connect(urlOf(grant), grant.token);
    expect((await client.listTools()).sort()).toEqual(["vm_create_image", "vm_list", "vm_terminate"]);
    const image = { identifier: "vm-1", imageName: "image" };
    for (let i = 0; i < 10; i += 1) expect((await client.call("vm_create_image", image))._meta).toBeUndefined();
    const eleventh = await client.call("vm_create_image", image);
    expect(decisionOf(eleventh)).toMatchObject({ code: "rate_limited", rule: "/tools/vm_create_image/limits/0" });
    expect(textOf(eleventh)).toMatch(
      /^\[POLICY DENIED\] vm_create_image is limited to 10 calls a minute\. Try again in \d+ s\.$/,
    );
    expect(decisionOf(await client.call("vm_terminate", { identifier: "vm-1" })).code).toBe("default_deny");
    expect((await arrivedCalls(recordFile)).map(({ name }) => name)).toEqual(Array(10).fill("vm_create_image"));
    await client.close();
  });

  it("works with server-everything over HTTP", async () => {
    const port = await freePort();
    await startServer([everythingPath, "streamableHttp"], /listening on port (\d+)/i, { PORT: String(port) });
    const tools = { echo: "Read", "get-sum": "Read", "trigger-long-running-operation": "Execute" };
    const serverId = await house.addServer({ url: `http://127.0.0.1:${port}/mcp`, tools });
    const policyId = await house.addPolicy(serverId, { version: "1", default: "allow", hide: ["get-sum"] });
    const grant = await house.addGrant(serverId, policyId);
    await enforced();
    const client = await connect(urlOf(grant), grant.token);
    expect(await client.listTools()).toEqual(["echo", "trigger-long-running-operation"]);
    expect(textOf(await client.call("echo", { message: "hi" }))).toContain("hi");
    await expect(client.call("get-sum", { a: 1, b: 2 })).rejects.toThrow("Unknown tool: get-sum");
    await client.close();
  });
});

describe("what a server asks in the middle of a call", () => {
  it("reaches the client, and its answer the server", async () => {
    const port = await freePort();
    await startServer([everythingPath, "streamableHttp"], /listening on port (\d+)/i, { PORT: String(port) });
    const asking = ["trigger-sampling-request", "trigger-elicitation-request", "get-roots-list"];
    const tools = Object.fromEntries(asking.map((name) => [name, "Execute"]));
    const serverId = await house.addServer({ url: `http://127.0.0.1:${port}/mcp`, tools });
    const policyId = await house.addPolicy(serverId, { version: "1", default: "allow" });
    const grant = await house.addGrant(serverId, policyId);
    await enforced();
    const client = new Client(
      { name: "answering", version: "1" },
      { capabilities: { sampling: {}, elicitation: {}, roots: {} } },
    );
    const content = { type: "text" as const, text: "said by a model" };
    client.setRequestHandler(CreateMessageRequestSchema, () => ({ role: "assistant", model: "m", content }));
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: "accept", content: { name: "Ada" } }));
    client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: "file:///ours", name: "ours" }] }));
    const headers = { authorization: `Bearer ${grant.token}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(urlOf(grant)), { requestInit: { headers } }));
    const told = async (name: string, args = {}) => JSON.stringify(await client.callTool({ name, arguments: args }));
    expect((await client.listTools()).tools.map(({ name }) => name).sort()).toEqual(asking.sort());
    expect(await told("trigger-sampling-request", { prompt: "hi", maxTokens: 5 })).toContain("said by a model");
    expect(await told("trigger-elicitation-request")).toContain("Ada");
    expect(await told("get-roots-list")).toContain("file:///ours");
    await client.close();
  });
});

describe("a session", () => {
  it("is ours alone: sealed, bound to its grant, and dead to everyone else", async () => {
    const { serverId, policyId, grant, url } = await echoWith({ version: "1", default: "allow" });
    const other = await house.addGrant(serverId, policyId);
    await enforced();
    const headers = await open(grant);
    expect((await post(grant, call("echo", { text: "x" }), headers)).json()).toMatchObject({ id: 2, result: {} });
    const mixed = await post(other, call("echo", { text: "x" }), headers);
    const madeUp = await post(grant, call("echo"), { ...headers, "mcp-session-id": "made-up" });
    expect([mixed.status, madeUp.status]).toEqual([404, 404]);
    expect(mixed.text).toBe(madeUp.text);
    // The upstream's own id opens nothing here, and ours opens nothing there.
    const direct = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
      body: JSON.stringify(call("echo")),
    });
    expect(direct.status).toBe(404);
    expect((await post(grant, initialize, headers)).status).toBe(400);
    expect((await post(grant, call("echo"), { ...headers, "mcp-protocol-version": "2025-06-18" })).status).toBe(400);
  });

  it("survives a restart of the gateway", async () => {
    const { grant } = await echoWith({ version: "1", default: "allow" });
    await enforced();
    const headers = await open(grant);
    await gateway.kill9();
    gateway = await startGateway({ databaseUrl: database.url });
    expect((await post(grant, call("echo", { text: "still here" }), headers)).text).toContain("still here");
  });

  it("ends when the client deletes it", async () => {
    const { grant } = await echoWith({ version: "1", default: "allow" });
    await enforced();
    const headers = { ...(await open(grant)), authorization: `Bearer ${grant.token}` };
    const deleted = await fetch(urlOf(grant), { method: "DELETE", headers });
    expect(deleted.status).toBeLessThan(300);
    expect((await post(grant, call("echo"), headers)).status).toBe(404);
  });

  it("streams what the server says by itself", async () => {
    const { grant } = await echoWith({ version: "1", default: "allow" });
    await enforced();
    const headers = { ...(await open(grant)), authorization: `Bearer ${grant.token}`, accept: "text/event-stream" };
    const stream = await fetch(urlOf(grant), { headers });
    expect(stream.status).toBe(200);
    expect(stream.headers.get("content-type")).toBe("text/event-stream");
    const foreign = await fetch(urlOf(grant), { headers: { ...headers, "last-event-id": "somebody-elses.5" } });
    expect(foreign.status).toBe(400);
    // A token that is revoked hears nothing more, also where it is listening already.
    await house.change("grant", grant.id, { revokedAt: new Date() });
    await expect(stream.text()).rejects.toThrow();
  });
});

describe("a change of configuration", () => {
  it("is enforced on the next call, without a new session", async () => {
    const { grant, policyId, serverId, arrived } = await echoWith({ version: "1", default: "allow" });
    await enforced();
    const client = await connectLegacy(urlOf(grant), grant.token);
    expect((await client.call("echo", { text: "1" })).isError).toBeFalsy();
    await enforced(await house.publish(policyId, { version: "1", default: "deny" }));
    expect(decisionOf(await client.call("echo", { text: "2" })).code).toBe("default_deny");
    await enforced(await house.publish(policyId, { version: "1", default: "allow" }));
    expect((await client.call("echo", { text: "3" })).isError).toBeFalsy();
    for (const [kind, id] of [
      ["grant", grant.id],
      ["server", serverId],
      ["organisation", house.organisationId],
    ] as const) {
      await enforced(await house.change(kind, id, { frozenAt: new Date() }));
      expect(decisionOf(await client.call("echo", { text: "frozen" })).code).toBe("frozen");
      expect(await client.listTools()).toContain("echo");
      await enforced(await house.change(kind, id, { frozenAt: null }));
    }
    expect((await client.call("echo", { text: "4" })).isError).toBeFalsy();
    expect(await arrived()).toBe(3);
    await enforced(await house.change("grant", grant.id, { revokedAt: new Date() }));
    await expect(client.call("echo", { text: "5" })).rejects.toThrow();
    expect(await arrived()).toBe(3);
  });

  it("that cannot be enforced denies every call of its grants", async () => {
    const { grant, policyId } = await echoWith({ version: "1", default: "allow" });
    await enforced(await house.publish(policyId, '{"version":"1","default":"allow","default":"deny"}'));
    const headers = await open(grant);
    expect((await post(grant, call("echo"), headers)).text).toContain('"code":"policy_unavailable"');
    const list = await post(grant, { jsonrpc: "2.0", id: 3, method: "tools/list" }, headers);
    expect(list.json()).toEqual({ jsonrpc: "2.0", id: 3, result: { tools: [] } });
  });

  it("is found by the heartbeat when its notice is lost", async () => {
    const { grant, policyId } = await echoWith({ version: "1", default: "allow" });
    await enforced();
    await house.client.query('UPDATE "ConfigEpoch" SET "epoch" = "epoch" + 1');
    await house.client.query('UPDATE "Policy" SET "mode" = $2 WHERE "id" = $1', [policyId, "shadow"]);
    await house.client.query('UPDATE "Grant" SET "policyId" = NULL WHERE "id" = $1', [grant.id]);
    await enforced();
    expect((await post(grant, call("echo"), await open(grant))).text).toContain('"code":"no_policy"');
  });
});

describe("without a valid token", () => {
  it("nothing answers but 401, plainly, for every reason alike", async () => {
    const { grant, serverId, policyId } = await echoWith({ version: "1", default: "allow" });
    const elsewhere = await echoWith({ version: "1", default: "allow" });
    const expired = await house.addGrant(serverId, policyId, { expiresAt: new Date(Date.now() - 1_000) });
    const revoked = await house.addGrant(serverId, policyId, { revokedAt: new Date() });
    await enforced();
    const unknown = `${grant.token.slice(0, -10)}${"A".repeat(10)}`;
    const answers = [];
    for (const authorization of ["", "Bearer", "Bearer x", `Basic ${grant.token}`, `Bearer ${unknown}`]) {
      answers.push(await post(grant, initialize, { authorization }));
    }
    for (const { token } of [elsewhere.grant, expired, revoked]) {
      answers.push(await post(grant, initialize, { authorization: `Bearer ${token}` }));
    }
    answers.push(await post({ ...grant, path: "/mcp/00000000-0000-0000-0000-000000000000" }, initialize));
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(answer.text).toBe(answers[0]?.text);
    }
    // RFC 6750, 3.1: whoever sent no token is told of no error; of a bad token never what is bad about it.
    const invalid = 'Bearer error="invalid_token"';
    expect(answers.map(({ headers }) => headers.get("www-authenticate"))).toEqual([
      "Bearer",
      "Bearer",
      invalid,
      "Bearer",
      invalid,
      invalid,
      invalid,
      invalid,
      invalid,
    ]);
    expect((await post(grant, initialize, { authorization: `bearer ${grant.token}` })).status).toBe(200);
  });
});

describe("the record", () => {
  it("holds every decision, with the names of the arguments and no values that no policy mentions", async () => {
    const { grant } = await echoWith({ version: "1", default: "deny", hide: ["slow"], tools: { echo: {}, fail: {} } });
    await enforced();
    const headers = await open(grant);
    for (const tool of ["echo", "fail", "big", "slow", "nothing"]) {
      await post(grant, call(tool, { text: "a secret value", bytes: 1 }), headers);
    }
    const records = await journaled(grant.id);
    expect(records.filter(({ kind }) => kind === "decision").map(({ tool, code }) => [tool, code])).toEqual([
      ["echo", "allowed"],
      ["fail", "allowed"],
      ["big", "default_deny"],
      ["slow", "hidden"],
      ["nothing", "unknown_tool"],
    ]);
    const ids = records.slice(0, 1).map(({ id }) => id);
    expect(records[0]).toMatchObject({ argumentKeys: ["text", "bytes"], clientName: "by hand", id: ids[0] });
    // Outcomes are written after the answer has gone.
    const outcomeOf = async (tool: string) => {
      const outcomes = (await journalText()).split("\n").filter((line) => line.includes('"outcome"'));
      return outcomes.find((line) => line.includes(records.find((one) => one.tool === tool)?.id ?? "-"));
    };
    await expect.poll(() => outcomeOf("echo")).toContain('"answered"');
    await expect.poll(() => outcomeOf("fail")).toContain('"tool_error"');
    expect(await journalText()).not.toContain("a secret value");
  });

  it("says what a trial policy would have done, and the call is made", async () => {
    const { grant, arrived } = await echoWith({ version: "1", default: "deny" }, [], "shadow");
    await enforced();
    expect((await post(grant, call("echo", { text: "through" }), await open(grant))).text).toContain("through");
    expect(await arrived()).toBe(1);
    expect(await journaled(grant.id)).toMatchObject([{ code: "default_deny", wouldDeny: true }]);
  });
});

describe("an answer", () => {
  it("goes through unchanged, big numbers and all, and the call's bytes too", async () => {
    const { grant } = await echoWith({ version: "1", default: "allow" });
    await enforced();
    const headers = await open(grant);
    const args = '{"n" : 9007199254740993,"x":1.0, "s":"\\u0041"}';
    const body = `{"jsonrpc":"2.0","id":"i\\u0064","method":"tools/call","params":{"name":"echo","arguments":${args}}}`;
    const answer = await post(grant, body, headers);
    expect(answer.json()).toMatchObject({ id: "id", result: { content: [{ type: "text" }] } });
    const big = await post(grant, call("big", { bytes: 3_000_000 }), headers);
    expect(big.text.length).toBeGreaterThan(3_000_000);
  });

  it("that never comes leaves the call on record as unknown, and one that was never sent gives back", async () => {
    const { grant } = await echoWith({
      version: "1",
      default: "deny",
      tools: { slow: { limits: [{ counter: "n", window: "minute", max: 1 }] } },
    });
    const gone = await house.addServer({ url: "http://127.0.0.1:9/mcp", tools: { slow: "Read" } });
    const policyId = await house.addPolicy(gone, {
      version: "1",
      default: "deny",
      tools: { slow: { limits: [{ counter: "n", window: "minute", max: 1 }] } },
    });
    const unreachable = await house.addGrant(gone, policyId);
    await enforced();
    const headers = await open(grant);
    const abort = new AbortController();
    const pending = fetch(urlOf(grant), {
      method: "POST",
      signal: abort.signal,
      headers: {
        ...headers,
        authorization: `Bearer ${grant.token}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      },
      body: JSON.stringify(call("slow", { ms: 5_000 })),
    });
    // It has been decided, so it is on its way.
    await expect.poll(async () => (await journaled(grant.id)).length).toBe(1);
    abort.abort();
    await expect(pending).rejects.toThrow();
    expect((await post(grant, { ...call("slow", { ms: 1 }), id: 3 }, headers)).text).toContain('"code":"rate_limited"');
    for (let i = 0; i < 3; i += 1) {
      const answer = await post(unreachable, call("slow", { ms: 1 }));
      expect(answer.status).toBe(200);
      expect(answer.text).toContain('"code":"upstream_unreachable"');
      expect(answer.text).toContain("The call was not made.");
    }
    expect((await post(unreachable, initialize)).json()).toMatchObject({ id: 1, error: { code: -32603 } });
  });
});

describe("the process", () => {
  it("says how it is, and keeps its inner door shut", async () => {
    expect((await fetch(`${gateway.adminUrl}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${gateway.adminUrl}/readyz`)).json()).toEqual({ ready: true, reasons: [] });
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    expect(metrics).toMatch(/^policylayer_decisions_total\{code="allowed"\} \d+$/m);
    expect(metrics).toMatch(/^policylayer_upstream_skipped_lines_total \d+$/m);
    const inspect = (headers: Record<string, string>) =>
      fetch(`${gateway.adminUrl}/internal/inspect`, { method: "POST", body: "{}", headers });
    expect((await inspect({})).status).toBe(401);
    expect((await inspect({ authorization: "Bearer x" })).status).toBe(401);
    expect((await inspect({ origin: "http://localhost:3000" })).status).toBe(403);
  });

  it("stops within three seconds with a call and a stream open, and leaves no row behind", async () => {
    const { grant } = await echoWith({ version: "1", default: "allow" });
    await enforced();
    const headers = { ...(await open(grant)), authorization: `Bearer ${grant.token}` };
    const stream = fetch(urlOf(grant), { headers: { ...headers, accept: "text/event-stream" } }).catch(() => null);
    const slow = post(grant, call("slow", { ms: 20_000 }), headers).catch(() => null);
    await expect.poll(async () => (await journaled(grant.id)).length).toBe(1);
    const asked = Date.now();
    const ended = once(gateway.process, "exit");
    gateway.process.kill("SIGTERM");
    const [code] = await ended;
    expect(code).toBe(0);
    expect(Date.now() - asked).toBeLessThan(3_000);
    await Promise.all([stream, slow]);
    expect(
      (await house.client.query('SELECT 1 FROM "Gateway" WHERE "seenAt" > now() - interval \'1 second\'')).rowCount,
    ).toBe(0);
    expect(await journalText()).toContain('"unknown"');
    gateway = await startGateway({ databaseUrl: database.url });
  });
});

async function journalText(): Promise<string> {
  const dir = `${gateway.dataDir}/journal`;
  const names = (await readdir(dir)).filter((name) => name.endsWith(".jsonl")).sort();
  return (await Promise.all(names.map((name) => readFile(`${dir}/${name}`, "utf8").catch(() => "")))).join("");
}

type Journaled = { kind: string; id: string; grantId?: string; tool?: string; code?: string };

async function journaled(grantId: string): Promise<Journaled[]> {
  const lines = (await journalText()).split("\n").filter((line) => line.startsWith("{"));
  return lines.map((line) => JSON.parse(line) as Journaled).filter((record) => record.grantId === grantId);
}
