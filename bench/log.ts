// npx tsx bench/log.ts [calls]: how fast the call log answers with very many calls in it (5,000,000 unless said), on a Postgres of
// its own. Prints p50 and p95 of each filter, of a page at depth, of each figure, and the memory that an export takes.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { exportCalls } from "../app/_server/call-export.ts";
import { readStats } from "../app/_server/call-stats.ts";
import { listCalls } from "../app/_server/calls.ts";
import type { Member } from "../app/_server/member.ts";
import { Refusal } from "../app/_server/refusals.ts";
import { idFloor } from "../prisma/call-partitions.ts";
import { database } from "../prisma/client.ts";
import { deploy } from "../prisma/migrate.ts";
import { startPostgres } from "../prisma/postgres.ts";

const count = Number(process.argv[2] ?? 5_000_000);
const chunk = 100_000;
const rounds = 20;
const targetMs = 300;
const days = 30;

const scratch = await mkdtemp(path.join(tmpdir(), "policylayer-log-"));
const postgres = await startPostgres({ dataDir: path.join(scratch, "postgres"), password: "bench", throwaway: true });
process.env.DATABASE_URL = postgres.url;
const client = new pg.Client({ connectionString: postgres.url });

const uuid = (kind: number, n: string) => `md5('${kind}-' || (${n}))::uuid`;
/** Most of the calls are one organisation's; the others are there so that it is not all of the table. */
const columns = {
  id: `(lpad(to_hex((extract(epoch FROM t) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 19))::uuid`,
  organisationId: `CASE WHEN r[1] < 0.9 THEN ${uuid(1, "0")} ELSE ${uuid(1, "1 + floor(r[1] * 200)::int % 20")} END`,
  serverId: uuid(2, "floor(power(r[2], 2) * 20)::int % 6"),
  grantId: uuid(3, "floor(power(r[2], 2) * 20)::int"),
  sessionId: `md5((n / 40)::text)`,
  at: "t",
  method: `'tools/call'`,
  tool: `'tool_' || floor(power(r[4], 3) * 80)::int`,
  policyId: uuid(4, "floor(power(r[2], 2) * 20)::int % 6"),
  policyVersion: "1 + floor(r[5] * 9)::int",
  code: `CASE WHEN r[6] < 0.85 THEN 'allowed' WHEN r[6] < 0.91 THEN 'denied' WHEN r[6] < 0.95 THEN 'rate_limited'
    WHEN r[6] < 0.98 THEN 'default_deny' WHEN r[6] < 0.9999 THEN 'approval_required' ELSE 'frozen' END`,
  rule: `'/tools/tool_' || floor(power(r[4], 3) * 80)::int || CASE WHEN r[6] < 0.85 THEN '' ELSE '/deny_if/' || floor(r[7] * 3)::int END`,
  message: `CASE WHEN r[6] < 0.85 THEN '' ELSE 'Refused: ' || (ARRAY['too large', 'too many', 'not at night', 'ask somebody'])[1 + floor(r[7] * 4)::int] ||
    CASE WHEN r[8] < 0.001 THEN ' xylophone' ELSE ' please' END END`,
  argumentKeys: `ARRAY['size', 'name']`,
  clientName: `(ARRAY['claude', 'cursor', 'vscode', 'codex', 'gemini'])[1 + floor(power(r[8], 2) * 5)::int]`,
  approvalId: `CASE WHEN r[6] >= 0.98 AND r[6] < 0.9999 THEN ${uuid(5, "n / 2")} END`,
  outcome: `CASE WHEN r[6] >= 0.85 THEN 'none' WHEN r[9] < 0.97 THEN 'answered' WHEN r[9] < 0.99 THEN 'tool_error' WHEN r[9] < 0.9999 THEN 'upstream_error' ELSE 'unknown' END`,
  upstreamMs: `CASE WHEN r[6] < 0.85 THEN exp(2 + 4 * r[9]) END`,
  gatewayMs: `0.1 + 2 * power(r[10], 6)`,
};

try {
  await client.connect();
  await deploy(postgres.url);
  await fill();
  await measure();
} finally {
  await database().$disconnect();
  await client.end();
  await postgres.stop();
  await rm(scratch, { recursive: true, force: true });
}

async function fill(): Promise<void> {
  await client.query(
    `SELECT "Call_add_partition"(now() - n * interval '1 week') FROM generate_series(1, ${Math.ceil(days / 7)}) n`,
  );
  const began = performance.now();
  // Many times quicker than to keep them up to date meanwhile.
  const { rows: indexes } = await client.query<{ name: string; sql: string }>(
    `SELECT c.relname AS "name", pg_get_indexdef(c.oid) AS "sql" FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE i.indrelid = '"Call"'::regclass AND NOT i.indisprimary`,
  );
  for (const { name } of indexes) await client.query(`DROP INDEX "${name}"`);
  for (let from = 0; from < count; from += chunk) {
    const to = Math.min(count, from + chunk) - 1;
    await client.query(
      `INSERT INTO "Call" (${Object.keys(columns).map((name) => `"${name}"`)})
       SELECT ${Object.values(columns)} FROM (
         SELECT n, now() - interval '${days} days' + ${days} * interval '1 day' * (n::float8 / ${count}) AS t,
           ARRAY[random(), random(), random(), random(), random(), random(), random(), random(), random(), random()] AS r
         FROM generate_series(${from}, ${to}) n OFFSET 0
       ) made`,
    );
    if ((from / chunk) % 10 === 9) console.error(`${to + 1} calls, ${seconds(began)} s`);
  }
  for (const { sql } of indexes) await client.query(sql.replace(" ON ONLY ", " ON "));
  const took = performance.now() - began;
  console.log(
    `${count} calls written and rolled up in ${(took / 1_000).toFixed(0)} s: ${((took * 1_000) / count).toFixed(0)} µs each`,
  );
  await client.query("VACUUM ANALYZE");
  const { rows } = await client.query<{ table: string; rows: string; size: string }>(
    `SELECT relname AS "table", (SELECT count(*) FROM "CallCount") || ' / ' || (SELECT count(*) FROM "CallTool") || ' / ' || (SELECT count(*) FROM "CallRule") || ' / ' || (SELECT count(*) FROM "CallLatency") AS "rows",
       pg_size_pretty(pg_database_size(current_database())) AS "size" FROM pg_class WHERE relname = 'CallCount'`,
  );
  console.log(
    `rolled up: ${rows[0]?.rows} rows (counts / tools / rules / latency); the database has ${rows[0]?.size}\n`,
  );
}

async function measure(): Promise<void> {
  const { rows } = await client.query<Record<string, string>>(
    `SELECT ${uuid(1, "0")} AS "organisation", ${uuid(2, "0")} AS "server", ${uuid(2, "5")} AS "rareServer", ${uuid(3, "0")} AS "grant",
       ${uuid(3, "19")} AS "rareGrant", ${uuid(4, "1")} AS "policy", md5('1234') AS "session",
       (SELECT "approvalId" FROM "Call" WHERE "approvalId" IS NOT NULL LIMIT 1) AS "approval"`,
  );
  const ids = rows[0] ?? {};
  const member = { organisation: { id: ids.organisation, name: "bench", frozen: false } } as Member;
  const at = (share: number) => new Date(Date.now() - (1 - share) * days * 24 * 60 * 60 * 1_000);
  const cursor = (share: number) => Buffer.from(idFloor(at(share))).toString("base64url");
  const list: [name: string, query: Record<string, unknown>][] = [
    ["no filter", {}],
    ["at depth: half way", { cursor: cursor(0.5) }],
    ["at depth: the oldest", { cursor: cursor(0.001) }],
    ["server", { serverId: ids.server }],
    ["a rare server", { serverId: ids.rareServer }],
    ["grant", { grantId: ids.grant }],
    ["tool, common", { tool: "tool_0" }],
    ["tool, rare", { tool: "tool_79" }],
    ["tool that there is not", { tool: "tool_none" }],
    ["code allowed", { code: "allowed" }],
    ["code denied", { code: "denied" }],
    ["code frozen, rare", { code: "frozen" }],
    ["outcome answered", { outcome: "answered" }],
    ["outcome unknown, rare", { outcome: "unknown" }],
    ["rule", { rule: "/tools/tool_3/deny_if/1" }],
    ["rule, rare", { rule: "/tools/tool_78/deny_if/1" }],
    ["policy", { policyId: ids.policy }],
    ["session", { sessionId: ids.session }],
    ["client", { clientName: "gemini" }],
    ["approval", { approvalId: ids.approval }],
    ["words, common", { q: "too many" }],
    ["words, rare", { q: "xylophone" }],
    ["words that there are not", { q: "nowhere" }],
    ["an hour of a day", { from: at(0.4).toISOString(), to: at(0.4014).toISOString() }],
    ["server and code", { serverId: ids.server, code: "denied" }],
    ["grant and tool", { grantId: ids.grant, tool: "tool_5" }],
    ["rare grant and rare tool", { grantId: ids.rareGrant, tool: "tool_79" }],
    ["tool and rare outcome", { tool: "tool_0", outcome: "unknown" }],
    ["rare tool and rare code", { tool: "tool_79", code: "frozen" }],
    ["client and rule", { clientName: "gemini", rule: "/tools/tool_3/deny_if/1" }],
    ["server, code and words", { serverId: ids.server, code: "denied", q: "night" }],
    [
      "a week, server and code",
      { serverId: ids.server, code: "denied", from: at(0.3).toISOString(), to: at(0.53).toISOString() },
    ],
  ];
  await listCalls(member, { limit: 50 }); // the first question of all opens connections
  let slow = 0;
  for (const [name, query] of list) slow += await time(name, () => listCalls(member, { limit: 50, ...query }));
  const stats =
    (hours: number, filter = {}) =>
    () =>
      readStats(member, { from: new Date(Date.now() - hours * 60 * 60 * 1_000).toISOString(), ...filter });
  slow += await time("figures of 24 hours", stats(24));
  slow += await time("figures of 7 days", stats(7 * 24));
  slow += await time("figures of 30 days", stats(30 * 24));
  slow += await time("figures of 30 days, a server", stats(30 * 24, { serverId: ids.server }));
  slow += await time("figures of 30 days, a grant", stats(30 * 24, { grantId: ids.grant }));
  console.log(slow === 0 ? `\nall p95 are under ${targetMs} ms` : `\n${slow} p95 are not under ${targetMs} ms`);
  await measureExport(String(ids.organisation));
}

async function time(name: string, ask: () => Promise<object>): Promise<number> {
  const took: number[] = [];
  let items = "";
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    const answer = await ask();
    took.push(performance.now() - began);
    if (answer instanceof Refusal) throw new Error(`${name}: ${answer.code}`);
    if ("items" in answer && Array.isArray(answer.items)) items = `${answer.items.length} calls`;
  }
  took.sort((a, b) => a - b);
  const [p50 = 0, p95 = 0] = [took[Math.floor(rounds * 0.5)], took[Math.floor(rounds * 0.95)]];
  console.log(
    `${name.padEnd(32)} p50 ${p50.toFixed(1).padStart(8)} ms   p95 ${p95.toFixed(1).padStart(8)} ms   ${items}`,
  );
  return p95 < targetMs ? 0 : 1;
}

async function measureExport(organisationId: string): Promise<void> {
  for (const format of ["csv", "jsonl"] as const) {
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    let most = before;
    let bytes = 0;
    const began = performance.now();
    const reader = exportCalls(organisationId, {}, format).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.byteLength;
      most = Math.max(most, process.memoryUsage().rss);
      // Half an hour of it would say no more.
      if (performance.now() - began > 60_000) {
        await reader.cancel();
        break;
      }
    }
    const mb = (value: number) => (value / 1024 / 1024).toFixed(0);
    console.log(
      `export as ${format}: ${mb(bytes)} MB in ${seconds(began)} s, memory ${mb(before)} MB before, ${mb(most)} MB at most`,
    );
  }
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1_000).toFixed(0);
}
