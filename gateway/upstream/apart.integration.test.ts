// What a hostile command can do to us, tried with one that does as it is told. What holds where is told in README "Commands".
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Apartness, apartnessOf } from "./launch.ts";
import { openStdioUpstreams, type StdioUpstreams, stdioLimits } from "./stdio.ts";
import type { UpstreamServer, UpstreamSettings } from "./upstream.ts";

const obedient = resolve("e2e/servers/obedient.mjs");
const canary = `canary-${randomUUID()}`;
const isLinux = process.platform === "linux";
const logged: string[] = [];
const keep = (fields: object, text?: string) => void logged.push(`${JSON.stringify(fields)} ${text}`);
const log = { debug: keep, info: keep, warn: keep, error: keep };

let dataDir: string;
let upstreams: StdioUpstreams;
let mark: string;
let ids = 0;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "apart-"));
  mkdirSync(join(dataDir, "journal"));
  writeFileSync(join(dataDir, "secrets.json"), canary, { mode: 0o600 });
  mark = randomUUID();
  logged.length = 0;
});
afterEach(async () => {
  await upstreams.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function open(apartness: Apartness, settings: Partial<UpstreamSettings> = {}): void {
  const limits = { ...stdioLimits, apartness };
  upstreams = openStdioUpstreams({ hosted: false, allowStdio: false, dataDir, ...settings }, log, limits);
}

async function send(body: object, session?: string): Promise<{ session: string; body: string }> {
  const server: UpstreamServer = {
    ...{ id: "server-1", organisationId: "o", transport: "stdio", era: "legacy" },
    ...{ command: process.execPath, args: [obedient], env: { MARK: mark, API_KEY: "a-secret-value" } },
  };
  return new Promise((done) => {
    const heard = { session: session ?? "", body: "" };
    const headers: Record<string, string> = session === undefined ? {} : { "mcp-session-id": session };
    const request = { server, grantId: "g", method: "POST" as const, headers, body: Buffer.from(JSON.stringify(body)) };
    upstreams.exchange(request, {
      onHeaders: (_status, got) => Object.assign(heard, { session: session ?? got["mcp-session-id"] }),
      onData(chunk) {
        heard.body += chunk;
      },
      onEnd: () => done(heard),
      onTrouble: (trouble) => done({ ...heard, body: JSON.stringify(trouble) }),
    });
  });
}

async function begin(): Promise<string> {
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } };
  return (await send({ jsonrpc: "2.0", id: 0, method: "initialize", params })).session;
}

/** What the code came to inside of the command; the text of the trouble when it did not live to say so. */
async function run(session: string, code: string): Promise<unknown> {
  ids += 1;
  const call = { jsonrpc: "2.0", id: ids, method: "tools/call", params: { name: "run", arguments: { code } } };
  const { body } = await send(call, session);
  const answer = JSON.parse(body);
  return answer.result ? JSON.parse(answer.result.content[0].text) : answer;
}

function marked(): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "latin1").includes(mark);
    } catch {
      return false;
    }
  });
}

const hasNamespaces = isLinux && apartnessOf(null, places0(), log) === "namespaces";
function places0() {
  const dir = mkdtempSync(join(tmpdir(), "apart-probe-"));
  const [keptHome, seenHome] = [join(dir, "kept"), mkdtempSync(join(tmpdir(), "apart-seen-"))];
  mkdirSync(keptHome);
  return { dataDir: dir, keptHome, seenHome };
}

describe.runIf(hasNamespaces)("a hostile command with namespaces of its own", () => {
  it("sees neither us nor our environment, whatever number it guesses", async () => {
    const neighbour = spawn("sleep", ["60"], { env: { CANARY: canary } as unknown as NodeJS.ProcessEnv });
    try {
      open("namespaces");
      const session = await begin();
      const seen = await run(
        session,
        `return fs.readdirSync("/proc").filter((name) => /^\\d+$/.test(name)).map((pid) => {
           try { return fs.readFileSync("/proc/" + pid + "/environ", "latin1"); } catch { return ""; } }).join("")`,
      );
      expect(seen).not.toContain(canary);
      expect(seen).toContain(mark);
      for (const pid of [process.pid, neighbour.pid]) {
        expect(await run(session, `return fs.readFileSync("/proc/${pid}/environ", "latin1")`)).not.toContain?.(canary);
        expect(await run(session, `process.kill(${pid}, "SIGKILL")`)).toEqual({ error: "ESRCH" });
      }
      expect(neighbour.exitCode).toBeNull();
    } finally {
      neighbour.kill("SIGKILL");
    }
  });

  it("finds nothing in the data directory, and cannot undo that", async () => {
    open("namespaces");
    const session = await begin();
    const secrets = JSON.stringify(join(dataDir, "secrets.json"));
    const read = `return fs.readFileSync(${secrets}, "utf8")`;
    expect(await run(session, read)).toEqual({ error: expect.stringMatching(/ENOENT|EACCES/) });
    const undo = `const done = childProcess.spawnSync("sh", ["-c", "umount -l ${dataDir}; umount -l /proc; cat ${dataDir}/secrets.json; unshare -Urm sh -c 'umount -l ${dataDir}; cat ${dataDir}/secrets.json'"]);
      return String(done.stdout)`;
    expect(await run(session, undo)).not.toContain(canary);
    expect(await run(session, `fs.writeFileSync(${secrets}, "gone")`)).toHaveProperty("error");
    expect(readFileSync(join(dataDir, "secrets.json"), "utf8")).toBe(canary);
  });

  it("that forks without end comes to its limit, and is ended with all of them", async () => {
    // The kernel counts no processes of the real root.
    if (process.getuid?.() === 0) chmodSync(dataDir, 0o711);
    open("namespaces", process.getuid?.() === 0 ? { stdioUser: { uid: 65_534, gid: 65_534 } } : {});
    const session = await begin();
    const bomb = `let started = 0;
      return new Promise((done) => { const more = () => { for (let i = 0; i < 50; i++) { if (started >= 1500) return done("no limit");
        const child = childProcess.spawn("sleep", ["60"], { stdio: "ignore" });
        child.on("error", (error) => done(error.code)); started += 1; } setImmediate(more); }; more(); })`;
    const came = await run(session, bomb);
    expect(JSON.stringify(came)).toMatch(/EAGAIN|command_exited|timed_out/);
    await upstreams.close();
    await expect.poll(marked, { timeout: 5_000 }).toEqual([]);
  });

  it("keeps its home from one run to the next, and nothing else", async () => {
    open("namespaces");
    const first = await begin();
    await run(first, `fs.writeFileSync(process.env.HOME + "/kept", "1"); fs.writeFileSync("scratch", "1")`);
    const cwd = (await run(first, "return process.cwd()")) as string;
    expect(
      await run(await begin(), `return [fs.existsSync(process.env.HOME + "/kept"), fs.existsSync("scratch")]`),
    ).toEqual([true, false]);
    expect(readdirSync(join(dataDir, "stdio", "server-1"))).toEqual(["kept"]);
    expect(existsSync(cwd)).toBe(true);
    await upstreams.close();
    await expect.poll(() => existsSync(cwd)).toBe(false);
  });
});

describe.each<Apartness>(hasNamespaces ? ["namespaces", "limits"] : ["limits"])("a hostile command with %s", (how) => {
  it("has nothing of ours in its environment and among its open files", async () => {
    process.env.CANARY = canary;
    try {
      open(how);
      const session = await begin();
      expect(JSON.stringify(await run(session, "return process.env"))).not.toContain(canary);
      if (!isLinux) return;
      const files = `return fs.readdirSync("/proc/self/fd").map((fd) => { try { return fs.readlinkSync("/proc/self/fd/" + fd) } catch { return "" } })`;
      for (const file of (await run(session, files)) as string[]) expect(file).not.toContain(dataDir);
    } finally {
      delete process.env.CANARY;
    }
  });

  it.runIf(isLinux)(
    "leaves nobody behind who left its group and its session, and not for long who ignores to be ended",
    async () => {
      open(how);
      const session = await begin();
      const daemon = `const started = childProcess.spawn("sh", ["-c", "setsid sh -c 'trap \\"\\" TERM HUP; sleep 300 & sleep 300' &"], { detached: true, stdio: "ignore" });
      started.unref(); return new Promise((done) => setTimeout(() => done(true), 300))`;
      expect(await run(session, daemon)).toBe(true);
      expect(marked().length).toBeGreaterThan(2);
      const from = Date.now();
      await upstreams.close();
      await expect.poll(marked).toEqual([]);
      expect(Date.now() - from).toBeLessThan(4_000);
    },
  );

  it("writes no file without end and has no more memory than it may; others go on", async () => {
    open(how);
    const [session, other] = [await begin(), await begin()];
    const large = `const file = fs.openSync("large", "w"); fs.ftruncateSync(file, 3 * 2 ** 30); return "no limit"`;
    expect(JSON.stringify(await run(session, large))).toMatch(/EFBIG|SIGXFSZ/);
    const hoard = `const all = []; for (let i = 0; i < 80; i++) all.push(Buffer.alloc(2 ** 26)); return "no limit"`;
    expect(JSON.stringify(await run(await begin(), hoard))).not.toContain("no limit");
    expect(await run(other, "return 1")).toBe(1);
  });

  it("that floods its output is cut and its stderr is logged in part, without its secrets", async () => {
    open(how);
    const session = await begin();
    const flood = `process.stdout.write("x".repeat(6_000_000) + "\\n");
      for (let i = 0; i < 5_000; i++) process.stderr.write("my key is " + process.env.API_KEY + "\\n"); return 1`;
    expect(JSON.stringify(await run(session, flood))).toContain("too long");
    expect(await run(session, "return 2")).toBe(2);
    const lines = logged.filter((line) => line.includes("wrote to stderr"));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThanOrEqual(100);
    expect(lines[0]).toContain("my key is [hidden]");
    expect(logged.join()).not.toContain("a-secret-value");
  });
});

describe.runIf(isLinux && process.getuid?.() === 0)("a command when we run as root and STDIO_USER is set", () => {
  it("has that user's rights: it cannot write or read what is ours, wherever", async () => {
    const secret = join(tmpdir(), `apart-${mark}`);
    writeFileSync(secret, canary, { mode: 0o600 });
    try {
      open("limits", { stdioUser: { uid: 65_534, gid: 65_534 } });
      // The folder of a test is its own; a data directory lets others pass.
      chmodSync(dataDir, 0o711);
      const session = await begin();
      expect(await run(session, "return [process.getuid(), process.getgid(), process.getgroups()]")).toEqual([
        ...[65_534, 65_534, [65_534]],
      ]);
      for (const file of [secret, join(dataDir, "secrets.json"), `/proc/${process.pid}/environ`]) {
        expect(await run(session, `return fs.readFileSync(${JSON.stringify(file)}, "utf8")`)).toEqual({
          error: "EACCES",
        });
        expect(await run(session, `fs.writeFileSync(${JSON.stringify(file)}, "")`)).toEqual({ error: "EACCES" });
      }
    } finally {
      rmSync(secret);
    }
  });
});
