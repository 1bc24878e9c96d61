// What many large policies cost a gateway: 2,000 grants, each with a policy of its own for 100 tools. Its memory, how long a change
// takes to be in force, and what calls wait for it meanwhile.
// npx tsx bench/snapshot.ts [grants] [changes]; it starts a PostgreSQL, an upstream and a gateway of its own.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import { type GrantRow, openHouse } from "../e2e/harness/house.ts";
import { startGateway } from "../e2e/harness/processes.ts";
import { deploy } from "../prisma/migrate.ts";
import { startPostgres } from "../prisma/postgres.ts";
import { buildGateway } from "./gateway/built.ts";
import { askInside, insideEnvironment } from "./gateway/inside.ts";
import type { LoadOrder } from "./gateway/load.ts";
import { memoryMb, startEcho, startLoad } from "./gateway/processes.ts";
import { callArguments } from "./gateway/tools.ts";
import { documentOf, toolsPerServer } from "./snapshot/documents.ts";

const grantCount = Number(process.argv[2] ?? 2_000);
/** Enough for a p99 that is not simply the worst. */
const changeCount = Number(process.argv[3] ?? 200);
const grantsPerServer = 100;
const callsPerSecond = 300;

const scratch = await mkdtemp(join(tmpdir(), "policylayer-bench-"));
const insideFile = join(scratch, "inside.json");
const program = await buildGateway(scratch);
const postgres = await startPostgres({ dataDir: join(scratch, "postgres"), password: "scratch", throwaway: true });
await deploy(postgres.url);
const house = await openHouse(postgres.url);
const echo = await startEcho();
const load = await startLoad();
const agent = new Agent({ connections: 4, pipelining: 1, keepAliveTimeout: 30_000 });

const start = () =>
  startGateway({ databaseUrl: postgres.url, program, env: { LOG_LEVEL: "warn", ...insideEnvironment(insideFile) } });
let gateway = await start();
const pid = () => gateway.process.pid ?? 0;

type Place = { serverId: string; policyId: string; grant: GrantRow };
let isMet = true;

try {
  await measure();
} finally {
  load.stop();
  echo.stop();
  await agent.destroy();
  await gateway.stop();
  await house.close();
  await postgres.stop();
  for (const folder of [scratch, gateway.dataDir]) await rm(folder, { recursive: true, force: true });
}
process.exitCode = isMet ? 0 : 1;

async function measure(): Promise<void> {
  await sleep(1_000);
  const empty = await askInside(pid(), insideFile);
  const emptyMb = memoryMb(pid());
  await gateway.stop();

  const places = await fill();
  const from = performance.now();
  gateway = await start();
  say(`${grantCount} grants and policies of ${toolsPerServer} tools, ${textKb(places)} KB a document`);
  say(`ready ${((performance.now() - from) / 1_000).toFixed(1)} s after the start of the process`);
  const startedMb = memoryMb(pid());
  await settled();
  const full = await askInside(pid(), insideFile);
  const fullMb = memoryMb(pid());
  say(`RSS ${fullMb.toFixed(0)} MB (${emptyMb.toFixed(0)} without any, ${startedMb.toFixed(0)} when ready)`);
  say(
    `heap ${mb(full.heapUsed)} MB (${mb(empty.heapUsed)}), outside of it ${mb(full.external)} (${mb(empty.external)})`,
  );
  promise(fullMb < 300, "2,000 grants with policies of 100 tools in less than 300 MB");

  // Each grant's agent uses some of its tools.
  for (const [nth, place] of places.entries()) {
    for (let tool = 0; tool < 3; tool++) await call(place, (nth + tool * 31) % toolsPerServer);
  }
  await askInside(pid(), insideFile);
  say(`RSS ${memoryMb(pid()).toFixed(0)} MB once three tools of each grant were called`);
  promise(memoryMb(pid()) < 300, "the same when all of them are in use");

  await changes("nothing", places, async () => {});
  await changes("a policy", places, async ({ policyId, serverId }, nth) => {
    await house.publish(policyId, JSON.stringify(documentOf(serverId, 10_000 + nth, isOpen(nth)), null, 2));
  });
  await changes("a grant", places, async ({ grant }, nth) => {
    await house.client.query("BEGIN");
    await house.change("grant", grant.id, { frozenAt: isOpen(nth) ? null : new Date() });
    await house.client.query("COMMIT");
  });
  await changes("a server", places, async ({ serverId }, nth) => {
    await house.client.query("BEGIN");
    await house.client.query(
      `UPDATE "Tool" SET "definition" = replace("definition", 'reads', 'reads '), "changedAt" = now() WHERE "serverId" = $1`,
      [serverId],
    );
    await house.change("server", serverId, { frozenAt: isOpen(nth) ? null : new Date() });
    await house.client.query("COMMIT");
  });
  const after = await askInside(pid(), insideFile);
  say(`RSS ${memoryMb(pid()).toFixed(0)} MB at the end, heap ${mb(after.heapUsed)} MB`);
}

/** Every second change takes away what the one before gave, so that a call tells which one is in force. */
function isOpen(nth: number): boolean {
  return nth % 2 === 1;
}

/** Makes changes while others call, and asks until each is in force. */
async function changes(what: string, places: Place[], change: (place: Place, nth: number) => Promise<void>) {
  const [target, other] = [places[0], places.at(-1)];
  if (target === undefined || other === undefined) return;
  await askInside(pid(), insideFile);
  const spanMs = changeCount * 200;
  const loading = load.run({ ...orderOf(other), ms: spanMs });
  const inForceMs: number[] = [];
  for (let nth = 0; nth < changeCount; nth++) {
    const due = sleep(190);
    await change(target, nth);
    const committed = performance.now();
    if (what !== "nothing") {
      while ((await call(target, 1)) !== isOpen(nth)) {
        if (performance.now() - committed > 5_000) throw new Error(`a change of ${what} is not in force after 5 s`);
      }
      inForceMs.push(performance.now() - committed);
    }
    await due;
  }
  const { latency, failed, firstFailure } = await loading;
  if (failed > 0) throw new Error(`${failed} calls failed: ${firstFailure}`);
  const { held } = await askInside(pid(), insideFile);
  const waited = `calls of others p50 ${latency.p50.toFixed(2)}, p99 ${latency.p99.toFixed(2)}, max ${latency.max.toFixed(1)} ms`;
  const loop = `event loop held up p99 ${held.p99.toFixed(1)}, p99.9 ${held.p999.toFixed(1)}, max ${held.max.toFixed(1)} ms`;
  if (what === "nothing") return say(`${changeCount} times nothing: ${waited}; ${loop}`);
  const at = (share: number) =>
    inForceMs.toSorted((a, b) => a - b)[Math.ceil(share * inForceMs.length) - 1] ?? Number.NaN;
  say(
    `${changeCount} changes of ${what}: from commit to in force p50 ${at(0.5).toFixed(1)}, p99 ${at(0.99).toFixed(1)} ms; ${waited}; ${loop}`,
  );
  promise(at(0.99) < 50, `a change of ${what} is in force in less than 50 ms`);
  promise(held.max < 5, `a change of ${what} holds no call up for 5 ms`);
}

function orderOf(place: Place): Omit<LoadOrder, "ms"> {
  const params = { name: "tool_2", arguments: callArguments };
  return {
    url: `${gateway.url}${place.grant.path}`,
    headers: { ...headersOf(place) },
    sessions: [],
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
    connections: 8,
    rate: callsPerSecond,
  };
}

function headersOf({ grant }: Place): Record<string, string> {
  return {
    authorization: `Bearer ${grant.token}`,
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
}

/** @returns Whether it was allowed. */
async function call(place: Place, tool: number): Promise<boolean> {
  const params = { name: `tool_${tool}`, arguments: callArguments };
  const { statusCode, body } = await request(`${gateway.url}${place.grant.path}`, {
    method: "POST",
    dispatcher: agent,
    headers: headersOf(place),
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`a call was answered ${statusCode}: ${text}`);
  return text.includes('"isError":false');
}

async function fill(): Promise<Place[]> {
  const places: Place[] = [];
  let serverId = "";
  for (let nth = 0; nth < grantCount; nth++) {
    if (nth % grantsPerServer === 0) serverId = await addServer();
    const document = JSON.stringify(documentOf(serverId, nth, true), null, 2);
    const policyId = await house.addPolicy(serverId, document);
    places.push({ serverId, policyId, grant: await house.addGrant(serverId, policyId) });
  }
  return places;
}

async function addServer(): Promise<string> {
  const names = Array.from({ length: toolsPerServer }, (_, nth) => `tool_${nth}`);
  const text = (description: string) => ({ type: "string", description });
  const tools = names.map((name) => {
    const properties = {
      name: text("reads"),
      region: text("where"),
      price: { type: "number" },
      spot: { type: "boolean" },
    };
    const inputSchema = { type: "object", properties, additionalProperties: false };
    const definition = JSON.stringify({ name, description: `It reads and does what ${name} says.`, inputSchema });
    return { name, definition, definitionHash: "0".repeat(64) };
  });
  const id = await house.addServer({
    url: `${echo.url}/json/256`,
    tools: Object.fromEntries(names.map((name) => [name, "Read"])),
    accepted: { tools },
  });
  await house.change("server", id, { onDefinitionChange: "serve" });
  return id;
}

/** Resolves when the gateway has nothing to do any more. */
async function settled(): Promise<void> {
  const cpu = async () => (await import("./gateway/processes.ts")).cpuMs([pid()]);
  for (let calm = 0; calm < 3; ) {
    const before = await cpu();
    await sleep(1_000);
    calm = (await cpu()) - before < 60 ? calm + 1 : 0;
  }
}

function textKb(places: Place[]): string {
  return (JSON.stringify(documentOf(places[0]?.serverId ?? "", 0, true), null, 2).length / 1024).toFixed(0);
}

function mb(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

function promise(holds: boolean, words: string): void {
  say(`${holds ? "kept" : "BROKEN"}: ${words}`);
  isMet &&= holds;
}

function say(line: string): void {
  console.log(line);
}
