// npm run backup -- <file>, npm run restore -- <file> [--replace]
import { existsSync } from "node:fs";
import path from "node:path";
import { readSettings } from "../settings.ts";
import { makeBackup } from "./backup.ts";
import { restoreBackup } from "./restore.ts";

const usage = "usage: npm run backup -- <file>, or npm run restore -- <file> [--replace]";
const say = (line: string) => console.log(`PolicyLayer: ${line}`);

try {
  await run(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  console.error(`PolicyLayer: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

async function run([command, ...rest]: string[]): Promise<void> {
  const files = rest.filter((argument) => argument !== "--replace");
  const [file] = files;
  if (!file || files.length > 1 || file.startsWith("-")) throw new Error(usage);
  const envFile = process.env.POLICYLAYER_ENV_FILE ?? ".env";
  if (envFile && existsSync(envFile)) process.loadEnvFile(envFile);
  if (process.env.DATABASE_URL) {
    throw new Error("DATABASE_URL names a Postgres of yours: back it up and restore it with its own programs");
  }
  const options = {
    dataDir: path.resolve(readSettings(process.env).dataDir),
    file: path.resolve(process.env.INIT_CWD ?? ".", file),
    say,
  };
  if (command === "backup") {
    const { bytes, secretsElsewhere } = await makeBackup({ ...options, env: process.env });
    say(`${options.file}: ${(bytes / 1e6).toFixed(1)} MB. It holds the secrets: whoever has it has the installation.`);
    tellElsewhere(secretsElsewhere, "are not in it: they come from the environment. Keep them too");
  } else if (command === "restore") {
    const { aside, madeAt, secretsElsewhere } = await restoreBackup({
      ...options,
      replace: rest.includes("--replace"),
    });
    say(
      `${options.dataDir} is as it was at ${madeAt}. What was changed since, also what was revoked or frozen, is undone.`,
    );
    if (aside) say(`what was there before is in ${aside}; remove it when you are content`);
    tellElsewhere(secretsElsewhere, "were not in the backup: the environment must have the same");
  } else throw new Error(usage);
}

function tellElsewhere(names: readonly string[], words: string): void {
  if (names.length > 0) say(`${names.join(" and ")} ${words}`);
}
