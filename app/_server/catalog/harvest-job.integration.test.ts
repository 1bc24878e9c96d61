// A job from the API to the catalog: the API and the runner in this process, a real gateway, real servers.
import { rm } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../../../e2e/harness/database.ts";
import { type RunningGateway, startGateway } from "../../../e2e/harness/processes.ts";
import { openChangingServer } from "../../../e2e/servers/changing.ts";
import { database } from "../../../prisma/client.ts";
import { ask, setEnvironment, signUp } from "../test-world.ts";
import { catalogEvents } from "./events.ts";
import { askForHarvest, askForRegistryPage } from "./gateway-harvest.ts";
import { type JobRunner, startJobRunner } from "./job-runner.ts";
import { recordHarvest } from "./record.ts";
import { importRegistryEntries } from "./registry.ts";

let fresh: TestDatabase;
let owner: Awaited<ReturnType<typeof signUp>>;
let runner: JobRunner;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
  owner = await signUp();
  runner = startJobRunner({
    databaseUrl: fresh.url,
    pollMs: 200,
    retryMs: 100,
    world: {
      harvest: askForHarvest,
      readRegistry: askForRegistryPage,
      recordHarvest,
      importEntries: importRegistryEntries,
    },
  });
});

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

afterAll(async () => {
  await runner?.stop();
  await database().$disconnect();
  await fresh?.drop();
});

async function openGateway(env: Record<string, string> = {}): Promise<RunningGateway> {
  const gateway = await startGateway({
    databaseUrl: fresh.url,
    env: { SECRET_KEY: process.env.SECRET_KEY ?? "", ...env },
  });
  closing.push(async () => {
    await gateway.stop();
    await rm(gateway.dataDir, { recursive: true, force: true });
    await database().gateway.deleteMany();
  });
  return gateway;
}

async function done(body: object) {
  const { status, body: job } = await ask("POST", "/catalog/jobs", { key: owner.apiKey, body });
  expect(status, JSON.stringify(job)).toBe(201);
  return until(job.id, "done", "failed", "cancelled");
}

async function until(id: string, ...statuses: string[]) {
  for (let i = 0; i < 1_000; i += 1) {
    const { body } = await ask("GET", `/catalog/jobs/${id}`, { key: owner.apiKey });
    if (statuses.includes(body.status)) return body;
    await sleep(25);
  }
  throw new Error("the job does not end");
}

const reads = { name: "read_file", description: "Reads a file." };
const deletes = { name: "delete_file", description: "Deletes a file." };

describe("a job", () => {
  it("lists a server into the catalog, and again with what changed as events", async () => {
    await openGateway();
    const server = await openChangingServer([reads, deletes]);
    closing.push(() => server.close());
    const first = await done({ kind: "url", target: server.url });
    expect(first).toMatchObject({ status: "done", result: { tools: 2, added: 2, version: "1.0.0" } });
    const { slug } = first.result;
    expect(await database().catalogServer.findUnique({ where: { slug } })).toMatchObject({
      source: `url:${server.url}`,
      evidence: "harvest",
      toolCount: 2,
      destructiveCount: 1,
    });

    server.tools = [{ ...reads, description: "Reads a file and sends it away." }];
    expect(await done({ kind: "url", target: server.url })).toMatchObject({ result: { slug, changed: 1, removed: 1 } });
    const { items } = await catalogEvents({ slug });
    expect(items.map(({ kind, tool }) => `${kind} ${tool ?? ""}`.trim()).sort()).toEqual([
      "server_added",
      "tool_changed read_file",
      "tool_removed delete_file",
    ]);
    expect(await done({ kind: "url", target: server.url })).toMatchObject({
      result: { added: 0, changed: 0, events: 0 },
    });
  });

  it("reads a registry through the gateway, page by page", async () => {
    await openGateway();
    const asked: string[] = [];
    const registry = http.createServer((request, response) => {
      asked.push(request.url ?? "");
      const page = Number(new URL(request.url ?? "", "http://x").searchParams.get("cursor") ?? 0);
      const servers = [{ server: { name: `io.github.owner/s${page}`, version: "1.0.0" } }];
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ servers, metadata: page < 2 ? { nextCursor: String(page + 1) } : {} }));
    });
    await new Promise<void>((ready) => registry.listen(0, "127.0.0.1", ready));
    closing.push(
      () => registry.closeAllConnections(),
      () => registry.close(),
    );
    const target = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/v0/servers`;
    expect(await done({ kind: "registry", target })).toMatchObject({ status: "done", done: 3, result: { added: 3 } });
    expect(asked).toHaveLength(3);
    expect(await done({ kind: "registry", target })).toMatchObject({ result: { added: 0, unchanged: 3 } });
  });

  it("reaches no address of the inside, where the installation is not one's own machine", async () => {
    await openGateway({ BIND: "0.0.0.0" });
    const reached: unknown[] = [];
    const inside = http.createServer((request, response) => {
      reached.push(request.url);
      response.end("{}");
    });
    await new Promise<void>((ready) => inside.listen(0, "127.0.0.1", ready));
    closing.push(
      () => inside.closeAllConnections(),
      () => inside.close(),
    );
    const { port } = inside.address() as AddressInfo;
    const hosts = ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "127.1"];
    for (const host of hosts) {
      const job = await done({ kind: "url", target: `http://${host}:${port}/mcp` });
      expect([host, job.status]).toEqual([host, "failed"]);
    }
    for (const target of [`http://127.0.0.1:${port}/v0/servers`, "http://169.254.169.254/v0/servers"]) {
      expect((await done({ kind: "registry", target })).status).toBe("failed");
    }
    expect(reached).toEqual([]);
  });

  it("that is cancelled ends the request to the gateway", async () => {
    await openGateway();
    let hungUp = () => {};
    const gone = new Promise<void>((resolve) => {
      hungUp = resolve;
    });
    const silent = http.createServer((request) => request.on("close", hungUp));
    await new Promise<void>((ready) => silent.listen(0, "127.0.0.1", ready));
    closing.push(
      () => silent.closeAllConnections(),
      () => silent.close(),
    );
    const target = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/v0/servers`;
    const { body } = await ask("POST", "/catalog/jobs", { key: owner.apiKey, body: { kind: "registry", target } });
    await new Promise((resolve) => silent.once("request", resolve));
    await ask("DELETE", `/catalog/jobs/${body.id}`, { key: owner.apiKey });
    await gone;
    expect((await until(body.id, "cancelled")).status).toBe("cancelled");
  });

  it("waits for a gateway to run", async () => {
    const server = await openChangingServer([reads]);
    closing.push(() => server.close());
    const { body } = await ask("POST", "/catalog/jobs", {
      key: owner.apiKey,
      body: { kind: "url", target: server.url },
    });
    for (let i = 0; i < 200; i += 1) {
      const job = await until(body.id, "running", "queued");
      if (job.message === "Waiting for a gateway to run.") break;
      await sleep(25);
    }
    await openGateway();
    expect(await until(body.id, "done", "failed")).toMatchObject({ status: "done" });
  });
});
