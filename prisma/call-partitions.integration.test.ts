import { randomUUID } from "node:crypto";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { administer, freshDatabase, type TestDatabase } from "../e2e/harness/database.ts";
import { idFloor, idTime, keepPartitions, partitions, weekOf } from "./call-partitions.ts";
import { deploy, migrationsDir, readMigrations } from "./migrate.ts";

const dayMs = 24 * 60 * 60 * 1_000;
const now = new Date();
const daysAgo = (days: number) => new Date(now.getTime() - days * dayMs);

let database: TestDatabase;
let client: pg.Client;
beforeEach(async () => {
  database = await freshDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await database.drop();
});

async function organisation(days: number): Promise<string> {
  const id = randomUUID();
  await client.query('INSERT INTO "Organisation" ("id", "name", "callRetentionDays") VALUES ($1, $2, $3)', [
    id,
    "o",
    days,
  ]);
  return id;
}

async function call(organisationId: string, at: Date, id = `${idFloor(at).slice(0, 14)}7${randomUUID().slice(15)}`) {
  await client.query(
    `INSERT INTO "Call" ("id", "organisationId", "serverId", "at", "method", "code", "rule", "message", "argumentKeys", "outcome")
     VALUES ($1, $2, $2, $3, 'tools/call', 'allowed', '/default', '', '{}', 'answered')`,
    [id, organisationId, at],
  );
  return id;
}

async function times(table = "Call"): Promise<string[]> {
  const { rows } = await client.query<{ at: Date }>(`SELECT "at" FROM "${table}" ORDER BY "at"`);
  return rows.map(({ at }) => at.toISOString().slice(0, 10));
}

const nameOf = (at: Date) => `Call_${weekOf(at).toISOString().slice(0, 10).replaceAll("-", "")}`;
const names = async () => (await partitions(client)).map(({ name }) => name);

describe("an id", () => {
  it("has its time in front, and the smallest of a time is not above any of it", () => {
    expect(idFloor(new Date(0))).toBe("00000000-0000-0000-0000-000000000000");
    expect(idTime(idFloor(now))).toEqual(now);
    expect(idFloor(now) < `${idFloor(now).slice(0, 14)}7000-8000-000000000000`).toBe(true);
    expect(weekOf(new Date("2026-11-25T12:34:56Z"))).toEqual(new Date("2026-11-23T00:00:00Z"));
    expect(weekOf(new Date("2026-11-22T23:59:59.999Z"))).toEqual(new Date("2026-11-16T00:00:00Z"));
  });
});

describe("the partitions of the call log", () => {
  it("are there before they are needed, each a week, without a gap", async () => {
    await organisation(90);
    await keepPartitions(client, now);
    const made = await partitions(client);
    const ahead = made.filter(({ from }) => from >= weekOf(now));
    expect(ahead.length).toBeGreaterThanOrEqual(9);
    for (const [index, { from }] of ahead.entries())
      expect(from.getTime()).toBe(weekOf(now).getTime() + index * 7 * dayMs);
    expect((await keepPartitions(client, now)).made).toEqual([]);
  });

  it("take over what came while nobody made them, and what fits nowhere is counted", async () => {
    const id = await organisation(730);
    await call(id, daysAgo(400));
    await call(id, weekOf(daysAgo(400)));
    await call(id, daysAgo(-400));
    await call(id, now, randomUUID());
    const waiting = await times("Call_default");
    expect(waiting).toHaveLength(4);
    const kept = await keepPartitions(client, now);
    expect(kept.made).toContain(nameOf(daysAgo(400)));
    expect(kept.strays).toBe(2);
    expect(await times()).toEqual(waiting);
    expect(await times(nameOf(daysAgo(400)))).toHaveLength(2);
  });

  it("are all that a question about a time reads", async () => {
    await organisation(90);
    await keepPartitions(client, now);
    const { rows } = await client.query(
      `EXPLAIN SELECT * FROM "Call" WHERE "id" >= '${idFloor(weekOf(now))}' AND "id" < '${idFloor(daysAgo(-0.001))}'`,
    );
    expect(new Set(JSON.stringify(rows).match(/Call_\d{8}|Call_default/g))).toEqual(new Set([nameOf(now)]));
  });

  it("are dropped whole when no organisation keeps them, and rows of one that keeps less go by themselves", async () => {
    const [long, short] = [await organisation(60), await organisation(10)];
    for (const days of [100, 50, 30, 5]) {
      await call(long, daysAgo(days));
      await call(short, daysAgo(days));
    }
    await keepPartitions(client, daysAgo(0)); // what waited in the default partition has its weeks now
    const kept = await times();
    expect(kept.filter((day) => day === daysAgo(100).toISOString().slice(0, 10))).toEqual([]);
    const left = async (id: string) =>
      (await client.query('SELECT "at" FROM "Call" WHERE "organisationId" = $1 ORDER BY "at"', [id])).rows.map(
        ({ at }) => Math.round((now.getTime() - at.getTime()) / dayMs),
      );
    expect(await left(long)).toEqual([50, 30, 5]);
    expect(await left(short)).toEqual([5]);
    expect(await names()).not.toContain(nameOf(daysAgo(100)));
    expect(await names()).toContain(nameOf(daysAgo(50)));
  });

  it("stay, with their calls, for as long as somebody keeps them and at most a week longer", async () => {
    const id = await organisation(10);
    for (const days of [9, 11, 13, 15, 18]) await call(id, daysAgo(days));
    await keepPartitions(client, now);
    const cutOff = daysAgo(10);
    for (const days of [9, 11, 13, 15, 18]) {
      const day = daysAgo(days).toISOString().slice(0, 10);
      const isKept = days < 10 || weekOf(daysAgo(days)) >= weekOf(cutOff);
      expect((await times()).includes(day), day).toBe(isKept);
    }
  });

  it("give up for now rather than make calls wait behind somebody who reads", async () => {
    await organisation(1);
    await call(await organisation(1), daysAgo(300));
    await keepPartitions(client, daysAgo(300));
    const reader = new pg.Client({ connectionString: database.url });
    await reader.connect();
    await reader.query('BEGIN; SELECT count(*) FROM "Call"');
    await expect(keepPartitions(client, now)).rejects.toThrow("lock timeout");
    await reader.query("COMMIT");
    await reader.end();
    expect((await keepPartitions(client, now)).dropped.length).toBeGreaterThan(0);
  });
});

describe("the migration to partitions", () => {
  it("keeps every call that was there and rolls it up", async () => {
    const dir = await mkdtemp(path.join(tmpdir(), "policylayer-before-"));
    const name = `before_${randomUUID().replaceAll("-", "")}`;
    const url = new URL(database.url);
    url.pathname = `/${name}`;
    await administer(`CREATE DATABASE "${name}"`);
    const old = new pg.Client({ connectionString: url.href });
    try {
      for (const { name: migration } of await readMigrations()) {
        if (migration < "20261123060107")
          await cp(path.join(migrationsDir, migration), path.join(dir, migration), { recursive: true });
      }
      await deploy(url.href, dir);
      await old.connect();
      await old.query(
        `INSERT INTO "Call" ("id", "organisationId", "serverId", "at", "method", "tool", "code", "rule", "message", "argumentKeys", "outcome", "upstreamMs")
         SELECT CASE WHEN n % 10 = 0 THEN gen_random_uuid()
             ELSE (lpad(to_hex((extract(epoch FROM t) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 19))::uuid END,
           $1, $1, t, 'tools/call', 'a' || n % 3, CASE WHEN n % 4 = 0 THEN 'denied' ELSE 'allowed' END, '/default', '', '{}',
           CASE WHEN n % 4 = 0 THEN 'none' ELSE 'answered' END, n
         FROM generate_series(1, 500) n CROSS JOIN LATERAL (SELECT date_trunc('milliseconds', now()) - n * interval '3 hours' AS t) times`,
        [randomUUID()],
      );
      const all = async () => (await old.query('SELECT * FROM "Call" ORDER BY "id"')).rows;
      const before = await all();
      await deploy(url.href);
      expect(await all()).toMatchObject(before);
      const { rows } = await old.query(
        `SELECT (SELECT sum("calls")::int FROM "CallCount" WHERE "hours" = 1) AS "hours", (SELECT sum("calls")::int FROM "CallTool" WHERE "hours" = 24) AS "days",
           (SELECT sum("answered")::int FROM "CallCount" WHERE "hours" = 24) AS "answered", (SELECT sum("upstream")::int FROM "CallLatency" WHERE "hours" = 24) AS "timed",
           (SELECT sum("calls")::int FROM "CallRule" WHERE "hours" = 24) AS "refused",
           (SELECT count(*)::int FROM "Call_default") AS "strays"`,
      );
      expect(rows).toEqual([{ hours: 500, days: 500, answered: 375, timed: 500, refused: 125, strays: 50 }]);
    } finally {
      await old.end();
      await administer(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
      await rm(dir, { recursive: true, force: true });
    }
  });
});
