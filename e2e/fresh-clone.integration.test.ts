// The first promise of the README, from nothing: a copy of the sources, `npm start`, and then only what a script outside
// has: the management API and real MCP clients.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../prisma/free-port.ts";
import { clients, decisionOf, textOf } from "./harness/clients.ts";
import {
  addGrant,
  addPolicy,
  arrivedCalls,
  must,
  registerTmuxClaude,
  seedPolicy,
  signUp,
} from "./harness/management.ts";

const project = fileURLToPath(new URL("..", import.meta.url));
const ports = {
  PORT: String(await freePort()),
  GATEWAY_PORT: String(await freePort()),
  GATEWAY_ADMIN_PORT: String(await freePort()),
};
const web = `http://127.0.0.1:${ports.PORT}`;
const freshStartMaxMs = 540_000;

let clone: string;
let running: Started;

beforeAll(async () => {
  clone = await freshCopy();
  running = await npmStart(clone, freshStartMaxMs);
  console.log(`fresh npm start to ready: ${(running.readyMs / 1000).toFixed(1)} s`);
}, freshStartMaxMs + 30_000);

afterAll(async () => {
  await running?.stop();
  if (clone) await rm(clone, { recursive: true, force: true });
}, 30_000);

describe("a fresh clone after npm start", () => {
  it("answers 200 on both health URLs and prints where they are", async () => {
    expect((await fetch(`${web}/api/healthz`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${ports.GATEWAY_ADMIN_PORT}/readyz`)).status).toBe(200);
    expect(running.output()).toContain(web);
    expect(running.output()).toContain(`http://127.0.0.1:${ports.GATEWAY_PORT}`);
  });

  for (const { name, connect } of clients) {
    it(`limits ${name} at the eleventh vm_create_image of a minute, by the seed's policy unchanged`, async () => {
      const record = join(clone, `arrived-${clients.findIndex((client) => client.name === name)}.jsonl`);
      const { apiKey } = await firstAccount();
      const server = await registerTmuxClaude(web, apiKey, record);
      expect(server.tools).toHaveLength(26);
      const policyId = await addPolicy(web, apiKey, server.id, seedPolicy);
      const grant = await addGrant(web, apiKey, server.id, policyId);
      expect(grant.gatewayUrl).toBe(`http://127.0.0.1:${ports.GATEWAY_PORT}/mcp/${server.id}`);

      const client = await connect(grant.gatewayUrl, grant.token);
      expect((await client.listTools()).length).toBe(26);
      for (let call = 1; call <= 10; call++) {
        const answer = await client.call("vm_create_image", { identifier: "vm-1", imageName: `image-${call}` });
        expect(answer.isError, textOf(answer)).toBeFalsy();
      }
      const eleventh = await client.call("vm_create_image", { identifier: "vm-1", imageName: "image-11" });
      expect(eleventh.isError).toBe(true);
      expect(textOf(eleventh)).toMatch(/^\[POLICY DENIED\] /);
      const decision = decisionOf(eleventh);
      expect(decision).toMatchObject({ code: "rate_limited", rule: "/tools/vm_create_image/limits/0" });
      expect(decision.retry_after_s).toBeGreaterThan(0);
      expect(decision.retry_after_s).toBeLessThanOrEqual(60);
      expect(textOf(eleventh)).toContain(`${decision.retry_after_s} s`);

      const terminate = await client.call("vm_terminate", { identifier: "vm-1", confirm: true });
      expect(terminate.isError).toBe(true);
      expect(decisionOf(terminate)).toMatchObject({ code: "default_deny", rule: "/default" });
      await client.close();

      const arrived = await arrivedCalls(record);
      expect(arrived.map((call) => call.arguments.imageName)).toEqual(
        Array.from({ length: 10 }, (_, index) => `image-${index + 1}`),
      );

      // Every decision is on record, the newest first.
      const codes = await recordedCodes(apiKey, server.id, 12);
      expect(codes).toEqual(["default_deny", "rate_limited", ...Array(10).fill("allowed")]);
    }, 60_000);
  }

  it("takes the forms that the questions and answers name, as pasted: rate_limit, and action deny with a reason", async () => {
    const { apiKey } = await firstAccount();
    const record = join(clone, "arrived-faq.jsonl");
    const server = await registerTmuxClaude(web, apiKey, record);
    const limited = await addPolicy(
      web,
      apiKey,
      server.id,
      `{ "version": "1", "default": "deny", "tools": {
           "vm_create_image": { "rate_limit": { "max": 10, "window": 60 } },
           "vm_terminate": { "action": "deny", "reason": "Machines are ended by people only." } } }`,
    );
    const grant = await addGrant(web, apiKey, server.id, limited);
    for (const { connect } of [clients[0], clients[0]]) {
      // Tracked for each session: a second session has its own ten.
      const client = await connect(grant.gatewayUrl, grant.token);
      for (let call = 1; call <= 10; call++) {
        const answer = await client.call("vm_create_image", { identifier: "vm-1", imageName: "x" });
        expect(answer.isError, textOf(answer)).toBeFalsy();
      }
      const eleventh = await client.call("vm_create_image", { identifier: "vm-1", imageName: "x" });
      expect(decisionOf(eleventh)).toMatchObject({ code: "rate_limited", rule: "/tools/vm_create_image/rate_limit" });
      const terminate = await client.call("vm_terminate", { identifier: "vm-1", confirm: true });
      expect(textOf(terminate)).toBe("[POLICY DENIED] Machines are ended by people only.");
      expect(decisionOf(terminate)).toMatchObject({ code: "denied", rule: "/tools/vm_terminate/action" });
      await client.close();
    }
    expect((await arrivedCalls(record)).map((call) => call.name)).toEqual(Array(20).fill("vm_create_image"));
  }, 60_000);

  it("says truly how long to wait: a call after that many seconds passes, one a moment before does not", async () => {
    const { apiKey } = await firstAccount();
    const server = await registerTmuxClaude(web, apiKey, join(clone, "arrived-wait.jsonl"));
    const policyId = await addPolicy(web, apiKey, server.id, {
      version: "1",
      default: "deny",
      tools: { vm_list: { limits: [{ counter: "c", window: 4, max: 2 }] } },
    });
    const grant = await addGrant(web, apiKey, server.id, policyId);
    const client = await clients[0].connect(grant.gatewayUrl, grant.token);
    await client.call("vm_list");
    await client.call("vm_list");
    const refused = decisionOf(await client.call("vm_list"));
    expect(refused.retry_after_s).toBeGreaterThanOrEqual(3);
    expect(refused.retry_after_s).toBeLessThanOrEqual(4);
    await sleep((refused.retry_after_s ?? 0) * 1000 - 2_000);
    expect((await client.call("vm_list")).isError).toBe(true);
    await sleep(2_000);
    expect((await client.call("vm_list")).isError).toBeFalsy();
    await client.close();
  }, 30_000);

  it("starts again in seconds and still knows everything, and a signal stops it all within 5 s", async () => {
    const { apiKey } = await firstAccount();
    const before = await must<{ items: { id: string }[] }>(200, web, apiKey, "GET", "/servers");
    const stopMs = await running.stop();
    running = await npmStart(clone, 60_000);
    console.log(`stop: ${stopMs} ms; second npm start to ready: ${(running.readyMs / 1000).toFixed(1)} s`);
    expect(stopMs).toBeLessThan(5_000);
    const after = await must<{ items: { id: string }[] }>(200, web, apiKey, "GET", "/servers");
    expect(after.items.map((server) => server.id).sort()).toEqual(before.items.map((server) => server.id).sort());
  }, 90_000);
});

// Only the organisation that signed up first may register commands, so the tests share it.
let first: Promise<{ apiKey: string }> | undefined;
function firstAccount(): Promise<{ apiKey: string }> {
  first ??= signUp(web);
  return first;
}

async function recordedCodes(apiKey: string, serverId: string, expected: number): Promise<string[]> {
  for (let tries = 0; ; tries++) {
    const { items } = await must<{ items: { code: string }[] }>(200, web, apiKey, "GET", `/calls?serverId=${serverId}`);
    if (items.length >= expected || tries > 50) return items.map((call) => call.code);
    await sleep(100);
  }
}

/** The sources as a clone would have them, with changes that are not committed yet: what is tested is what is here. */
async function freshCopy(): Promise<string> {
  const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], {
    cwd: project,
    encoding: "utf8",
  });
  const target = await mkdtemp(join(tmpdir(), "policylayer-clone-"));
  for (const file of files.split("\0").filter(Boolean)) {
    await cp(join(project, file), join(target, file), { errorOnExist: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error; // deleted but not committed yet
    });
  }
  return target;
}

const runnersOwn = /^(NODE_ENV|NODE_OPTIONS|VITEST.*|TEST|DEV|PROD|MODE|npm_.*|DATABASE_URL|DATA_DIR|.*_KEY)$/;

type Started = { readyMs: number; output(): string; stop(): Promise<number> };

async function npmStart(directory: string, timeoutMs: number): Promise<Started> {
  const startedAt = Date.now();
  let output = "";
  // As a person would in a new terminal: nothing of the test runner's own environment decides how it runs.
  const env = { ...process.env, ...ports } as NodeJS.ProcessEnv;
  for (const name of Object.keys(env)) if (runnersOwn.test(name)) delete env[name];
  const child = spawn("npm", ["start"], { cwd: directory, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const stop = () => stopped(child);
  while (Date.now() - startedAt < timeoutMs) {
    if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}:\n${output}`);
    if (/PolicyLayer: ready in/.test(output)) {
      const readyMs = Date.now() - startedAt;
      await sleep(200); // the URLs are printed right after
      return { readyMs, output: () => output, stop };
    }
    await sleep(100);
  }
  await stop();
  throw new Error(`npm start was not ready after ${timeoutMs} ms:\n${output}`);
}

/** SIGTERM to npm, as a service manager does. Returns how long everything took to end. */
async function stopped(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null || child.signalCode !== null) return 0;
  const from = Date.now();
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGTERM");
  await ended;
  return Date.now() - from;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
