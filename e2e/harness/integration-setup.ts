// Global setup of the integration tests: one embedded Postgres in a temporary directory, with a migrated template database and
// a first copy of it as `DATABASE_URL`, which the test processes inherit.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { deploy } from "../../prisma/migrate.ts";
import { databaseUrl, startPostgres } from "../../prisma/postgres.ts";
import { administer, freshDatabase, templateName } from "./database.ts";

export default async function setup(): Promise<() => Promise<void>> {
  const directory = await mkdtemp(path.join(tmpdir(), "policylayer-integration-"));
  // What tests and the programs they start put into the temporary directory goes with ours, also when they are killed.
  const before = process.env.TMPDIR;
  process.env.TMPDIR = directory;
  const password = "integration";
  const postgres = await startPostgres({ dataDir: path.join(directory, "postgres"), password, throwaway: true });
  process.env.DATABASE_URL = postgres.url;
  await administer(`CREATE DATABASE "${templateName}"`);
  await deploy(databaseUrl(postgres.port, password, templateName));
  process.env.DATABASE_URL = (await freshDatabase()).url;
  return async () => {
    await postgres.stop();
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    await rm(directory, { recursive: true, force: true });
  };
}
