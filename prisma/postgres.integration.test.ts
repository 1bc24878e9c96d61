import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Postgres, startPostgres } from "./postgres.ts";

let scratch: string;
let started: Postgres[];

beforeEach(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), "policylayer-postgres-"));
  started = [];
});

afterEach(async () => {
  for (const postgres of started) await postgres.stop();
  await rm(scratch, { recursive: true, force: true });
});

async function start(port?: number): Promise<Postgres> {
  const dataDir = path.join(scratch, "postgres");
  const postgres = await startPostgres({ dataDir, password: "of the test", ...(port ? { port } : {}) });
  started.push(postgres);
  return postgres;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe("our own Postgres", () => {
  it("is made at the first start and keeps what it was given", async () => {
    const first = await start();
    await query(first.url, "CREATE TABLE kept AS SELECT 1 AS n");
    await first.stop();
    expect(first.isAlive()).toBe(false);

    const second = await start();
    expect(await query(second.url, "SELECT n FROM kept")).toEqual([{ n: 1 }]);
  });

  it("is adopted when it is still running", async () => {
    const first = await start();
    const second = await start();
    expect(second).toMatchObject({ adopted: true, pid: first.pid, url: first.url });
  });

  it("comes back on the same port after a kill -9, with everything committed", async () => {
    const first = await start();
    await query(first.url, "CREATE TABLE kept AS SELECT 1 AS n");
    process.kill(first.pid, "SIGKILL");
    const second = await start(first.port);
    expect(second.adopted).toBe(false);
    expect(await query(first.url, "SELECT n FROM kept")).toEqual([{ n: 1 }]);
  });

  it("listens to nobody without the password", async () => {
    const { url } = await start();
    await expect(query(url.replace(/:[^:@]+@/, ":wrong@"), "SELECT 1")).rejects.toThrow(
      "password authentication failed",
    );
  });
});
