// The lines of FAIL-CLOSED.md that no other test proves with a real gateway: in doubt nothing is forwarded.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../e2e/harness/database.ts";
import { type GrantRow, openHouse, type TestHouse } from "../e2e/harness/house.ts";
import { type RunningGateway, startGateway, testSecretKey } from "../e2e/harness/processes.ts";
import { freePort } from "../prisma/free-port.ts";

let database: TestDatabase;
let house: TestHouse;
let gateway: RunningGateway;
let serverId: string;
let grant: GrantRow;
let arrived: string[] = [];
const closing: (() => unknown)[] = [];

const upstream = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = `${Buffer.concat(chunks)}`;
    arrived.push(body);
    const said = /"say":"(\w+)"/.exec(body)?.[1];
    if (said === "never") return;
    if (said === "reset") return request.socket.resetAndDestroy();
    if (said === "nonsense") return request.socket.end("HTTP/9.9 what\r\n\r\n");
    response.writeHead(200, { "content-type": said === "html" ? "text/html" : "application/json" });
    if (said === "half") return request.socket.end('{"jsonrpc":"2.0","id":1,"resu');
    response.end(said === "html" ? "<p>hello</p>" : '{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
  });
});

beforeAll(async () => {
  await new Promise<void>((ready) => upstream.listen(0, "127.0.0.1", ready));
  database = await freshDatabase();
  house = await openHouse(database.url);
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/`;
  serverId = await house.addServer({ url, tools: { echo: "Read", pay: "Financial" } });
  grant = await grantWith({ version: "1", default: "allow" });
  gateway = await startGateway({ databaseUrl: database.url });
});
afterAll(async () => {
  for (const close of closing.splice(0)) await close();
  await gateway?.stop();
  upstream.closeAllConnections();
  upstream.close();
  await house?.close();
  await database?.drop();
});
beforeEach(() => {
  arrived = [];
});

async function grantWith(document: unknown): Promise<GrantRow> {
  return house.addGrant(serverId, await house.addPolicy(serverId, document));
}

type Answered = { status: number; text: string; json(): { error?: { code?: number }; result?: Refused } };
type Refused = { isError?: boolean; _meta?: Record<string, { code: string }> };

async function post(
  body: string | object,
  { at = gateway.url, as = grant, headers = {} }: { at?: string; as?: GrantRow; headers?: Record<string, string> } = {},
): Promise<Answered> {
  const response = await fetch(`${at}${as.path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${as.token}`, "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text, json: () => JSON.parse(text) };
}

const call = (args: object = {}, name = "echo") => ({
  ...{ jsonrpc: "2.0", id: 1, method: "tools/call" },
  params: { name, arguments: args },
});
const codeIn = (answered: Answered) => answered.json().result?._meta?.["policylayer/decision"]?.code;

/** A gateway that need not become ready. */
async function startAnyway(dataDir: string, wrap: (command: string[]) => string[] = (command) => command) {
  const [port, adminPort] = [await freePort(), await freePort()];
  const [file = "", ...args] = wrap([process.execPath, "--import", "tsx", "gateway/main.ts"]);
  const env = {
    ...{ PATH: process.env.PATH, SECRET_KEY: testSecretKey, DATABASE_URL: database.url, DATA_DIR: dataDir },
    ...{ GATEWAY_PORT: String(port), GATEWAY_ADMIN_PORT: String(adminPort) },
  };
  const child: ChildProcess = spawn(file, args, { env: env as unknown as NodeJS.ProcessEnv, detached: true });
  closing.push(() => child.pid && child.exitCode === null && process.kill(-child.pid, "SIGKILL"));
  const at = `http://127.0.0.1:${port}`;
  for (let i = 0; i < 300; i++) {
    // Not found is an answer too; the policies are there when a token is known.
    const answered = await post({ jsonrpc: "2.0", id: 1, method: "ping" }, { at }).catch(() => null);
    if (answered !== null && answered.status !== 401 && answered.status !== 503) return { at, pid: child.pid ?? 0 };
    await sleep(100);
  }
  throw new Error("the gateway does not answer");
}

const scratch = () => {
  const dir = mkdtempSync(path.join(tmpdir(), "fail-closed-"));
  closing.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};

const journalOf = (dataDir: string) =>
  readdirSync(path.join(dataDir, "journal"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), "latin1"))
    .join("\n");

/** With a file system of a megabyte of its own at `dir`. */
const onSmallDisk = (dir: string, command: string[]) => [
  ...["unshare", "--user", "--map-root-user", "--mount", "--", "sh", "-c"],
  ...['mkdir -p "$0" && mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"', dir, ...command],
];
const canMount =
  spawnSync("unshare", onSmallDisk(path.join(tmpdir(), "fail-closed-probe"), ["true"]).slice(1)).status === 0;

describe("a message", () => {
  it("that cannot be parsed goes nowhere", async () => {
    for (const body of ["{", "", "null", '{"jsonrpc":"2.0","id":1,"method":"tools/call"} x', "\ufeff{}"]) {
      const answered = await post(body);
      expect([answered.status, answered.json().error?.code]).toEqual([400, expect.any(Number)]);
    }
    expect(arrived).toEqual([]);
  });

  it("with a key that is there twice goes nowhere", async () => {
    const twice =
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"a":1,"\\u0061":2}}}';
    expect((await post(twice)).status).toBe(400);
    expect((await post(twice.replace('"arguments"', '"name":"pay","arguments"'))).status).toBe(400);
    expect(arrived).toEqual([]);
  });

  it("whose headers say something else than its body goes nowhere", async () => {
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    const message = { ...call(), params: { name: "pay", arguments: {}, _meta } };
    const headers = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "echo" };
    const answered = await post(message, { headers });
    expect([answered.status, answered.json().error?.code]).toEqual([400, -32020]);
    expect(
      (await post(message, { headers: { ...headers, "mcp-method": "tools/list", "mcp-name": "pay" } })).status,
    ).toBe(400);
    expect(arrived).toEqual([]);
  });

  it("of a method that is not in the table goes nowhere", async () => {
    for (const method of ["tools/call2", "tools/Call", "admin/do", "rpc.discover"]) {
      expect((await post({ jsonrpc: "2.0", id: 1, method, params: {} })).json().error?.code).toBe(-32601);
    }
    expect(arrived).toEqual([]);
  });
});

describe("a policy", () => {
  it("whose rule cannot be evaluated for a call denies it", async () => {
    const limit = { counter: "spent", window: "day", max: 100, scope: "grant", increment_from: "args.amount" };
    const as = await grantWith({ version: "1", default: "deny", tools: { pay: { limits: [limit] } } });
    await expect.poll(async () => (await post(call({ amount: 1 }, "pay"), { as })).status).toBe(200);
    await expect.poll(async () => codeIn(await post(call({ amount: 1 }, "pay"), { as }))).toBeUndefined();
    arrived = [];
    for (const amount of ["1", -1, [1], "1e400", undefined]) {
      // A number that no double holds.
      const answered = await post(JSON.stringify(call({ amount }, "pay")).replace('"1e400"', "1e400"), { as });
      expect(codeIn(answered)).toBe("invalid_increment");
    }
    expect(arrived).toEqual([]);
  });

  it("of a version that this gateway does not know denies every call", async () => {
    const as = await grantWith({ version: "2", default: "allow" });
    await expect.poll(async () => (await post(call(), { as })).status).toBe(200);
    expect(codeIn(await post(call(), { as }))).toBe("policy_unavailable");
    const half = await grantWith({ version: "1", default: "allow", tools: { echo: { unheardOf: true } } });
    await expect.poll(async () => (await post(call(), { as: half })).status).toBe(200);
    expect(codeIn(await post(call(), { as: half }))).toBe("policy_unavailable");
    expect(arrived).toEqual([]);
  });
});

describe("a server", () => {
  it("that answers with nonsense is reported as such, and nothing of it is passed on", async () => {
    for (const say of ["reset", "nonsense", "html", "half"]) {
      const answered = await post(call({ say }));
      expect([answered.status, answered.json().result?.isError, codeIn(answered)]).toEqual([
        200,
        true,
        "upstream_failed",
      ]);
      expect(answered.text).not.toContain("hello");
    }
    expect(codeIn(await post(call()))).toBeUndefined();
  });

  it("that failed five times in a row is left alone, and the caller hears for how long", async () => {
    const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/other`;
    const other = await house.addServer({ url, tools: { echo: "Read" } });
    const as = await house.addGrant(other, await house.addPolicy(other, { version: "1", default: "allow" }));
    await expect.poll(async () => (await post(call(), { as })).status).toBe(200);
    for (let i = 0; i < 5; i++) expect(codeIn(await post(call({ say: "reset" }), { as }))).toBe("upstream_failed");
    arrived = [];
    const answered = await post(call(), { as });
    expect(answered.json().result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/The call was not made\. Try again in 1 s\.$/) }],
      _meta: { "policylayer/decision": { code: "upstream_resting", retry_after_s: 1 } },
    });
    const ping = await post({ jsonrpc: "2.0", id: 1, method: "ping" }, { as });
    expect(ping.json()).toMatchObject({ error: { data: { code: "upstream_resting", retry_after_s: 1 } } });
    expect(arrived).toEqual([]);
    expect(codeIn(await post(call()))).toBeUndefined();
    await expect.poll(async () => codeIn(await post(call(), { as })), { timeout: 5_000 }).toBeUndefined();
  });
});

describe("the gateway's own stores", () => {
  it("when its counters cannot be read, deny every call that a limit is about", async () => {
    const limit = { counter: "calls", window: "hour", max: 5, scope: "grant" };
    const as = await grantWith({ version: "1", default: "allow", tools: { pay: { limits: [limit] } } });
    const dataDir = scratch();
    const first = await startGateway({ databaseUrl: database.url, dataDir });
    await expect.poll(async () => codeIn(await post(call({}, "pay"), { at: first.url, as }))).toBeUndefined();
    await first.stop();
    const files = readdirSync(path.join(dataDir, "journal")).filter((name) => /counter/.test(name));
    expect(files.length).toBeGreaterThan(0);
    for (const name of files) writeFileSync(path.join(dataDir, "journal", name), "{ torn");
    const { at } = await startAnyway(dataDir);
    arrived = [];
    await expect.poll(async () => codeIn(await post(call({}, "pay"), { at, as }))).toBe("counter_unavailable");
    expect(arrived).toEqual([]);
  });

  // Where no file system can be made, the same with a disk that is made up: journal.test.ts.
  it.runIf(canMount)("when the disk is full, make no call until there is room again", async () => {
    const dataDir = scratch();
    const inSmall = (command: string[]) => onSmallDisk(path.join(dataDir, "journal"), command);
    const { at, pid } = await startAnyway(dataDir, inSmall);
    await expect.poll(async () => codeIn(await post(call(), { at }))).toBeUndefined();
    const filler = path.join(`/proc/${pid}/root`, dataDir, "journal/filler");
    expect(() => writeFileSync(filler, Buffer.alloc(2 * 1024 * 1024))).toThrow("ENOSPC");
    arrived = [];
    let made = 0;
    // What is left of the last page still holds some records: those calls are made and on record.
    while (codeIn(await post(call(), { at })) !== "record_unavailable") made += 1;
    expect(made).toBeLessThan(50);
    for (let i = 0; i < 20; i++) expect(codeIn(await post(call(), { at }))).toBe("record_unavailable");
    expect(arrived).toHaveLength(made);
    rmSync(filler);
    await expect.poll(async () => codeIn(await post(call(), { at })), { timeout: 5_000 }).toBeUndefined();
  });

  it("when the clock was set back, forget no call that a limit counted", async () => {
    const limit = { counter: "calls", window: "hour", max: 2, scope: "grant" };
    const as = await grantWith({ version: "1", default: "allow", tools: { pay: { limits: [limit] } } });
    const dataDir = scratch();
    const from = Date.now();
    const first = await startGateway({ databaseUrl: database.url, dataDir });
    for (let i = 0; i < 2; i++) expect(codeIn(await post(call({}, "pay"), { at: first.url, as }))).toBeUndefined();
    await first.kill9();
    const back = `const by = 3 * 3600_000, now = Date.now; Date.now = () => now() - by;
      Object.defineProperty(performance, "timeOrigin", { value: performance.timeOrigin - by });`;
    const preload = path.join(dataDir, "back.mjs");
    writeFileSync(preload, back);
    const env = { NODE_OPTIONS: `--import ${preload}` };
    const second = await startGateway({ databaseUrl: database.url, dataDir, env });
    arrived = [];
    for (let i = 0; i < 3; i++)
      expect(codeIn(await post(call({}, "pay"), { at: second.url, as }))).toBe("rate_limited");
    expect(arrived).toEqual([]);
    await second.stop();
    // What the second one wrote down comes after what the first one did, by no clock that was set.
    const times = [...journalOf(dataDir).matchAll(/"kind":"decision".*?"at":(\d+)/g)].map(([, at]) => Number(at));
    expect(times.length).toBeGreaterThanOrEqual(3);
    for (const at of times) expect(at).toBeGreaterThanOrEqual(from);
  });

  it("when it is killed in the middle of a call, keep the call on record with an unknown outcome", async () => {
    const dataDir = scratch();
    const first = await startGateway({ databaseUrl: database.url, dataDir });
    const broken = post(call({ say: "never" }), { at: first.url });
    broken.catch(() => {});
    await expect.poll(() => arrived.length).toBe(1);
    await first.kill9();
    await expect(broken).rejects.toThrow();
    const second = await startGateway({ databaseUrl: database.url, dataDir });
    expect(arrived).toHaveLength(1);
    expect(journalOf(dataDir)).toMatch(/"kind":"outcome"[^\n]*"unknown"/);
    await second.stop();
  });
});
