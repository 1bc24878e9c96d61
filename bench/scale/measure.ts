// npx tsx bench/scale/measure.ts [calls]: measures what bench/scale/inputs.ts says, on a PostgreSQL, a Valkey and a gateway of its own.
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import pg from "pg";
import { Agent, request } from "undici";
import { openHouse } from "../../e2e/harness/house.ts";
import { startGateway } from "../../e2e/harness/processes.ts";
import { startValkey } from "../../e2e/harness/valkey.ts";
import { deploy } from "../../prisma/migrate.ts";
import { startPostgres } from "../../prisma/postgres.ts";
import { gaugeOf, startEcho } from "../gateway/processes.ts";

const callCount = Number(process.argv[2] ?? 20_000);
const grantCount = 100_000;
const callers = 32;

const scratch = await mkdtemp(join(tmpdir(), "policylayer-scale-"));
// With its flushes to disk, as in earnest.
const postgres = await startPostgres({ dataDir: join(scratch, "postgres"), password: "bench" });
await deploy(postgres.url);
const valkey = await startValkey({ dir: scratch });
const echo = await startEcho();
const house = await openHouse(postgres.url);
const gateway = await startGateway({
  databaseUrl: postgres.url,
  dataDir: join(scratch, "data"),
  env: { COUNTERS_URL: valkey.url, LOG_LEVEL: "error" },
});
const agent = new Agent({ connections: callers, pipelining: 1 });
const counters = new Redis(valkey.url);

try {
  const serverId = await house.addServer({ url: echo.url, tools: { echo: "Read" } });
  const limit = { counter: "calls", window: "minute", max: 1_000_000, scope: "grant" };
  const policy = { version: "1", default: "deny", tools: { echo: { limits: [limit] } } };
  const limited = await house.addGrant(serverId, await house.addPolicy(serverId, policy));
  const refused = await house.addGrant(serverId, await house.addPolicy(serverId, { version: "1", default: "deny" }));
  await sleep(500);
  // Nothing is shipped meanwhile, and so all of it is in the journal.
  const holder = new pg.Client({ connectionString: postgres.url });
  await holder.connect();
  await holder.query('BEGIN; LOCK TABLE "Call" IN ACCESS EXCLUSIVE MODE');
  await counters.config("RESETSTAT");
  const before = await journalBytes();
  await makeCalls(limited, callCount);
  const afterAllowed = await journalBytes();
  await makeCalls(refused, callCount);
  const afterRefused = await journalBytes();
  const stats = /cmdstat_evalsha:calls=(\d+),usec=(\d+)/.exec(await counters.info("commandstats"));

  const from = performance.now();
  await holder.query("COMMIT");
  await holder.end();
  const pending = await gaugeOf(gateway.adminUrl, "record_pending");
  while ((await gaugeOf(gateway.adminUrl, "record_pending")) > 0) await sleep(50);
  const shippedS = (performance.now() - from) / 1_000;

  await house.client.query(
    `INSERT INTO "Grant" ("id", "organisationId", "serverId", "label", "tokenHash", "hint")
     SELECT gen_random_uuid(), $1, $2, 'grant ' || n, encode(sha256(n::text::bytea), 'hex'), 'plg_…' || n FROM generate_series(1, $3) n`,
    [house.organisationId, serverId, grantCount],
  );
  const read = performance.now();
  await house.client.query(
    `SELECT "id", "organisationId", "serverId", "policyId", "label", "tokenHash", "expiresAt", "revokedAt", "frozenAt" FROM "Grant"`,
  );
  const readMs = performance.now() - read;

  console.log(`journal, a call that was let through: ${((afterAllowed - before) / callCount).toFixed(0)} bytes`);
  console.log(`journal, a refusal:                   ${((afterRefused - afterAllowed) / callCount).toFixed(0)} bytes`);
  console.log(
    `script of the counter store:          ${(Number(stats?.[2]) / Number(stats?.[1])).toFixed(0)} µs a call`,
  );
  console.log(
    `shipping:                             ${(pending / shippedS).toFixed(0)} records/s (${pending} records)`,
  );
  console.log(`reading grants:                       ${((readMs * 1_000) / grantCount).toFixed(1)} µs each`);
} finally {
  counters.disconnect();
  await agent.close();
  await gateway.stop();
  echo.stop();
  await house.close();
  await valkey.kill9();
  await postgres.stop();
  await rm(scratch, { recursive: true, force: true });
}

async function makeCalls({ path, token }: { path: string; token: string }, count: number): Promise<void> {
  let left = count;
  const body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hello"}}}';
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const caller = async () => {
    while (left-- > 0) {
      const answer = await request(`${gateway.url}${path}`, { dispatcher: agent, method: "POST", headers, body });
      await answer.body.dump();
      if (answer.statusCode !== 200) throw new Error(`a call was answered with ${answer.statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

async function journalBytes(): Promise<number> {
  await sleep(200);
  const dir = join(gateway.dataDir, "journal");
  const sizes = (await readdir(dir)).filter((name) => /^\d+\.jsonl$/.test(name)).map((name) => stat(join(dir, name)));
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
}
