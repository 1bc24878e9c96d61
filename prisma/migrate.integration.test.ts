import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../e2e/harness/database.ts";
import { deploy, readMigrations } from "./migrate.ts";

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

describe("deploying migrations", () => {
  it("does nothing when all are applied, and says so", async () => {
    expect(await deploy(database.url)).toEqual([]);
  });

  it("leaves the record that Prisma's own command would leave", async () => {
    const { rows } = await client.query("SELECT migration_name, checksum, applied_steps_count FROM _prisma_migrations");
    const expected = (await readMigrations()).map(({ name, checksum }) => ({
      migration_name: name,
      checksum,
      applied_steps_count: 1,
    }));
    expect(rows).toEqual(expected);
  });

  it("applies a new one once when three processes start at the same moment", async () => {
    await withMigrations({ "30000101000000_more": 'CREATE TABLE "More" (id INT)' }, async (dir) => {
      const applied = await Promise.all([1, 2, 3].map(() => deploy(database.url, dir)));
      expect(applied.flat()).toEqual(["30000101000000_more"]);
    });
  });

  it("takes back a migration that fails half-way", async () => {
    const sql = 'CREATE TABLE "Half" (id INT); SELECT 1 / 0;';
    await withMigrations({ "30000101000000_half": sql }, async (dir) => {
      await expect(deploy(database.url, dir)).rejects.toThrow(
        "30000101000000_half failed and was rolled back: division by zero",
      );
    });
    const { rows } = await client.query(`SELECT to_regclass('"Half"') AS half`);
    expect(rows).toEqual([{ half: null }]);
  });

  it("refuses a database that a newer version has used", async () => {
    await withMigrations({ "30000101000000_newer": "SELECT 1" }, (dir) => deploy(database.url, dir));
    await expect(deploy(database.url)).rejects.toThrow("30000101000000_newer, which a newer PolicyLayer made");
  });

  it("refuses a migration that was edited after it was applied", async () => {
    await withMigrations({ "30000101000000_once": "SELECT 1" }, (dir) => deploy(database.url, dir));
    await withMigrations({ "30000101000000_once": "SELECT 2" }, async (dir) => {
      await expect(deploy(database.url, dir)).rejects.toThrow("30000101000000_once was edited");
    });
  });
});

describe("a published policy version", () => {
  beforeEach(async () => {
    await client.query(`
      INSERT INTO "Organisation" (id, name) VALUES ('${id(1)}', 'Ada');
      INSERT INTO "Server" (id, "organisationId", name, transport) VALUES ('${id(2)}', '${id(1)}', 'one', 'http');
      INSERT INTO "Policy" (id, "organisationId", "serverId", name, draft, "activeVersion")
        VALUES ('${id(3)}', '${id(1)}', '${id(2)}', 'p', '{}', 1);
      INSERT INTO "PolicyVersion" ("policyId", version, document) VALUES ('${id(3)}', 1, '{}');
      INSERT INTO "Grant" (id, "organisationId", "serverId", "policyId", label, "tokenHash", hint)
        VALUES ('${id(4)}', '${id(1)}', '${id(2)}', '${id(3)}', 'g', 'h', 'abcd');`);
  });

  it.each([
    ["changed", `UPDATE "PolicyVersion" SET document = '{"default":"allow"}'`],
    ["deleted", 'DELETE FROM "PolicyVersion"'],
    ["truncated away", 'TRUNCATE "PolicyVersion"'],
  ])("cannot be %s", async (_name, sql) => {
    await expect(client.query(sql)).rejects.toThrow("a published policy version never changes");
  });

  it("keeps its policy while a grant uses it", async () => {
    await expect(client.query('DELETE FROM "Policy"')).rejects.toThrow("Grant_policyId_fkey");
  });

  it.each(["Server", "Organisation"])("goes with its %s", async (table) => {
    await client.query(`DELETE FROM "${table}"`);
    const { rows } = await client.query('SELECT count(*)::int AS left FROM "PolicyVersion"');
    expect(rows).toEqual([{ left: 0 }]);
  });
});

function id(n: number): string {
  return `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;
}

/** Runs `use` on a directory with our own migrations and some more. */
async function withMigrations<T>(more: Record<string, string>, use: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(path.join(tmpdir(), "policylayer-migrations-"));
  try {
    const own = (await readMigrations()).map(({ name, sql }) => [name, sql] as const);
    for (const [name, sql] of [...own, ...Object.entries(more)]) {
      await mkdir(path.join(dir, name));
      await writeFile(path.join(dir, name, "migration.sql"), sql);
    }
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
