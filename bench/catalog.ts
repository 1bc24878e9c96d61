// npx tsx bench/catalog.ts [servers …]: how long the catalog's questions take at the database while it grows, by default to 500, 5,000 and
// 50,000 servers (20 tools each). Takes a Postgres of its own, throws it away, and some minutes. SAMPLES=200 questions of each kind.
// With BENCH_DATABASE_URL it goes on with that database and leaves it as it is then.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { searchCatalog } from "../app/_server/catalog/search.ts";
import { catalogTotals } from "../app/_server/catalog/totals.ts";
import { database } from "../prisma/client.ts";
import { deploy } from "../prisma/migrate.ts";
import { type Postgres, startPostgres } from "../prisma/postgres.ts";
import { postmasterOf, processorMs, processorMsBetween, type Timed, time, watchStatements } from "./catalog/clock.ts";
import { fill } from "./catalog/fill.ts";
import { questions, walk, walks } from "./catalog/questions.ts";
import { chances } from "./catalog/words.ts";

const targetMs = 50;
const samples = Number(process.env.SAMPLES ?? 200);
const only = process.env.ONLY ?? "";
const sizes = process.argv.slice(2).map(Number);
if (sizes.length === 0) sizes.push(500, 5_000, 50_000);

type Row = {
  what: string;
  p50: number;
  p95: number;
  processor: number | null;
  slowest: Timed["slowest"];
  /** In ms, sorted. */
  times: number[];
};

const scratch = await mkdtemp(path.join(tmpdir(), "policylayer-bench-"));
let postgres: Postgres | null = null;
try {
  if (!process.env.BENCH_DATABASE_URL) {
    postgres = await startPostgres({ dataDir: path.join(scratch, "postgres"), password: "bench", throwaway: true });
  }
  process.env.DATABASE_URL = process.env.BENCH_DATABASE_URL ?? postgres?.url;
  await run(process.env.DATABASE_URL ?? "");
} finally {
  await postgres?.stop();
  await rm(scratch, { recursive: true, force: true });
}
process.exit();

async function run(url: string): Promise<void> {
  await deploy(url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const postmaster = await postmasterOf(client);
  const measured: { tools: number; rows: Row[] }[] = [];
  let servers = Number((await client.query(`SELECT count(*) FROM "CatalogServer"`)).rows[0].count);
  watchStatements();
  for (const size of sizes) {
    const from = performance.now();
    const added = await fill(client, servers, size);
    servers = Math.max(servers, size);
    const filledS = (performance.now() - from) / 1_000;
    await client.query("VACUUM ANALYZE"); // also puts what waits beside the indexes of words into its place
    const tools = await checkTotals(client);
    const bytes = (await client.query("SELECT pg_size_pretty(pg_database_size(current_database())) AS size")).rows[0]
      .size;
    const perS = added === 0 ? "" : `, ${added} tools added in ${filledS.toFixed(0)} s`;
    console.log(`\n${servers} servers, ${tools} tools (${bytes}${perS}); totals are what count(*) says`);
    console.log(
      `${"at the database, in ms".padEnd(36)} p50     p95${postmaster !== null ? "   processor (mean)" : ""}`,
    );
    const rows: Row[] = [];
    for (const { what, works } of await worksOf(servers)) {
      const row = await measure(what, works, postmaster);
      rows.push(row);
      console.log(
        `${what.padEnd(36)}${number(row.p50)}${number(row.p95)}${row.processor === null ? "" : number(row.processor)}`,
      );
      if (row.p95 > targetMs && row.slowest) await explain(client, row.slowest);
    }
    rows.push(together("search, all kinds together", rows));
    console.log(`${rows.at(-1)?.what.padEnd(36)}${number(rows.at(-1)?.p50 ?? 0)}${number(rows.at(-1)?.p95 ?? 0)}`);
    measured.push({ tools, rows });
  }
  report(measured);
  await client.end();
  await database().$disconnect();
}

type Works = { what: string; works: (() => Promise<unknown>)[] };

async function worksOf(servers: number): Promise<Works[]> {
  const chance = chances(4_711);
  const asked = questions(servers)
    .filter(({ what }) => what.includes(only))
    .map(({ what, ask }) => ({ what, works: Array.from({ length: samples }, () => () => ask(chance)) }));
  const walked: Works[] = [];
  for (const { what, asked } of walks.filter(({ what }) => what.includes(only))) {
    const { pages, last } = await walk(asked);
    const name = pages === 1_000 ? what : what.replace("1,000", String(pages));
    walked.push({ what: name, works: last.map((page) => () => searchCatalog(page)) });
  }
  return [...asked, ...walked];
}

async function measure(what: string, works: (() => Promise<unknown>)[], postmaster: number | null): Promise<Row> {
  // A first one prepares what a process prepares once.
  await works[0]?.();
  const before = postmaster === null ? null : processorMs(postmaster);
  const times: Timed[] = [];
  for (const work of works) times.push(await time(work));
  const processor = before && postmaster !== null ? processorMsBetween(before, processorMs(postmaster)) : null;
  const sorted = times.map(({ databaseMs }) => databaseMs).sort((a, b) => a - b);
  const worst = times.reduce<Timed | null>(
    (worst, next) => (worst && worst.databaseMs >= next.databaseMs ? worst : next),
    null,
  );
  return {
    what,
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    processor: processor === null ? null : processor / works.length,
    slowest: worst?.slowest ?? null,
    times: sorted,
  };
}

/** Somebody who searches asks now this, now that: each kind as often as the others. */
function together(what: string, rows: readonly Row[]): Row {
  const searches = rows.filter((row) => /^(tools|servers): /.test(row.what));
  const times = searches.flatMap((row) => row.times).sort((a, b) => a - b);
  return { what, p50: percentile(times, 0.5), p95: percentile(times, 0.95), processor: null, slowest: null, times };
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** @returns The number of tools. */
async function checkTotals(client: pg.Client): Promise<number> {
  const totals = await catalogTotals();
  const counted = await client.query<{ category: string; count: string }>(
    `SELECT "category", count(*) FROM "CatalogTool" WHERE "state" = 'current' GROUP BY "category"`,
  );
  const tools = counted.rows.reduce((sum, { count }) => sum + Number(count), 0);
  const servers = Number((await client.query(`SELECT count(*) FROM "CatalogServer"`)).rows[0].count);
  const byCategory: Record<string, number> = totals.byCategory;
  const isTrue = counted.rows.every(({ category, count }) => byCategory[category] === Number(count));
  if (totals.tools !== tools || totals.servers !== servers || !isTrue) {
    throw new Error(`the totals say ${JSON.stringify(totals)}; there are ${servers} servers and ${tools} tools`);
  }
  return tools;
}

async function explain(client: pg.Client, { text, values, ms }: NonNullable<Timed["slowest"]>): Promise<void> {
  console.log(`  over ${targetMs} ms; the slowest statement took ${ms.toFixed(1)} ms:`);
  const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS) ${text}`, values);
  for (const row of rows) console.log(`    ${Object.values(row as object)[0]}`.slice(0, 240));
}

function report(measured: { tools: number; rows: Row[] }[]): void {
  const [first, last] = [measured[0], measured.at(-1)];
  if (!first || !last) return;
  if (first !== last)
    console.log(
      `\nfrom ${first.tools} to ${last.tools} tools (×${(last.tools / first.tools).toFixed(0)}), p95 grows by`,
    );
  const rows = last.rows.map((row, at) => ({ ...row, grows: row.p95 / (first.rows[at]?.p95 ?? row.p95) }));
  if (first !== last) for (const { what, grows } of rows) console.log(`${what.padEnd(36)}     ×${grows.toFixed(1)}`);
  const over = rows.filter(({ p95 }) => p95 > targetMs);
  console.log(
    `\nworst p95 ${Math.max(...rows.map(({ p95 }) => p95)).toFixed(1)} ms; ${over.length} of ${rows.length} over ${targetMs} ms`,
  );
  process.exitCode = over.length === 0 ? 0 : 1;
}

function number(ms: number): string {
  return ms.toFixed(1).padStart(8);
}
