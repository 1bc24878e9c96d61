// npm run db:migration -- <name>: writes the migration that takes the database from where the migrations leave it to where
// schema.prisma wants it. Read it before committing: a renamed column looks like one dropped and one added.
// With --check it writes nothing and fails when one is missing.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { missingMigration } from "./drift.ts";
import { migrationsDir } from "./migrate.ts";
import { startPostgres } from "./postgres.ts";

const name = process.argv[2] ?? "";
const check = name === "--check";
if (!check && !/^[a-z0-9_]+$/.test(name)) {
  console.error("Usage: npm run db:migration -- <name in lower case, digits and _>");
  process.exit(2);
}

const scratch = await mkdtemp(path.join(tmpdir(), "policylayer-migration-"));
const postgres = await startPostgres({ dataDir: path.join(scratch, "postgres"), password: "scratch", throwaway: true });
try {
  const sql = await missingMigration(postgres.url);
  if (sql === "") {
    console.log("The migrations already build what prisma/schema.prisma says.");
  } else if (check) {
    console.error(`prisma/schema.prisma has changes that no migration makes (npm run db:migration):\n\n${sql}`);
    process.exitCode = 1;
  } else {
    const folder = path.join(migrationsDir, `${new Date().toISOString().replace(/\D/g, "").slice(0, 14)}_${name}`);
    await mkdir(folder);
    await writeFile(path.join(folder, "migration.sql"), sql);
    console.log(`Wrote ${path.relative(process.cwd(), folder)}/migration.sql`);
  }
} finally {
  await postgres.stop();
  await rm(scratch, { recursive: true, force: true });
}
