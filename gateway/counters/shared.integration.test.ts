import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import pino from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type RunningValkey, startValkey } from "../../e2e/harness/valkey.ts";
import type { Reservation } from "../../policy/evaluate.ts";
import { deploy } from "../../prisma/migrate.ts";
import { type Postgres, startPostgres } from "../../prisma/postgres.ts";
import type { CounterStore } from "./counters.ts";
import type { StoreLife } from "./life.ts";
import { openPostgresCounters } from "./postgres.ts";
import { openValkeyCounters } from "./valkey.ts";

type Opened = CounterStore & { close(): Promise<void> };

let store: RunningValkey;
let postgres: Postgres;
let postgresDir: string;
let known: string | null = null;
const opened: Opened[] = [];
const log = pino({ level: "silent" });

/** What a database would remember for all gateways. */
const life: StoreLife = {
  claim: async (fresh) => {
    known ??= fresh;
    return known;
  },
};

beforeAll(async () => {
  store = await startValkey();
  postgresDir = join(await mkdtemp(join(tmpdir(), "policylayer-counters-")), "postgres");
  postgres = await startPostgres({ dataDir: postgresDir, password: "for-tests" });
  await deploy(postgres.url);
}, 60_000);

afterEach(async () => {
  for (const counters of opened.splice(0)) await counters.close();
});

afterAll(async () => {
  await store?.kill9();
  await postgres?.stop();
  for (const dir of [store?.dir, postgresDir]) if (dir) await rm(dir, { recursive: true, force: true });
});

async function openValkey(): Promise<Opened> {
  return kept(openValkeyCounters({ url: store.url, life, log, timeoutMs: 20_000 }));
}

async function openPostgres(): Promise<Opened> {
  return kept(openPostgresCounters({ databaseUrl: postgres.url, log, timeoutMs: 20_000 }));
}

async function kept(counters: Opened): Promise<Opened> {
  opened.push(counters);
  await until(() => counters.available);
  return counters;
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !isSo(); tries++) await sleep(20);
  expect(isSo()).toBe(true);
}

function limit(change: Partial<Reservation> = {}): Reservation {
  return {
    key: `["test","${randomUUID()}"]`,
    windowMs: 60_000,
    max: 10,
    amount: 1,
    rule: "/limits/0",
    sentence: "",
    ...change,
  };
}

const organisation = randomUUID();
const taken = async (counters: CounterStore, ...wanted: Reservation[]) =>
  counters.reserve(wanted, Date.now(), organisation);

describe.each([
  { name: "Valkey", open: openValkey },
  { name: "Postgres", open: openPostgres },
])("limits that gateways share in $name", ({ open }) => {
  it("let exactly as many calls pass as are allowed, however many gateways ask at once", async () => {
    const gateways = await Promise.all([open(), open(), open()]);
    const one = limit({ max: 1_000 });
    const answers = await Promise.all(
      Array.from({ length: 6_000 }, (_, n) => taken(gateways[n % 3] as CounterStore, one)),
    );
    expect(answers.filter(({ ok }) => ok === true)).toHaveLength(1_000);
    expect(answers.filter(({ ok }) => ok === false)).toHaveLength(5_000);
  });

  it("count amounts exactly: ten times 0.1 is 1, and an eleventh has no room", async () => {
    const counters = await open();
    const spend = limit({ max: 1, amount: 0.1 });
    for (let n = 0; n < 10; n++) expect((await taken(counters, spend)).ok).toBe(true);
    expect((await taken(counters, { ...spend, amount: 0.000_000_001 })).ok).toBe(false);
    expect((await taken(counters, { ...spend, amount: 0 })).ok).toBe(true);
    const large = limit({ max: 3_000_000_000, amount: 999_999_999.5 });
    for (let n = 0; n < 3; n++) expect((await taken(counters, large)).ok).toBe(true);
    expect((await taken(counters, { ...large, amount: 1.500_000_001 })).ok).toBe(false);
    expect((await taken(counters, { ...large, amount: 1.5 })).ok).toBe(true);
  });

  it("take all of a call's limits or none", async () => {
    const counters = await open();
    const [roomy, full] = [limit({ max: 2 }), limit({ max: 0, rule: "/limits/1" })];
    expect(await taken(counters, roomy, full)).toMatchObject({ ok: false, failed: { rule: "/limits/1" } });
    expect((await taken(counters, roomy)).ok).toBe(true);
    expect((await taken(counters, roomy)).ok).toBe(true);
    expect((await taken(counters, roomy)).ok).toBe(false);
    const twice = limit({ max: 3, amount: 2 });
    expect((await taken(counters, twice, twice)).ok).toBe(false);
  });

  it("say after how many seconds there is room, and there is then", async () => {
    const counters = await open();
    const one = limit({ windowMs: 2_000, max: 1 });
    expect((await taken(counters, one)).ok).toBe(true);
    expect(await taken(counters, one)).toMatchObject({ ok: false, retryAfterS: 2 });
    await sleep(2_020);
    expect((await taken(counters, one)).ok).toBe(true);
    expect(await taken(counters, { ...one, amount: 2 })).toMatchObject({
      ok: false,
      retryAfterS: Number.POSITIVE_INFINITY,
    });
  });

  it("take back what a call did not use, and only that", async () => {
    const counters = await open();
    const one = limit({ max: 2 });
    const first = await taken(counters, one);
    expect((await taken(counters, one)).ok).toBe(true);
    expect((await taken(counters, one)).ok).toBe(false);
    if (first.ok !== true) throw new Error("the first was refused");
    counters.giveBack(first.reserved ?? [], Date.now(), organisation);
    expect((await taken(counters, one)).ok).toBe(true);
    expect((await taken(counters, one)).ok).toBe(false);
    // What was never counted gives nothing back.
    counters.giveBack([{ ...one, countedAt: 1 }], Date.now(), organisation);
    expect((await taken(counters, one)).ok).toBe(false);
  });

  it("keep calendar windows by the store's clock, whatever the gateway's says", async () => {
    const counters = await open();
    const dayMs = 86_400_000;
    const today = Math.floor(Date.now() / dayMs) * dayMs;
    const right = limit({ windowMs: dayMs, calendarStart: today, calendarEnd: today + dayMs, max: 2 });
    const ahead = { ...right, calendarStart: today + dayMs, calendarEnd: today + 2 * dayMs };
    expect((await taken(counters, right)).ok).toBe(true);
    const answer = await taken(counters, ahead);
    expect(answer).toMatchObject({ ok: true, reserved: [{ calendarStart: today }] });
    expect((await taken(counters, ahead)).ok).toBe(false);
    if (answer.ok === true) counters.giveBack(answer.reserved ?? [], Date.now(), organisation);
    expect((await taken(counters, right)).ok).toBe(true);
    expect((await taken(counters, right)).ok).toBe(false);
  });
});

describe("a shared Valkey", () => {
  it("counts nothing while it is away, and goes on where it was when it is back", async () => {
    const counters = await openValkey();
    const one = limit({ max: 3 });
    for (let n = 0; n < 2; n++) expect((await taken(counters, one)).ok).toBe(true);
    await store.kill9();
    await until(() => !counters.available);
    expect((await taken(counters, one)).ok).toBe("unavailable");
    store = await startValkey(store);
    await until(() => counters.available);
    expect((await taken(counters, one)).ok).toBe(true);
    expect((await taken(counters, one)).ok).toBe(false);
  });

  it("counts nothing once it has forgotten what it counted, until that is accepted", async () => {
    const counters = await openValkey();
    await store.kill9();
    const { port, dir } = store;
    await rm(dir, { recursive: true, force: true });
    store = await startValkey({ port });
    await sleep(1_500);
    expect(counters.available).toBe(false);
    expect((await taken(counters, limit())).ok).toBe("unavailable");
    known = null; // a person accepted it
    await until(() => counters.available);
    expect((await taken(counters, limit())).ok).toBe(true);
  });
});

describe("a shared Postgres", () => {
  it("counts nothing while it is away, and goes on where it was when it is back", async () => {
    const counters = await openPostgres();
    const one = limit({ max: 3 });
    for (let n = 0; n < 2; n++) expect((await taken(counters, one)).ok).toBe(true);
    process.kill(postgres.pid, "SIGKILL");
    // Its backends notice a moment later; what they still count, they keep.
    for (let tries = 0; counters.available && tries < 500; tries++) await taken(counters, { ...one, amount: 0 });
    expect((await taken(counters, one)).ok).toBe("unavailable");
    postgres = await startPostgres({ dataDir: postgresDir, password: "for-tests", port: postgres.port });
    await until(() => counters.available);
    expect((await taken(counters, one)).ok).toBe(true);
    expect((await taken(counters, one)).ok).toBe(false);
  });

  it("forgets counters that hold nothing any more", async () => {
    const counters = await openPostgres();
    await taken(counters, limit({ windowMs: 1 }));
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query('UPDATE "Counter" SET "expiresAt" = 0');
    const { rows } = await client.query(
      'SELECT "forgetLimits"(1000) AS gone, (SELECT count(*) FROM "Counter")::int AS before',
    );
    expect(rows[0]).toMatchObject({ gone: rows[0].before });
    expect((await client.query('SELECT 1 FROM "CounterEntry"')).rowCount).toBe(0);
    await client.end();
  });
});
