// What a tools/call costs through the gateway, beside the floor of the platform and whatever else is given, in one run.
// npm run bench -- [--rounds 7] [--slice 3] [--only name] … [--streams 10000] [--rival name=http://…/mcp[@pid]] …
// It starts a PostgreSQL, an upstream and a gateway of its own; table and plot go to bench/results/. A quiet machine is needed.
// GATEWAY_NODE_OPTIONS: what the gateway is started with besides, such as a profiler.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ask, setEnvironment, signUp } from "../app/_server/test-world.ts";
import { startGateway } from "../e2e/harness/processes.ts";
import { database } from "../prisma/client.ts";
import { deploy } from "../prisma/migrate.ts";
import { startPostgres } from "../prisma/postgres.ts";
import { buildGateway } from "./gateway/built.ts";
import { median } from "./gateway/latencies.ts";
import type { LoadOrder } from "./gateway/load.ts";
import { cpuMs, gaugeOf, memoryMb, startEcho, startFloor, startLoad, startNginx } from "./gateway/processes.ts";
import { type Figures, report } from "./gateway/report.ts";
import { holdStreams } from "./gateway/streams.ts";
import { callArguments, policyOf, toolNames } from "./gateway/tools.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    slice: { type: "string", default: "3" },
    connections: { type: "string", default: "64" },
    only: { type: "string", multiple: true, default: [] },
    streams: { type: "string", default: "10000" },
    rival: { type: "string", multiple: true, default: [] },
  },
});
const rounds = Number(options.rounds);
const sliceMs = Number(options.slice) * 1_000;
const connections = Number(options.connections);

/** A gateway holds no more than 2,000 streams to one server. */
const streamsPerServer = 1_000;

/** One way from the load generator to the upstream. */
type Variant = {
  name: string;
  /** What it is compared with: the floor with the same answers. */
  floor: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  sessions?: string[];
  /** Whose CPU time is counted; none for the direct way. */
  pids: number[];
};

const scratch = await mkdtemp(join(tmpdir(), "policylayer-bench-"));
const postgres = await startPostgres({ dataDir: join(scratch, "postgres"), password: "scratch", throwaway: true });
await deploy(postgres.url);
setEnvironment(postgres.url);
const echo = await startEcho();
const floor = await startFloor(echo.url);
const nginx = await startNginx(echo.url, scratch);
const load = await startLoad();
const gateway = await startGateway({
  databaseUrl: postgres.url,
  program: await buildGateway(scratch),
  env: {
    SECRET_KEY: process.env.SECRET_KEY ?? "",
    LOG_LEVEL: "warn",
    NODE_OPTIONS: process.env.GATEWAY_NODE_OPTIONS ?? "",
  },
});
const gatewayPid = gateway.process.pid ?? 0;

try {
  const variants = (await allVariants()).filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  const figures = new Map<string, Figures>();
  for (const { name, floor } of variants) {
    figures.set(name, { name, floor, cpuUs: [], rate: [], half: [], memoryMb: Number.NaN });
  }
  for (const variant of variants) await slice(variant, 2_000); // compiled by the engine, connections open
  for (let round = 1; round <= rounds; round++) {
    // Each round begins at another variant, so that none is always measured after the same one.
    const turned = [...variants.slice(round % variants.length), ...variants.slice(0, round % variants.length)];
    for (const variant of turned) {
      const { answered, seconds, cpu } = await slice(variant, sliceMs);
      figures.get(variant.name)?.rate.push(answered / seconds);
      if (variant.pids.length > 0) figures.get(variant.name)?.cpuUs.push((cpu * 1_000) / answered);
    }
    console.log(`round ${round} of ${rounds}`);
  }
  // Half of what the whole gateway takes, for every way alike: what is waited for is then not the queue.
  const half = Math.round(median(figures.get("gateway, policy")?.rate ?? [2_000]) / 2);
  for (let round = 1; round <= rounds; round++) {
    for (const variant of variants) {
      const { latency } = await slice(variant, sliceMs, half);
      figures.get(variant.name)?.half.push(latency);
    }
    console.log(`round ${round} of ${rounds} at ${half} calls a second`);
  }
  for (const variant of variants) {
    const own = figures.get(variant.name);
    if (own && variant.pids.length > 0) own.memoryMb = variant.pids.reduce((sum, pid) => sum + memoryMb(pid), 0);
  }
  const streams = await idleStreams(Number(options.streams)).catch((cause: unknown) => {
    console.error("the streams were not measured:", cause);
    process.exitCode = 1;
    return null;
  });
  await report({ figures: [...figures.values()], half, rounds, sliceMs, connections, streams });
} finally {
  load.stop();
  echo.stop();
  floor.stop();
  nginx?.stop();
  await gateway.stop();
  await database().$disconnect();
  await postgres.stop();
  await rm(scratch, { recursive: true, force: true });
  await rm(gateway.dataDir, { recursive: true, force: true });
}

async function slice(variant: Variant, ms: number, rate: number | null = null) {
  const { url, headers, body, sessions = [], pids, name } = variant;
  const order: LoadOrder = { url, headers, body, sessions, connections, ms, rate };
  const before = cpuMs(pids);
  const answer = await load.run(order);
  // What is written down later belongs to these calls, and not to what is measured next.
  if (pids.includes(gatewayPid)) await untilShipped();
  const cpu = cpuMs(pids) - before;
  if (answer.failed > 0) throw new Error(`${name}: ${answer.failed} calls failed: ${answer.firstFailure}`);
  return { ...answer, cpu };
}

async function untilShipped(): Promise<void> {
  const deadline = performance.now() + 30_000;
  while ((await gaugeOf(gateway.adminUrl, "record_pending")) > 0) {
    if (performance.now() > deadline) throw new Error("the record is not shipped");
    await sleep(100);
  }
}

async function allVariants(): Promise<Variant[]> {
  const { apiKey: key } = await signUp();
  const must = async (method: string, path: string, body?: unknown) => {
    const answer = await ask(method, path, { key, body });
    if (answer.status < 300) return answer.body;
    throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  };
  const addServer = async (kind: string) => {
    const { id } = await must("POST", "/servers", { name: kind, transport: "http", url: `${echo.url}/${kind}` });
    const addGrant = async (document: object, shadow?: object) => {
      const { id: policyId } = await must("POST", `/servers/${id}/policies`, { name: `p${Math.random()}`, document });
      if (shadow) {
        await must("PUT", `/policies/${policyId}/draft`, { document: shadow, seenRevision: 1 });
        await must("POST", `/policies/${policyId}/versions`, { seenRevision: 2, shadow: true });
      }
      return (await must("POST", `/servers/${id}/grants`, { label: "bench", policyId })).token as string;
    };
    return { url: `${gateway.url}/mcp/${id}`, addGrant };
  };
  const text = (params: object) => JSON.stringify({ jsonrpc: "2.0", id: 7, method: "tools/call", params });
  const params = { name: toolNames[7], arguments: callArguments };
  const common = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  type Request = Pick<Variant, "headers" | "body" | "sessions">;
  const legacy: Request = { headers: { ...common, "mcp-protocol-version": "2025-11-25" }, body: text(params) };
  const client = { name: "bench", version: "1" };
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": client,
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const modern: Request = {
    headers: {
      ...common,
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": params.name ?? "",
    },
    body: text({ ...params, _meta }),
  };
  const variants: Variant[] = [];
  const add = (name: string, floorName: string, url: string, pids: number[], request = legacy) =>
    variants.push({ name, floor: floorName, url, pids, ...request });
  const addOurs = (name: string, floorName: string, url: string, token: string, request = legacy) =>
    add(name, floorName, url, [gatewayPid], {
      ...request,
      headers: { ...request.headers, authorization: `Bearer ${token}` },
    });

  const small = await addServer("json/256");
  const policy = policyOf(toolNames);
  const policyToken = await small.addGrant(policy);
  add("direct", "floor", `${echo.url}/json/256`, []);
  add("floor", "floor", `${floor.url}/json/256`, [floor.pid]);
  if (nginx) add("nginx", "floor", `${nginx.url}/json/256`, nginx.pids());
  for (const rival of options.rival) {
    const [, name = "", url = "", pid] = /^([^=]+)=(.+?)(?:@(\d+))?$/.exec(rival) ?? [];
    add(name, "floor", url, pid ? [Number(pid)] : []);
  }
  addOurs("gateway, allow all", "floor", small.url, await small.addGrant({ version: "1", default: "allow" }));
  addOurs("gateway, policy", "floor", small.url, policyToken);
  const inSession: Request = { ...legacy, sessions: [] };
  for (let n = 0; n < connections; n++) {
    inSession.sessions?.push(
      await openSession(small.url, { ...legacy.headers, authorization: `Bearer ${policyToken}` }),
    );
  }
  addOurs("gateway, policy, session", "floor", small.url, policyToken, inSession);
  addOurs("gateway, policy, 2026-07-28", "floor", small.url, policyToken, modern);
  addOurs(
    "gateway, policy and a trial",
    "floor",
    small.url,
    await small.addGrant(policy, { ...policy, description: "trial" }),
  );
  addOurs("gateway, policy with approvals", "floor", small.url, await small.addGrant(policyOf(toolNames, true)));
  for (const kind of ["sse/256", "json/1024", "sse/1024", "json/102400", "sse/102400"]) {
    const { url, addGrant } = await addServer(kind);
    const [form = "", bytes] = kind.split("/");
    const size = `${form.toUpperCase()} ${Number(bytes) < 1024 ? `${bytes} B` : `${Number(bytes) / 1024} KB`}`;
    add(`floor, ${size}`, `floor, ${size}`, `${floor.url}/${kind}`, [floor.pid]);
    addOurs(`gateway, policy, ${size}`, `floor, ${size}`, url, await addGrant(policy));
  }
  return variants;
}

/** A client of the years with sessions says on each call which one it is in. */
async function openSession(url: string, headers: Record<string, string>): Promise<string> {
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "bench", version: "1" } };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params });
  const response = await fetch(url, { method: "POST", headers, body });
  await response.text();
  const session = response.headers.get("mcp-session-id");
  if (session === null) throw new Error(`initialize was answered ${response.status} without a session`);
  return session;
}

/** What streams that only listen cost: each is relayed to the upstream, as it has to be. */
async function idleStreams(count: number): Promise<{ count: number; beforeMb: number; afterMb: number } | null> {
  if (count === 0) return null;
  const { apiKey: key } = await signUp();
  const doors: { url: string; token: string }[] = [];
  for (let n = 0; n * streamsPerServer < count; n++) {
    const body = { name: `streams ${n}`, transport: "http", url: `${echo.url}/json/256` };
    const { body: server } = await ask("POST", "/servers", { key, body });
    const { body: policy } = await ask("POST", `/servers/${server.id}/policies`, {
      key,
      body: { name: "p", document: { version: "1", default: "allow" } },
    });
    const { body: grant } = await ask("POST", `/servers/${server.id}/grants`, {
      key,
      body: { label: "bench", policyId: policy.id },
    });
    doors.push({ url: `${gateway.url}/mcp/${server.id}`, token: grant.token });
  }
  const beforeMb = memoryMb(gatewayPid);
  const held: { close(): void }[] = [];
  for (const [n, { url, token }] of doors.entries()) {
    held.push(await holdStreams(url, token, Math.min(streamsPerServer, count - n * streamsPerServer)));
  }
  await new Promise((done) => setTimeout(done, 3_000));
  const afterMb = memoryMb(gatewayPid);
  const { streams } = await echo.figures();
  if (streams < count) throw new Error(`of ${count} streams only ${streams} reach the upstream`);
  for (const one of held) one.close();
  return { count, beforeMb, afterMb };
}
