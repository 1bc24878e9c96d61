// `prisma migrate deploy` in plain pg: the same table, the same checksums, the same lock, so Prisma's own command can take over
// at any time. Prisma's engine is a download and its WebAssembly build splits scripts at every `;`, also inside functions.
import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";

export const migrationsDir = path.join(path.dirname(fileURLToPath(import.meta.url)), "migrations");

/** Prisma's own number: several processes may start at once, and `prisma migrate` may be one of them. */
const advisoryLock = 72_707_369;

const migrationsTable = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;

type Migration = { name: string; sql: string; checksum: string };

/**
 * Applies the migrations that the database does not have yet, in order, each in a transaction of its own. Safe to run from
 * several processes at once.
 *
 * @returns The names of those applied now.
 * @throws Error when a migration fails (the ones before it stay), failed earlier, was edited after it was applied, or is
 *   unknown here, which means that a newer PolicyLayer has used this database.
 */
export async function deploy(url: string, dir: string = migrationsDir): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [advisoryLock]);
    await client.query(migrationsTable);
    const pending = await pendingMigrations(client, await readMigrations(dir));
    for (const migration of pending) await apply(client, migration);
    return pending.map(({ name }) => name);
  } finally {
    await client.end(); // and with the connection goes the lock
  }
}

/** The migrations of a directory, oldest first: their names begin with their date. */
export async function readMigrations(dir: string = migrationsDir): Promise<Migration[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(path.join(dir, name, "migration.sql"), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

async function pendingMigrations(client: pg.Client, known: Migration[]): Promise<Migration[]> {
  const { rows } = await client.query<{
    migration_name: string;
    checksum: string;
    finished_at: Date | null;
    logs: string;
  }>("SELECT migration_name, checksum, finished_at, logs FROM _prisma_migrations WHERE rolled_back_at IS NULL");
  for (const row of rows) {
    const name = row.migration_name;
    const migration = known.find((candidate) => candidate.name === name);
    if (!row.finished_at) throw new Error(`migration ${name} failed earlier: ${row.logs ?? "no log"}`);
    if (!migration) throw new Error(`the database has migration ${name}, which a newer PolicyLayer made`);
    if (migration.checksum !== row.checksum) throw new Error(`migration ${name} was edited after it was applied`);
  }
  const applied = new Set(rows.map((row) => row.migration_name));
  return known.filter(({ name }) => !applied.has(name));
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query("BEGIN");
  try {
    await client.query(sql);
    await client.query(
      "INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ($1, $2, $3, now(), 1)",
      [randomUUID(), checksum, name],
    );
    await client.query("COMMIT");
  } catch (cause) {
    await client.query("ROLLBACK");
    throw new Error(`migration ${name} failed and was rolled back: ${(cause as Error).message}`, { cause });
  }
}
