// Databases for integration tests, on the Postgres that the global setup started: an empty one with all migrations in place,
// copied from a template in a few hundredths of a second.
import { randomUUID } from "node:crypto";
import pg from "pg";

export const templateName = "policylayer_template";

export type TestDatabase = { url: string; drop(): Promise<void> };

/**
 * A database of one's own. Whoever asks drops it; the whole server goes when the run ends.
 *
 * @throws Error outside `vitest run --project integration`, which provides `DATABASE_URL`.
 */
export async function freshDatabase(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await administer(`CREATE DATABASE "${name}" TEMPLATE "${templateName}"`);
  return { url: urlOf(name), drop: () => administer(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`) };
}

/** Runs a statement as the superuser: beside all test databases, such as CREATE DATABASE, or on the one with that URL. */
export async function administer(sql: string, url: string = urlOf("postgres")): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function urlOf(name: string): string {
  if (!process.env.DATABASE_URL) throw new Error("DATABASE_URL is not set: only integration tests have a database");
  const url = new URL(process.env.DATABASE_URL);
  url.pathname = `/${name}`;
  return url.href;
}
