// How long after "Freeze" the last thing is refused or closed: two gateways, 200 open streams and callers that never stop.
// npx tsx bench/freeze.ts [tries] [streams]; it starts a PostgreSQL, two gateways and a server of its own.
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, setEnvironment, signUp } from "../app/_server/test-world.ts";
import { startGateway } from "../e2e/harness/processes.ts";
import { database } from "../prisma/client.ts";
import { deploy } from "../prisma/migrate.ts";
import { startPostgres } from "../prisma/postgres.ts";

const tries = Number(process.argv[2] ?? 100);
const streamCount = Number(process.argv[3] ?? 200);
const callersPerGateway = Number(process.env.CALLERS ?? 4);

const scratch = await mkdtemp(join(tmpdir(), "policylayer-bench-"));
const postgres = await startPostgres({ dataDir: join(scratch, "postgres"), password: "scratch", throwaway: true });
await deploy(postgres.url);
setEnvironment(postgres.url);

const result = {
  content: [{ type: "text", text: "done" }],
  tools: [{ name: "done", inputSchema: { type: "object" } }],
  protocolVersion: "2025-06-18",
  capabilities: { tools: {} },
  serverInfo: { name: "bench", version: "1" },
};
const upstream = createServer(async (incoming, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  if (incoming.method === "GET") {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(": open\n\n");
    return;
  }
  const { id } = JSON.parse(Buffer.concat(chunks).toString()) as { id?: unknown };
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
});
await new Promise<void>((ready) => upstream.listen(0, "127.0.0.1", ready));
const options = { databaseUrl: postgres.url, env: { SECRET_KEY: process.env.SECRET_KEY ?? "" } };
const gateways = await Promise.all([startGateway(options), startGateway(options)]);

try {
  await measure();
} finally {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  upstream.closeAllConnections();
  upstream.close();
  await database().$disconnect();
  await postgres.stop();
  for (const folder of [scratch, ...gateways.map(({ dataDir }) => dataDir)])
    await rm(folder, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const { apiKey: key } = await signUp();
  const must = async (method: string, path: string, body?: unknown) => {
    const answer = await ask(method, path, { key, body });
    if (answer.status >= 300)
      throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/mcp`;
  const { id } = await must("POST", "/servers", { name: "bench", transport: "http", url });
  const document = { version: "1", default: "deny", tools: { done: {} } };
  const { id: policyId } = await must("POST", `/servers/${id}/policies`, { name: "p", document });
  const { token } = await must("POST", `/servers/${id}/grants`, { label: "bench", policyId });
  const urls = gateways.map((gateway) => `${gateway.url}/mcp/${id}`);

  const streamsMs: number[] = [];
  const callsMs: number[] = [];
  const lastMs: number[] = [];
  const acknowledgedMs: number[] = [];
  let allowedAfterAnswer = 0;
  for (let n = 0; n < tries; n++) {
    const agent = new Agent({ keepAlive: true });
    const streams = await Promise.all(
      Array.from({ length: streamCount }, (_, i) => openStream(urls[i % urls.length] ?? "", token)),
    );
    const stop = new AbortController();
    let answeredAt = Number.POSITIVE_INFINITY;
    const callers = urls.flatMap((target) =>
      Array.from({ length: callersPerGateway }, async () => {
        let refusedAt = 0;
        while (!stop.signal.aborted) {
          const sentAt = performance.now();
          const isAllowed = (await call(target, token, agent)).includes('"done"');
          if (!isAllowed && refusedAt === 0) refusedAt = performance.now();
          if (isAllowed && sentAt > answeredAt) allowedAfterAnswer += 1;
          if (isAllowed) refusedAt = 0;
        }
        return refusedAt;
      }),
    );
    await sleep(100);
    const from = performance.now();
    const { gateways: inForce } = await must("POST", "/freeze", {
      scope: "organisation",
      frozen: true,
      reason: "bench",
    });
    answeredAt = performance.now();
    const closedAt = Math.max(...(await Promise.all(streams.map(({ closed }) => closed))));
    await sleep(50);
    stop.abort();
    const refusedAt = Math.max(...(await Promise.all(callers)));
    agent.destroy();
    streamsMs.push(closedAt - from);
    callsMs.push(refusedAt - from);
    lastMs.push(Math.max(closedAt, refusedAt) - from);
    acknowledgedMs.push(inForce.ms);
    if (inForce.live !== 2) throw new Error(`in force on ${inForce.live} of ${inForce.of} gateways`);
    await must("POST", "/freeze", { scope: "organisation", frozen: false, reason: "bench" });
  }
  console.log(
    `freeze to last refused, ${tries} tries, 2 gateways, ${streamCount} open streams, ${2 * callersPerGateway} callers`,
  );
  console.log(`  request sent → last stream closed:              ${summary(streamsMs)}`);
  console.log(`  request sent → last caller refused:             ${summary(callsMs)}`);
  console.log(`  request sent → last refused or closed:          ${summary(lastMs)}`);
  console.log(`  committed → both gateways acknowledged:         ${summary(acknowledgedMs)}`);
  console.log(`  calls sent after the answer that were allowed:  ${allowedAfterAnswer}`);
  process.exitCode = allowedAfterAnswer === 0 ? 0 : 1;
}

/** Resolves once it is open; `closed` tells when it was closed. */
function openStream(url: string, token: string): Promise<{ closed: Promise<number> }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream" };
    const opening = request(url, { headers, agent: false }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`a stream was answered ${response.statusCode}`));
      const closed = new Promise<number>((done) => response.on("close", () => done(performance.now())));
      response.resume();
      resolve({ closed });
    });
    opening.on("error", reject);
    opening.end();
  });
}

function call(url: string, token: string, agent: Agent): Promise<string> {
  const body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"done"}}';
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const calling = request(url, { method: "POST", headers, agent }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
    });
    calling.on("error", reject);
    calling.end(body);
  });
}

function summary(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return `p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms, worst ${at(1).toFixed(1)} ms`;
}
