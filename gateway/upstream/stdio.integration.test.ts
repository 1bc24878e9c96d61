import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { identify } from "../process-identity.ts";
import { openStdioUpstreams, type StdioLimits, type StdioUpstreams, stdioLimits } from "./stdio.ts";
import type { Exchange, UpstreamServer, UpstreamTrouble } from "./upstream.ts";

type Heard = {
  status?: number;
  headers: Record<string, string>;
  body: string;
  ended: boolean;
  trouble?: UpstreamTrouble;
};
type Talk = Heard & { exchange: Exchange; over: Promise<Heard> };

const unruly = resolve("e2e/servers/unruly.mjs");
let dataDir: string;
const opened: StdioUpstreams[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "stdio-"));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((upstreams) => upstreams.close()));
  rmSync(dataDir, { recursive: true, force: true });
});

const log = { debug() {}, info() {}, warn() {}, error() {} };

function open(limits: Partial<StdioLimits> = {}, settings = { hosted: false, allowStdio: false }): StdioUpstreams {
  const upstreams = openStdioUpstreams({ ...settings, dataDir }, log, { ...stdioLimits, ...limits });
  opened.push(upstreams);
  return upstreams;
}

const serverWith = (args: string[] = [], change: Partial<UpstreamServer> = {}): UpstreamServer => ({
  id: "server-1",
  organisationId: "organisation-1",
  transport: "stdio",
  command: process.execPath,
  args: [unruly, ...args],
  era: "legacy",
  ...change,
});

function talk(
  upstreams: StdioUpstreams,
  server: UpstreamServer,
  body: object | string | null,
  session?: string,
  method: "POST" | "GET" | "DELETE" = "POST",
  grantId = "grant-1",
): Talk {
  let settle: (heard: Heard) => void = () => {};
  const over = new Promise<Heard>((done) => {
    settle = done;
  });
  const heard = { headers: {}, body: "", ended: false, over } as Talk;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  heard.exchange = upstreams.exchange(
    {
      server,
      grantId,
      method,
      headers: session === undefined ? {} : { "mcp-session-id": session },
      ...(body !== null && { body: Buffer.from(text) }),
    },
    {
      onHeaders: (status, headers) => Object.assign(heard, { status, headers }),
      onData(chunk) {
        heard.body += chunk;
      },
      onEnd() {
        heard.ended = true;
        settle(heard);
      },
      onTrouble(trouble) {
        heard.trouble = trouble;
        settle(heard);
      },
    },
  );
  return heard;
}

const initialize = (id: string | number = 0) => ({
  jsonrpc: "2.0",
  id,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
});
const call = (id: unknown, name: string, args: unknown = {}, _meta?: object) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: args, ...(_meta && { _meta }) },
});
const modern = (id: unknown, method: string, params: object = {}) => ({
  jsonrpc: "2.0",
  id,
  method,
  params: {
    ...params,
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  },
});

async function begin(upstreams: StdioUpstreams, server: UpstreamServer): Promise<string> {
  const heard = await talk(upstreams, server, initialize()).over;
  expect(heard).toMatchObject({ status: 200, ended: true });
  await talk(
    upstreams,
    server,
    { jsonrpc: "2.0", method: "notifications/initialized" },
    heard.headers["mcp-session-id"],
  );
  return heard.headers["mcp-session-id"] ?? "";
}

/** What the tool said, read from a JSON answer or from the last event of a stream. */
function said(heard: Heard): unknown {
  const json = heard.headers["content-type"] === "text/event-stream" ? events(heard).at(-1) : JSON.parse(heard.body);
  return JSON.parse(json.result.content[0].text);
}

const events = (heard: Heard) => [...heard.body.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? ""));

/** The processes that have the mark in their environment, whatever number they think they have. Linux only. */
function marked(mark: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "latin1").includes(mark);
    } catch {
      return false;
    }
  });
}

describe("a command presented as a Streamable HTTP server", () => {
  it("begins a session with initialize, answers in it, and ends it with DELETE", async () => {
    const upstreams = open();
    const server = serverWith();
    const session = await begin(upstreams, server);
    expect(session).toMatch(/^[\x21-\x7e]{40,}$/);
    const heard = await talk(upstreams, server, call("a", "echo", { x: 1 }), session).over;
    expect(heard).toMatchObject({ status: 200, headers: { "content-type": "application/json" } });
    expect(said(heard)).toEqual({ x: 1 });
    const notified = await talk(
      upstreams,
      server,
      { jsonrpc: "2.0", method: "notifications/roots/list_changed" },
      session,
    ).over;
    expect(notified).toMatchObject({ status: 202, body: "" });
    expect((await talk(upstreams, server, null, session, "DELETE").over).status).toBe(200);
    expect((await talk(upstreams, server, call(2, "echo"), session).over).status).toBe(404);
    expect((await talk(upstreams, server, null, session, "GET").over).status).toBe(404);
    await expect.poll(() => upstreams.processes).toBe(0);
  });

  it("passes what was said through unchanged, whatever its layout", async () => {
    const upstreams = open();
    const server = serverWith();
    const session = await begin(upstreams, server);
    const heard = await talk(
      upstreams,
      server,
      JSON.stringify(call(1, "big"), null, 2).replaceAll("\n", "\r\n"),
      session,
    ).over;
    expect(heard.body).toBe('{"jsonrpc":"2.0","id":1,"result":{"n":9007199254740993, "m":1.0}}');
    expect((await talk(upstreams, server, call(2, "batch"), session).over).body).toContain("9007199254740993");
  });

  it("tells requests apart by the exact id", async () => {
    const upstreams = open();
    const server = serverWith();
    const session = await begin(upstreams, server);
    const number = talk(upstreams, server, call(1, "slow", { ms: 300 }), session);
    const string = talk(upstreams, server, call("1", "echo", "text"), session);
    expect(said(await string.over)).toBe("text");
    expect(number.ended).toBe(false);
    expect((await talk(upstreams, server, call(1, "echo"), session).over).status).toBe(400);
    expect(said(await number.over)).toBe("slow");
  });

  it("knows no session that it did not give away", async () => {
    const upstreams = open();
    const server = serverWith();
    for (const session of ["", "x", "../../etc/passwd", `${"a".repeat(22)}.bm8`]) {
      expect((await talk(upstreams, server, call(1, "echo"), session).over).status).toBe(404);
    }
    expect((await talk(upstreams, server, call(1, "echo")).over).status).toBe(400);
    expect((await talk(upstreams, server, null, undefined, "GET").over).status).toBe(405);
    expect((await talk(upstreams, server, "[]").over).status).toBe(400);
    expect(upstreams.processes).toBe(0);
  });

  it("survives log lines, errors that answer nothing and answers that nobody waits for", async () => {
    const upstreams = open();
    const server = serverWith();
    const session = await begin(upstreams, server);
    expect(said(await talk(upstreams, server, call(1, "chatter"), session).over)).toBe("after the noise");
    expect(upstreams.counts(server.id)).toMatchObject({ skippedLines: 2, droppedMessages: 2 });
    // What it says by itself waits for a stream.
    const stream = talk(upstreams, server, null, session, "GET");
    await expect.poll(() => events(stream).length).toBe(1);
    expect(events(stream)[0].method).toBe("notifications/tools/list_changed");
    expect((await talk(upstreams, server, null, session, "GET").over).status).toBe(409);
    stream.exchange.cancel();
    const again = talk(upstreams, server, null, session, "GET");
    await expect.poll(() => again.status).toBe(200);
    await talk(upstreams, server, call(2, "chatter"), session).over;
    await expect.poll(() => events(again).length).toBe(1);
    // What was counted stays when the server goes.
    const counted = upstreams.counts(server.id);
    expect(counted.skippedLines).toBe(4);
    upstreams.retain(new Map());
    expect(upstreams.totals()).toEqual(counted);
    expect(upstreams.counts(server.id).skippedLines).toBe(0);
  });

  it("streams progress to the request that asked for it", async () => {
    const upstreams = open();
    const server = serverWith();
    const session = await begin(upstreams, server);
    const other = talk(upstreams, server, call(1, "slow", { ms: 300 }, { progressToken: "1" }), session);
    const heard = await talk(upstreams, server, call(2, "progress", {}, { progressToken: 1 }), session).over;
    expect(heard.headers["content-type"]).toBe("text/event-stream");
    expect(events(heard).map((event) => event.params?.progress ?? event.id)).toEqual([1, 2, 3, 2]);
    expect((await other.over).headers["content-type"]).toBe("application/json");
  });

  it.each([true, false])(
    "carries a question of the server and its answer (a stream is open: %s)",
    async (hasStream) => {
      const upstreams = open();
      const server = serverWith();
      const session = await begin(upstreams, server);
      const stream = hasStream ? talk(upstreams, server, null, session, "GET") : null;
      if (stream) await expect.poll(() => stream.status).toBe(200);
      const asked = talk(upstreams, server, call(1, "ask"), session);
      const heard = stream ?? asked;
      await expect.poll(() => events(heard).length).toBe(1);
      const reply = { jsonrpc: "2.0", id: events(heard)[0].id, result: { action: "accept" } };
      expect((await talk(upstreams, server, reply, session).over).status).toBe(202);
      expect(said(await asked.over)).toEqual({ action: "accept" });
    },
  );

  it("gives each session a process of its own", async () => {
    const upstreams = open();
    const server = serverWith();
    const sessions = [await begin(upstreams, server), await begin(upstreams, server)];
    const places = await Promise.all(
      sessions.map(async (session) => said(await talk(upstreams, server, call(1, "where"), session).over)),
    );
    expect(new Set(places.map((where) => (where as { cwd: string }).cwd)).size).toBe(2);
    expect(upstreams.processes).toBe(2);
  });

  it("gives the program nothing of ours", async () => {
    process.env.SECRET_KEY = "canary-secret-key";
    process.env.DATABASE_URL = "postgres://canary";
    try {
      const upstreams = open();
      const server = serverWith(["$(whoami)", "a b"], { env: { API_KEY: "k1" } });
      const session = await begin(upstreams, server);
      const environment = said(await talk(upstreams, server, call(1, "environment"), session).over) as object;
      // Shells add two of their own.
      const names = Object.keys(environment).filter((name) => !/^(PWD|OLDPWD|SHLVL|_)$/.test(name));
      expect(names.sort()).toEqual(["API_KEY", "HOME", "LANG", "PATH", "TMPDIR"]);
      expect(JSON.stringify(environment)).not.toContain("canary");
      const where = said(await talk(upstreams, server, call(2, "where"), session).over) as { cwd: string };
      expect(where).toMatchObject({ argv: ["$(whoami)", "a b"] });
      expect(where.cwd).toMatch(/policylayer-\w+\/work$/);
      await upstreams.close();
      await expect.poll(() => existsSync(where.cwd)).toBe(false);
    } finally {
      delete process.env.SECRET_KEY;
      delete process.env.DATABASE_URL;
    }
  });
});

describe("a command that fails", () => {
  it("is told as such when there is no such program", async () => {
    const upstreams = open();
    const heard = await talk(upstreams, serverWith([], { command: "no-such-program-here" }), initialize()).over;
    expect(heard.trouble).toMatchObject({ code: "command_not_found", sent: false });
    expect(heard.trouble?.message).toContain("no-such-program-here");
    const notExecutable = serverWith([], { id: "server-2", command: unruly });
    expect((await talk(upstreams, notExecutable, initialize()).over).trouble?.code).toBe("command_not_found");
    const malformed = serverWith(["\0"], { id: "server-3" });
    expect((await talk(upstreams, malformed, initialize()).over).trouble?.code).toBe("command_not_found");
  });

  it("is quoted with its last words, but never with the values of its environment", async () => {
    const server = serverWith(["--fails-at-start"], { env: { API_KEY: "canary-4711" } });
    const heard = await talk(open(), server, initialize()).over;
    expect(heard.trouble?.code).toBe("command_exited");
    expect(heard.trouble?.message).toContain("cannot start: no [hidden] in sight");
    expect(JSON.stringify(heard)).not.toContain("canary-4711");
  });

  it("is quoted without a part of such a value, wherever its words are cut", async () => {
    const secret = "canary-4711-".repeat(8);
    for (const rest of [1_950, 1_990, 1_999]) {
      const script = `process.stderr.write(process.env.API_KEY + "x".repeat(${rest})); process.exit(1)`;
      const server = { ...serverWith(), id: `cut-${rest}`, command: process.execPath, args: ["-e", script] };
      const heard = await talk(open(), { ...server, env: { API_KEY: secret } }, initialize()).over;
      expect(heard.trouble?.message).toContain("xxx");
      expect(heard.trouble?.message).not.toContain("4711");
    }
  });

  it("goes on after the process died: the call's outcome is unknown, the next one starts it again", async () => {
    const upstreams = open();
    const server = serverWith();
    const session = await begin(upstreams, server);
    const slow = talk(upstreams, server, call(1, "slow", { ms: 5000 }), session);
    const dying = talk(upstreams, server, call(2, "die"), session);
    expect((await dying.over).trouble).toMatchObject({ code: "command_exited", sent: true });
    expect((await slow.over).trouble).toMatchObject({ code: "command_exited", sent: true });
    const early = await talk(upstreams, server, call(3, "session"), session).over;
    expect(early.trouble).toMatchObject({ code: "upstream_restarting", sent: false });
    await new Promise((done) => setTimeout(done, 300));
    const both = [
      talk(upstreams, server, call(3, "session"), session),
      talk(upstreams, server, call(4, "echo"), session),
    ];
    const state = said((await both[0]?.over) as Heard);
    expect(state).toMatchObject({ initialized: { clientInfo: { name: "test" } }, initializations: 1 });
    expect((await both[1]?.over)?.status).toBe(200);
    expect(upstreams.counts(server.id).restarts).toBe(1);
  });

  it("is held back longer each time", async () => {
    const upstreams = open();
    const server = serverWith(["--fails-at-start"]);
    const outcomes: (string | undefined)[] = [];
    let waitS: number | undefined;
    const until = Date.now() + 1_500;
    while (Date.now() < until) {
      const { trouble } = await talk(upstreams, server, initialize()).over;
      outcomes.push(trouble?.code);
      waitS ??= trouble?.retryAfterS;
      await new Promise((done) => setTimeout(done, 10));
    }
    expect(outcomes.filter((code) => code === "command_exited").length).toBeLessThanOrEqual(3);
    expect(outcomes.filter((code) => code === "upstream_restarting").length).toBeGreaterThan(20);
    expect(waitS).toBe(1);
  });

  it("goes on in the same session after the gateway was restarted", async () => {
    const server = serverWith();
    const first = open();
    const session = await begin(first, server);
    await first.close();
    const second = open();
    expect(said(await talk(second, server, call(1, "session"), session).over)).toMatchObject({
      initialized: { protocolVersion: "2025-11-25", clientInfo: { name: "test" } },
    });
  });

  it("is told nothing that had to wait for it when what allowed that no longer holds", async () => {
    const server = serverWith();
    const session = await begin(open(), server);
    const body = Buffer.from(JSON.stringify(call(1, "die")));
    const request = { server, grantId: "g", method: "POST" as const, headers: { "mcp-session-id": session }, body };
    const second = open();
    const trouble = await new Promise((done) => {
      const handler = { onHeaders: done, onData() {}, onEnd() {}, onTrouble: done };
      second.exchange({ ...request, obstacle: () => "frozen" }, handler);
    });
    expect(trouble).toMatchObject({ code: "frozen", sent: false });
    expect(said(await talk(second, server, call(2, "echo", { alive: true }), session).over)).toEqual({ alive: true });
  });

  it("times out when it never answers, and is not asked to repeat", async () => {
    const upstreams = open({ answerTimeoutMs: 2_000 });
    const server = serverWith();
    const session = await begin(upstreams, server);
    const heard = await talk(upstreams, server, call(1, "silent"), session).over;
    expect(heard.trouble).toMatchObject({ code: "upstream_timed_out", sent: true });
    expect((await talk(upstreams, server, call(2, "echo"), session).over).status).toBe(200);
  });

  it("fails the call but keeps the session when it writes too much", async () => {
    const upstreams = open();
    const server = serverWith();
    const session = await begin(upstreams, server);
    const heard = await talk(upstreams, server, call(1, "flood"), session).over;
    expect(heard.trouble).toMatchObject({ code: "upstream_too_large", sent: true });
    expect(
      (await talk(upstreams, server, call(2, "flood", { bytes: 3_000_000 }), session).over).body.length,
    ).toBeGreaterThan(3_000_000);
  });

  it("is refused in hosted mode unless it is allowed", async () => {
    const refused = await talk(open({}, { hosted: true, allowStdio: false }), serverWith(), initialize()).over;
    expect(refused.trouble).toMatchObject({ code: "stdio_refused", sent: false });
    expect((await talk(open({}, { hosted: true, allowStdio: true }), serverWith(), initialize()).over).status).toBe(
      200,
    );
  });
});

describe("a server of the 2026-07-28 revision", () => {
  it("has one process for each grant, and needs no session", async () => {
    const upstreams = open();
    const server = serverWith(["--modern"], { era: "modern" });
    const pid = async (grantId: string) =>
      (
        said(
          await talk(upstreams, server, modern(1, "tools/call", { name: "where" }), undefined, "POST", grantId).over,
        ) as { cwd: string }
      ).cwd;
    expect(await pid("a")).toBe(await pid("a"));
    expect(await pid("b")).not.toBe(await pid("a"));
    const unknown = await talk(upstreams, server, modern(2, "no/such")).over;
    expect(unknown.status).toBe(404);
  });

  it("never mixes up two clients of one grant that use the same id", async () => {
    const upstreams = open();
    const server = serverWith(["--modern"], { era: "modern" });
    const slow = talk(upstreams, server, modern(1, "tools/call", { name: "slow" }));
    const quick = talk(upstreams, server, modern(1, "tools/call", { name: "echo", arguments: { mine: true } }));
    expect(said(await quick.over)).toEqual({ mine: true });
    expect(said(await slow.over)).toBe("slow");
  });

  it("streams a subscription, and is told when the client leaves", async () => {
    const upstreams = open();
    const server = serverWith(["--modern"], { era: "modern" });
    const listening = talk(upstreams, server, modern("sub", "subscriptions/listen"));
    await expect.poll(() => events(listening).length).toBe(1);
    expect(listening.headers["content-type"]).toBe("text/event-stream");
    listening.exchange.cancel();
    expect((await talk(upstreams, server, modern(2, "tools/list")).over).status).toBe(200);
  });

  it("is not offered by a legacy server: the client falls back", async () => {
    const heard = await talk(open(), serverWith(), modern(1, "server/discover")).over;
    expect(heard.status).toBe(400);
    expect(JSON.parse(heard.body)).toMatchObject({ id: 1, error: { code: -32000 } });
  });
});

describe("the processes of stdio servers", () => {
  const isAlive = (pid: number) => identify(pid) !== null;

  it("end as a whole, also when they do not want to", async () => {
    const upstreams = open();
    const mark = randomUUID();
    const server = serverWith(["--stubborn"], { env: { MARK: mark } });
    const session = await begin(upstreams, server);
    await talk(upstreams, server, call(1, "children"), session).over;
    expect(marked(mark).length).toBeGreaterThanOrEqual(2);
    const before = Date.now();
    await upstreams.close();
    expect(Date.now() - before).toBeLessThan(3_500);
    await expect.poll(() => marked(mark)).toEqual([]);
    expect(readdirSync(join(dataDir, "stdio", "pids"))).toEqual([]);
  });

  it("end when their server is changed or removed", async () => {
    const upstreams = open();
    const server = serverWith();
    const session = await begin(upstreams, server);
    upstreams.retain(new Map([[server.id, { ...server, era: "legacy" as const }]]));
    expect(upstreams.processes).toBe(1);
    const waiting = talk(upstreams, server, call(1, "silent"), session);
    upstreams.retain(new Map([[server.id, { ...server, env: { A: "1" } }]]));
    expect((await waiting.over).trouble).toMatchObject({ code: "command_exited", sent: true });
    await expect.poll(() => upstreams.processes).toBe(0);
    const changed = { ...server, env: { A: "1" } };
    expect(said(await talk(upstreams, changed, call(2, "environment"), session).over)).toMatchObject({ A: "1" });
    upstreams.retain(new Map());
    await expect.poll(() => upstreams.processes).toBe(0);
  });

  it("that cannot be started leaves nothing behind, however often it is asked for", async () => {
    const upstreams = open({ processesPerServerMax: 1 });
    await begin(upstreams, serverWith());
    const many = async () => {
      const start = process.cpuUsage();
      for (let n = 0; n < 4_000; n += 1) await talk(upstreams, serverWith(), initialize()).over;
      return process.cpuUsage(start).user;
    };
    const first = await many();
    // What is left behind is gone through each time a process has to give way.
    expect(await many()).toBeLessThan(2 * first + 200_000);
  });

  it("are limited in number", async () => {
    const upstreams = open({ processesPerServerMax: 2 });
    const server = serverWith();
    await begin(upstreams, server);
    await begin(upstreams, server);
    const heard = await talk(upstreams, server, initialize()).over;
    expect(heard.trouble).toMatchObject({ code: "upstream_full", sent: false, retryAfterS: 60 });
    expect(heard.trouble?.message).toContain("2 processes");
  });

  it("end when nobody uses them, and come back when somebody does", async () => {
    const upstreams = open({ idleMs: 200 });
    const server = serverWith();
    const session = await begin(upstreams, server);
    await expect.poll(() => upstreams.processes, { timeout: 3_000 }).toBe(0);
    expect((await talk(upstreams, server, call(1, "echo"), session).over).status).toBe(200);
  });

  it("are ended by the next gateway when ours was killed", async () => {
    const script = `
      import { openStdioUpstreams } from "${resolve("gateway/upstream/stdio.ts")}";
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const upstreams = openStdioUpstreams({ hosted: false, allowStdio: false, dataDir: ${JSON.stringify(dataDir)} }, log);
      const server = ${JSON.stringify(serverWith(["--stubborn"]))};
      const request = { server, grantId: "g", method: "POST", headers: {}, body: Buffer.from(${JSON.stringify(JSON.stringify(initialize()))}) };
      upstreams.exchange(request, { onHeaders() {}, onData() {}, onTrouble: console.log, onEnd: () => console.log("ready") });
    `;
    const gateway = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]);
    await new Promise((ready) => gateway.stdout.once("data", ready));
    const [name] = readdirSync(join(dataDir, "stdio", "pids"));
    const pid = Number(name);
    expect(isAlive(pid)).toBe(true);
    open();
    expect(isAlive(pid), "its gateway still runs").toBe(true);
    const gone = new Promise((exited) => gateway.once("exit", exited));
    gateway.kill("SIGKILL");
    await gone;
    expect(isAlive(pid)).toBe(true);
    open();
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect(existsSync(join(dataDir, "stdio", "pids", String(pid)))).toBe(false);
  });
});
