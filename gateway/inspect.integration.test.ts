import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createInspector, type InspectAnswer, type Inspection } from "./inspect.ts";

const tsx = resolve("node_modules/tsx/dist/loader.mjs");
const tmuxClaude = resolve("e2e/servers/tmux-claude.ts");
const unruly = resolve("e2e/servers/unruly.mjs");
const canary = "canary-4711-secret";
const log = { debug() {}, info() {}, warn() {}, error() {} };
let dataDir: string;
const closing: (() => unknown)[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "inspect-"));
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  rmSync(dataDir, { recursive: true, force: true });
});

function inspect(target: object, settings = {}): Promise<InspectAnswer> {
  const local = { hosted: false, allowStdio: false, allowPrivateUpstreams: true, dataDir };
  return createInspector({ ...local, ...settings }, log)(target);
}
const command = (program: string, args: string[] = [], env?: Record<string, string>) => ({
  transport: "stdio",
  command: program,
  args,
  ...(env && { env }),
});
const names = (answer: InspectAnswer) => (answer as Inspection).tools.map(({ name }) => name);

type Rpc = { id?: unknown; method: string; params: { cursor?: string } };
type Answered = { status?: number; headers?: Record<string, string>; body?: string };

/** An HTTP server that answers as it is told; `requests` is what reached it. */
async function serve(answer: (message: Rpc, headers: NodeJS.Dict<string | string[]>) => Answered) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const message: Rpc = chunks.length > 0 ? JSON.parse(`${Buffer.concat(chunks)}`) : { method: request.method };
      requests.push(message.method);
      const { status = 200, headers = {}, body = "" } = answer(message, request.headers);
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  closing.push(() => new Promise((done) => server.close(done)));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, requests };
}

const result = (message: Rpc, value: unknown): Answered => ({
  body: JSON.stringify({ jsonrpc: "2.0", id: message.id, result: value }),
});
const error = (message: Rpc, code: number, status = 200): Answered => ({
  status,
  body: JSON.stringify({ jsonrpc: "2.0", id: message.id ?? null, error: { code, message: canary } }),
});
const initialized = {
  protocolVersion: "2025-06-18",
  capabilities: { tools: {} },
  serverInfo: { name: "fake", version: "1" },
};

/** A legacy server whose pages of tools are given by cursor. */
const listing = (page: (cursor: string | undefined) => object) => (message: Rpc) => {
  if (message.method === "initialize") return { ...result(message, initialized), headers: { "mcp-session-id": "s1" } };
  if (message.method === "tools/list") return result(message, page(message.params.cursor));
  if (message.method === "server/discover") return error(message, -32000, 400);
  return { status: 202 };
};

async function startHttp(args: string[], ready: RegExp, env: Record<string, string> = {}): Promise<string> {
  const child: ChildProcess = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  closing.push(() => child.kill());
  return new Promise((found, failed) => {
    let output = "";
    const hear = (chunk: Buffer) => {
      output += chunk;
      const match = ready.exec(output);
      if (match) found(match[1] ?? "");
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("exit", () => failed(new Error(output)));
  });
}

describe("inspecting a real server", () => {
  it("finds all 26 tools of tmux-claude over its pages, through its log lines", async () => {
    const answer = await inspect(command(process.execPath, ["--import", tsx, tmuxClaude]));
    expect(answer).toMatchObject({ ok: true, era: "legacy", protocolVersion: "2024-11-05", findings: [] });
    expect(names(answer)).toHaveLength(26);
    expect(names(answer)).toContain("vm_create_image");
    expect((answer as Inspection).skippedLines).toBeGreaterThan(2);
    expect(readdirSync(join(dataDir, "stdio", "pids"))).toEqual([]);
    expect(readdirSync(join(dataDir, "stdio"))).toEqual(["pids"]);
  });

  it.each([
    ["server-memory", [], ["create_entities"]],
    ["server-filesystem", [tmpdir()], ["write_file"]],
    // The others are listed only to clients that can answer what these tools ask.
    ["server-everything", [], ["echo", "trigger-sampling-request", "trigger-elicitation-request", "get-roots-list"]],
  ])("lists the tools of %s from npm over stdio", async (server, args, tools) => {
    const program = resolve(`node_modules/@modelcontextprotocol/${server}/dist/index.js`);
    const answer = await inspect(command(process.execPath, [program, ...args]));
    expect(answer).toMatchObject({ ok: true, era: "legacy", findings: [] });
    expect(names(answer)).toEqual(expect.arrayContaining(tools));
  });

  it("answers a server that asks before it lists", async () => {
    const asking = `
      const say = (message) => console.log(JSON.stringify({ jsonrpc: "2.0", ...message }));
      let list;
      require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
        const { id, method, result, error } = JSON.parse(line);
        if (method === "initialize") say({ id, result: ${JSON.stringify(initialized)} });
        if (method === "tools/list") say({ id: "roots", method: "roots/list", params: {} }, (list = id));
        if (id === "roots") say({ id: "model", method: "sampling/createMessage", params: { roots: result.roots } });
        if (id === "model") say({ id: list, result: { tools: [{ name: "answered" + error.code }] } });
      });`;
    expect(names(await inspect(command(process.execPath, ["-e", asking])))).toEqual(["answered-32601"]);
  });

  it("lists the tools of server-everything over HTTP, and ends its session", async () => {
    const program = resolve("node_modules/@modelcontextprotocol/server-everything/dist/index.js");
    await startHttp([program, "streamableHttp"], /(listening)/, { PORT: "4531" });
    const answer = await inspect({ transport: "http", url: "http://127.0.0.1:4531/mcp" });
    expect(answer).toMatchObject({ ok: true, era: "legacy", protocolVersion: "2025-11-25", skippedLines: 0 });
    expect(names(answer)).toEqual(expect.arrayContaining(["echo", "trigger-sampling-request", "get-roots-list"]));
    expect((answer as Inspection).tools.every(({ definition, name }) => JSON.parse(definition).name === name)).toBe(
      true,
    );
  });

  it.each([[[]], [["--sse"]]])("speaks 2026-07-28 with a server that does %s", async (args) => {
    const url = await startHttp(["--import", tsx, resolve("e2e/servers/echo-http.ts"), ...args], /(http:\S+)/);
    const answer = await inspect({ transport: "http", url });
    expect(answer).toMatchObject({ ok: true, era: "modern", protocolVersion: "2026-07-28" });
    expect(names(answer)).toContain("echo");
  });

  it("speaks 2026-07-28 with a command that does", async () => {
    const answer = await inspect(command(process.execPath, [unruly, "--modern"]));
    expect(answer).toMatchObject({ ok: true, era: "modern" });
    expect(names(answer)).toContain("echo");
  });
});

describe("inspecting a server over HTTP", () => {
  it("follows every page, the empty cursor too, and keeps definitions as they are written", async () => {
    const raw = '{ "name" : "big", "inputSchema": {"maximum": 9007199254740993, "minimum": 1.0}, "vendor": {"x": []} }';
    const { url, requests } = await serve((message) => {
      const cursor = message.params?.cursor;
      if (message.method === "tools/list" && cursor === "2") {
        return { body: `{"jsonrpc":"2.0","id":${message.id},"result":{"tools":[${raw}]}}` };
      }
      return listing((at) =>
        at === undefined ? { tools: [{ name: "a" }], nextCursor: "" } : { tools: [], nextCursor: "2" },
      )(message);
    });
    const answer = await inspect({ transport: "http", url });
    expect(names(answer)).toEqual(["a", "big"]);
    expect((answer as Inspection).tools[1]?.definition).toBe(raw);
    expect(requests.at(-1)).toBe("DELETE");
  });

  it("stops at a list that does not end", async () => {
    const round = await serve(listing((cursor) => ({ tools: [], nextCursor: cursor === "b" ? "a" : "b" })));
    expect(await inspect({ transport: "http", url: round.url })).toMatchObject({ ok: false, code: "upstream_failed" });
    let page = 0;
    const endless = await serve(listing(() => ({ tools: [], nextCursor: `${page++}` })));
    expect(await inspect({ transport: "http", url: endless.url })).toMatchObject({ ok: false, code: "too_many_tools" });
    const many = await serve(listing(() => ({ tools: Array.from({ length: 5_001 }, (_, i) => ({ name: `t${i}` })) })));
    expect(await inspect({ transport: "http", url: many.url })).toMatchObject({ ok: false, code: "too_many_tools" });
    const large = await serve(listing(() => ({ tools: [{ name: "a", description: "x".repeat(17_000_000) }] })));
    expect(await inspect({ transport: "http", url: large.url })).toMatchObject({ ok: false, code: "too_many_tools" });
  });

  it("says what is the matter, and never what the server said or what is in a header", async () => {
    const leak = (status: number, body = canary) => serve(() => ({ status, body, headers: { "x-canary": canary } }));
    const cases: [Awaited<ReturnType<typeof serve>>, string][] = [
      [await leak(401), "upstream_unauthorized"],
      [await leak(403), "upstream_unauthorized"],
      [await leak(404), "upstream_not_mcp"],
      [await leak(200, `<html>${canary}</html>`), "upstream_not_mcp"],
      [await leak(500), "upstream_failed"],
      [await leak(307), "upstream_failed"],
      [await serve((message) => error(message, -32603)), "upstream_failed"],
      [
        await serve((message, headers) => ({ status: 400, body: JSON.stringify({ ...message, headers }) })),
        "upstream_not_mcp",
      ],
    ];
    for (const [{ url }, code] of cases) {
      const answer = await inspect({ transport: "http", url, headers: { authorization: `Bearer ${canary}` } });
      expect(answer).toMatchObject({ ok: false, code });
      expect(JSON.stringify(answer)).not.toContain(canary);
    }
  });

  it("sends the owner's headers", async () => {
    const seen: unknown[] = [];
    const { url } = await serve((message, headers) => {
      seen.push(headers.authorization);
      return listing(() => ({ tools: [] }))(message);
    });
    expect(await inspect({ transport: "http", url, headers: { Authorization: `Bearer ${canary}` } })).toMatchObject({
      ok: true,
    });
    expect(new Set(seen)).toEqual(new Set([`Bearer ${canary}`]));
  });

  it("names an address where nobody is, and one that is not dialled", async () => {
    expect(await inspect({ transport: "http", url: "http://127.0.0.1:4599/mcp" })).toMatchObject({
      code: "upstream_unreachable",
    });
    const hosted = { hosted: true, allowPrivateUpstreams: false };
    for (const url of [
      "http://127.0.0.1:4599/mcp",
      "http://localhost:4599/mcp",
      "http://[::1]:4599/",
      "file:///etc/passwd",
    ]) {
      expect(await inspect({ transport: "http", url }, hosted)).toMatchObject({ code: "upstream_address_refused" });
    }
  });
});

describe("inspecting a command", () => {
  it("says that there is no such program, or what it said before it ended, without its variables", async () => {
    expect(await inspect(command("no-such-program-here"))).toMatchObject({ ok: false, code: "command_not_found" });
    const answer = await inspect(command(process.execPath, [unruly, "--fails-at-start"], { API_KEY: canary }));
    expect(answer).toMatchObject({ ok: false, code: "command_exited" });
    expect(JSON.stringify(answer)).toContain("in sight");
    expect(JSON.stringify(answer)).not.toContain(canary);
  });

  it("does not wait for ever for one that never answers, and says what can be done", async () => {
    const from = Date.now();
    const silent = command(process.execPath, ["-e", "process.stdin.resume()"]);
    const answer = await inspect(silent, { stdioStartMs: 1_000 });
    expect(answer).toMatchObject({ ok: false, code: "upstream_timed_out" });
    expect((answer as { message: string }).message).toMatch(/within 1 s.*STDIO_START_SECONDS/);
    expect(Date.now() - from).toBeLessThan(8_000);
  });

  it("is refused in hosted mode", async () => {
    const answer = await inspect(command(process.execPath, [unruly]), { hosted: true });
    expect(answer).toMatchObject({ ok: false, code: "stdio_refused" });
    expect(existsSync(join(dataDir, "stdio"))).toBe(false);
  });

  it("refuses what is no request to inspect", async () => {
    for (const body of [null, {}, { transport: "ftp" }, { transport: "stdio", command: 7, args: [] }]) {
      expect(await inspect(body as object)).toMatchObject({ ok: false, code: "upstream_failed" });
    }
  });
});
