// npm run counters:accept: the shared counter store has forgotten what it counted, and that is accepted: limits begin at zero there.
// Until somebody says so, gateways deny every call that has a limit.
import { existsSync } from "node:fs";
import path from "node:path";
import { readSecrets } from "../../prisma/data-dir.ts";
import { runningUrl } from "../../prisma/postgres.ts";
import { readSettings } from "../../settings.ts";
import { acceptForgotten } from "./life.ts";

if (process.argv.length > 2) {
  console.error("Usage: npm run counters:accept (it takes nothing; DATABASE_URL and DATA_DIR as for npm start)");
  process.exit(2);
}
const envFile = process.env.POLICYLAYER_ENV_FILE ?? ".env";
if (envFile && existsSync(envFile)) process.loadEnvFile(envFile);

try {
  const known = await acceptForgotten(databaseUrl());
  console.log(
    known === null
      ? "No counter store is known yet, so there was nothing to accept: gateways take the one that they find."
      : "Accepted. Gateways count in the store as it is now; the limits that it has forgotten begin at zero. They go on within seconds.",
  );
} catch (cause) {
  console.error(`The database cannot be asked, and nothing was accepted: ${(cause as Error).message || cause}`);
  process.exitCode = 1;
}

function databaseUrl(): string {
  if (process.env.DATABASE_URL) return process.env.DATABASE_URL;
  const dataDir = path.resolve(readSettings(process.env).dataDir);
  if (!existsSync(path.join(dataDir, "secrets.json"))) throw new Error(`there is no installation in ${dataDir}`);
  const url = runningUrl(path.join(dataDir, "postgres"), readSecrets(dataDir, process.env).POSTGRES_PASSWORD);
  if (url === null) throw new Error(`Postgres does not run on ${dataDir}: npm start first, or set DATABASE_URL`);
  return url;
}
