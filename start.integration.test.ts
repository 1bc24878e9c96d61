import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { answersOk, type RunningPolicyLayer, startPolicyLayer } from "./e2e/harness/processes.ts";
import { freePort } from "./prisma/free-port.ts";
import { isAlive } from "./prisma/processes.ts";

// With a build first, when sources changed since the last one.
const patient = 600_000;

let scratch: string;
let running: RunningPolicyLayer;
let ports: { web: number; gateway: number; gatewayAdmin: number };

beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), "policylayer-start-"));
  ports = { web: await freePort(), gateway: await freePort(), gatewayAdmin: await freePort() };
  running = await start();
}, patient);

afterEach(async () => {
  if (hasEnded()) running = await start();
}, patient);

afterAll(async () => {
  await running?.stop();
  await rm(scratch, { recursive: true, force: true });
});

function start(): Promise<RunningPolicyLayer> {
  return startPolicyLayer({ dataDir: path.join(scratch, "data"), ports });
}

function hasEnded(): boolean {
  return running.process.exitCode !== null || running.process.signalCode !== null;
}

async function everythingAnswers(): Promise<boolean> {
  return (await answersOk(`${running.webUrl}/api/healthz`)) && (await answersOk(`${running.adminUrl}/readyz`));
}

function postgresPid(): number {
  return Number(readFileSync(path.join(scratch, "data/postgres/postmaster.pid"), "utf8").split("\n")[0]);
}

/** The process of web or gateway. */
function childPid(name: "web" | "gateway"): number {
  const list = execFileSync("ps", ["-A", "-o", "pid=,ppid=,command="], { encoding: "utf8" });
  const line = list.split("\n").find((text) => {
    const [, parent] = text.trim().split(/\s+/);
    return Number(parent) === running.process.pid && text.includes(`dist/${name}.mjs`);
  });
  return Number(line?.trim().split(/\s+/)[0]);
}

describe("npm start", () => {
  it("prints where everything is", async () => {
    // It answers requests before its last line has come through the pipe.
    await expect.poll(running.output).toContain(`Dashboard   ${running.webUrl}`);
    await expect.poll(running.output).toContain(`MCP gateway ${running.gatewayUrl}/mcp/`);
  });

  it("refuses a second one on the same data, and leaves the first alone", async () => {
    await expect(start()).rejects.toThrow(/already running on .* \(process \d+\)/);
    expect(await everythingAnswers()).toBe(true);
  });

  it("names the variable to set when a port is taken", async () => {
    const other = startPolicyLayer({
      dataDir: path.join(scratch, "other"),
      ports: { ...ports, web: await freePort() },
    });
    await expect(other).rejects.toThrow(`port ${ports.gateway} is in use by another program. Set GATEWAY_PORT`);
  });

  it.each(["gateway", "web"] as const)("starts the %s again when it is killed; the other goes on", async (name) => {
    const other = name === "web" ? `${running.adminUrl}/healthz` : `${running.webUrl}/api/healthz`;
    process.kill(childPid(name), "SIGKILL");
    expect(await answersOk(other)).toBe(true);
    await expect.poll(() => running.output(), { timeout: 30_000 }).toContain(`${name} is back`);
    await expect.poll(everythingAnswers, { timeout: 30_000 }).toBe(true);
  });

  it("starts Postgres again when it is killed", async () => {
    process.kill(postgresPid(), "SIGKILL");
    await expect.poll(() => running.output(), { timeout: 30_000 }).toContain("Postgres is back");
    await expect.poll(everythingAnswers, { timeout: 30_000 }).toBe(true);
  });

  it("leaves only Postgres behind when it is killed itself, and the next one takes that over", async () => {
    const [web, gateway, postgres] = [childPid("web"), childPid("gateway"), postgresPid()];
    await running.stop("SIGKILL");
    await expect.poll(() => isAlive(web) || isAlive(gateway), { timeout: 5_000 }).toBe(false);
    expect(isAlive(postgres)).toBe(true);

    running = await start();
    expect(running.output()).toContain(`using the Postgres that an earlier start left running (process ${postgres})`);
    expect(running.output()).not.toContain("building");
  }, 120_000);

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("stops everything within 5 s of %s", async (signal) => {
    const pids = [childPid("web"), childPid("gateway"), postgresPid()];
    expect(await running.stop(signal)).toBeLessThan(5_000);
    expect(running.process.exitCode).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
  });
});
