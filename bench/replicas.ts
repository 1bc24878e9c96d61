// Several gateways, one limit: exactly as many calls pass as are allowed, also when the counter store is killed and started again,
// a gateway is killed, and a gateway's clock is off.
// npx tsx bench/replicas.ts [calls] [gateways] [valkey|postgres]; it starts a PostgreSQL, a Valkey (or Redis), gateways and an upstream of its own.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import { ask, setEnvironment, signUp } from "../app/_server/test-world.ts";
import { type RunningGateway, startGateway } from "../e2e/harness/processes.ts";
import { startValkey } from "../e2e/harness/valkey.ts";
import { database } from "../prisma/client.ts";
import { deploy } from "../prisma/migrate.ts";
import { startPostgres } from "../prisma/postgres.ts";
import { startEcho } from "./gateway/processes.ts";

const callCount = Number(process.argv[2] ?? 100_000);
const gatewayCount = Number(process.argv[3] ?? 2);
const kind = process.argv[4] ?? "valkey";
const callersPerGateway = 16;
const max = 1_000;
const spendMax = 12.5;
const price = 0.05;

const scratch = await mkdtemp(join(tmpdir(), "policylayer-bench-"));
const postgres = await startPostgres({ dataDir: join(scratch, "postgres"), password: "scratch", throwaway: true });
await deploy(postgres.url);
setEnvironment(postgres.url);
let valkey = await startValkey();
const echo = await startEcho();
const { apiKey: key } = await signUp();
const env = {
  SECRET_KEY: process.env.SECRET_KEY ?? "",
  LOG_LEVEL: "error",
  COUNTERS_URL: kind === "postgres" ? "postgres" : valkey.url,
};
const gateways: RunningGateway[] = await Promise.all(
  Array.from({ length: gatewayCount }, (_, n) =>
    startGateway({ databaseUrl: postgres.url, env: { ...env, GATEWAY_CLOCK_OFFSET_MS: n === 0 ? "5000" : "0" } }),
  ),
);
const agent = new Agent({ connections: callersPerGateway, pipelining: 1, keepAliveTimeout: 10_000 });

try {
  await run("calm", async () => {});
  if (kind !== "postgres") {
    await run("the store killed and started again", async (progress) => {
      await until(() => progress() > 0.4);
      await valkey.kill9();
      await sleep(1_500);
      valkey = await startValkey(valkey);
    });
  }
  await run("a gateway killed and started again", async (progress) => {
    await until(() => progress() > 0.4);
    const last = gateways.pop();
    if (last === undefined) return;
    const [port, adminPort] = [last.url, last.adminUrl].map((url) => Number(new URL(url).port));
    await last.kill9();
    await sleep(500);
    gateways.push(await startGateway({ databaseUrl: postgres.url, dataDir: last.dataDir, port, adminPort, env }));
  });
} finally {
  await agent.destroy();
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  echo.stop();
  await valkey.kill9();
  await database().$disconnect();
  await postgres.stop();
  for (const folder of [scratch, valkey.dir, ...gateways.map(({ dataDir }) => dataDir)])
    await rm(folder, { recursive: true, force: true });
}

/** One server with a limit of calls and one of money, both an hour long, so that no window ends meanwhile. */
async function run(name: string, disturb: (progress: () => number) => Promise<void>): Promise<void> {
  const must = async (method: string, path: string, body: unknown) => {
    const answer = await ask(method, path, { key, body });
    if (answer.status < 300) return answer.body;
    throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  };
  const { id } = await must("POST", "/servers", { name, transport: "http", url: `${echo.url}/json/256` });
  const document = {
    version: "1",
    default: "deny",
    tools: {
      vm_tool_1: { limits: [{ counter: "calls", window: "hour", max, scope: "grant" }] },
      vm_tool_2: {
        limits: [
          { counter: "calls", window: "hour", max, scope: "grant" },
          {
            counter: "spend",
            window: "day",
            max: spendMax,
            increment_from: "args.price",
            scope: "server",
            reset: "calendar",
          },
        ],
      },
    },
  };
  const { id: policyId } = await must("POST", `/servers/${id}/policies`, { name: "p", document });
  const { token } = await must("POST", `/servers/${id}/grants`, { label: "bench", policyId });
  const before = (await echo.figures()).calls;
  const passed = { vm_tool_1: 0, vm_tool_2: 0 };
  const other = new Map<string, number>();
  let limited = 0;
  let sent = 0;
  const from = performance.now();
  const callers = Array.from({ length: gatewayCount * callersPerGateway }, async (_, n) => {
    while (sent < callCount) {
      const tool = sent++ % 2 === 0 ? "vm_tool_1" : "vm_tool_2";
      const url = `${gateways[n % gateways.length]?.url}/mcp/${id}`;
      const text = await call(url, token, tool).catch(() => "broken");
      if (text.includes('"isError":false')) passed[tool] += 1;
      else if (text.includes("rate_limited")) limited += 1;
      else {
        const code = /"code":"([a-z_]+)"/.exec(text)?.[1] ?? "broken";
        other.set(code, (other.get(code) ?? 0) + 1);
        await sleep(5);
      }
    }
  });
  await Promise.all([...callers, disturb(() => passed.vm_tool_1 / max)]);
  const arrived = (await echo.figures()).calls - before;
  const seconds = (performance.now() - from) / 1_000;
  const others = [...other].map(([code, count]) => `${count} ${code}`).join(", ") || "none";
  console.log(
    `${name}: ${gatewayCount} gateways, ${kind}, ${callCount} calls in ${seconds.toFixed(1)} s: ` +
      `${passed.vm_tool_1} of ${max} and ${passed.vm_tool_2} of ${spendMax / price} (money) passed, ${arrived} arrived, ${limited} rate_limited, other: ${others}`,
  );
  if (arrived > max + spendMax / price) process.exitCode = 1;
}

async function call(url: string, token: string, name: string): Promise<string> {
  const { body } = await request(url, {
    method: "POST",
    dispatcher: agent,
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${name}","arguments":{"price":${price}}}}`,
  });
  return body.text();
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(10);
}
