import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../../e2e/harness/database.ts";
import { startValkey } from "../../e2e/harness/valkey.ts";
import { storeLife } from "./life.ts";
import { openValkeyCounters } from "./valkey.ts";

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await freshDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
});

type Ran = { code: number; said: string };

/** What `npm run counters:accept` runs. */
function accept(databaseUrl: string, ...args: string[]): Promise<Ran> {
  const { DATABASE_URL: _, ...rest } = process.env;
  const env = { ...rest, POLICYLAYER_ENV_FILE: "", ...(databaseUrl && { DATABASE_URL: databaseUrl }) };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--import", "tsx", "gateway/counters/accept.ts", ...args],
      { env: env as NodeJS.ProcessEnv },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), said: stdout + stderr }),
    );
  });
}

describe("npm run counters:accept", () => {
  it("lets gateways count again in a store that has forgotten, and their log says that it is what to run", async () => {
    const said: string[] = [];
    const say = (_: object, words: string) => void said.push(words);
    const log = { debug: say, info: say, warn: say, error: say };
    let store = await startValkey();
    const counters = openValkeyCounters({ url: store.url, life: storeLife(database.url), log, timeoutMs: 20_000 });
    await expect.poll(() => counters.available).toBe(true);
    await store.kill9();
    await rm(store.dir, { recursive: true, force: true });
    store = await startValkey({ port: store.port });
    await expect.poll(() => said.join("\n")).toContain("run: npm run counters:accept");
    expect(counters.available).toBe(false);

    expect(await accept(database.url)).toEqual({ code: 0, said: expect.stringMatching(/^Accepted\. /) });
    await expect.poll(() => counters.available).toBe(true);
    await counters.close();
    await store.kill9();
    await rm(store.dir, { recursive: true, force: true });
  }, 60_000);

  it("says so when there is nothing to accept", async () => {
    await client.query('DELETE FROM "CounterStore"');
    expect(await accept(database.url)).toEqual({ code: 0, said: expect.stringContaining("nothing to accept") });
  });

  it("ends with 1 when the database cannot be asked, and says no password", async () => {
    const { code, said } = await accept("postgresql://postgres:canary@127.0.0.1:9/none");
    expect([code, said]).toEqual([
      1,
      expect.stringMatching(/^The database cannot be asked, and nothing was accepted: ./),
    ]);
    expect(said).not.toContain("canary");
  });

  it("ends with 2 when it is told anything", async () => {
    expect(await accept(database.url, "--force")).toEqual({ code: 2, said: expect.stringMatching(/^Usage: npm run/) });
  });
});
