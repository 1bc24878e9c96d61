// Puts an installation back from what backup.ts made. It is unpacked beside, held against its checksum and started once before
// anything that was there is moved; and what was there stays.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { createGunzip } from "node:zlib";
import pg from "pg";
import { type BackupFacts, backupFactsSchema, checksumEntry, ownFolder, platform } from "./backup.ts";
import { claimDataDir } from "./data-dir.ts";
import { readMigrations } from "./migrate.ts";
import { startPostgres } from "./postgres.ts";
import { commandOf } from "./processes.ts";
import { readTar } from "./tar.ts";

export type RestoreOptions = {
  dataDir: string;
  file: string;
  /** Whether an installation that is there may be moved aside. */
  replace: boolean;
  say?: (line: string) => void;
};

export type Restored = BackupFacts & {
  /** Where what was there is now; null when nothing was. */
  aside: string | null;
};

const stagingPrefix = "restoring-";

/** What an installation is, in its directory. Homes of commands and logs are not in a backup, and stay where they are. */
const installation = /^(secrets\.json|postgres|postgres\.moved|postgres\.log|journal(-\d+)?|tasks(-\d+)?\.jsonl)$/;

/**
 * Restores a backup into a data directory that nobody runs on.
 *
 * @throws Error with a sentence for a person; then everything is as it was.
 */
export async function restoreBackup({ dataDir, file, replace, say }: RestoreOptions): Promise<Restored> {
  if (!fs.existsSync(file)) throw new Error(`${file} is not there`);
  claimDataDir(dataDir);
  const before = fs.readdirSync(dataDir).filter((name) => installation.test(name));
  if (before.length > 0 && !replace) {
    throw new Error(`${dataDir} has an installation. To move it aside and put the backup in its place: --replace`);
  }
  // Of a restore that was cut off; nobody else is at it.
  const unfinished = fs.readdirSync(dataDir).filter((name) => name.startsWith(stagingPrefix));
  for (const name of unfinished) fs.rmSync(path.join(dataDir, name), { recursive: true, force: true });
  // Postgres must pass through it, as through the data directory itself.
  const staging = fs.mkdtempSync(path.join(dataDir, stagingPrefix));
  fs.chmodSync(staging, 0o711);
  try {
    const facts = await unpack(file, staging);
    await startOnce(staging, facts, say);
    await stopLeftover(dataDir);
    return { ...facts, aside: swap(dataDir, staging, before) };
  } finally {
    fs.rmSync(staging, { recursive: true, force: true });
  }
}

async function unpack(file: string, staging: string): Promise<BackupFacts> {
  const hash = createHash("sha256");
  let computed: string | null = null;
  let told = "";
  let current: { name: string; descriptor: number } | null = null;
  const close = () => {
    if (current) fs.closeSync(current.descriptor);
    current = null;
  };
  fs.mkdirSync(path.join(staging, "postgres"), { mode: 0o700 });
  try {
    await readTar(fs.createReadStream(file).pipe(createGunzip()), {
      header(bytes, { name, kind }) {
        close();
        if (computed !== null) throw new Error("something follows its checksum");
        if (name === checksumEntry) {
          computed = hash.digest("hex");
          return;
        }
        hash.update(bytes);
        const place = placeOf(staging, name);
        fs.mkdirSync(kind === "folder" ? place : path.dirname(place), { recursive: true, mode: 0o700 });
        if (kind === "file") current = { name, descriptor: fs.openSync(place, "wx", 0o600) };
      },
      body(bytes) {
        if (computed !== null) {
          told += bytes.toString("latin1");
          return;
        }
        hash.update(bytes);
        for (let done = 0; current && done < bytes.length; ) done += fs.writeSync(current.descriptor, bytes, done);
      },
      fill(bytes) {
        if (computed === null) hash.update(bytes);
      },
    });
    if (computed === null) throw new Error("it has no checksum");
    if (told.trim() !== computed) throw new Error("its checksum is not the one of what it holds");
  } catch (cause) {
    throw new Error(`${file} is no whole backup: ${(cause as Error).message}. Nothing was changed.`, { cause });
  } finally {
    close();
  }
  return readFacts(staging);
}

/** Our own files go where they are in an installation, the others into its database. */
function placeOf(staging: string, name: string): string {
  const own = name.startsWith(`${ownFolder}/`) ? name.slice(ownFolder.length + 1) : null;
  return own === null ? path.join(staging, "postgres", name) : path.join(staging, own);
}

async function readFacts(staging: string): Promise<BackupFacts> {
  const facts = backupFactsSchema.parse(JSON.parse(fs.readFileSync(path.join(staging, "backup.json"), "utf8")));
  if (facts.platform !== platform) throw new Error(`the backup was made on ${facts.platform}, and this is ${platform}`);
  const known = new Set((await readMigrations()).map(({ name }) => name));
  const unknown = facts.migrations.find((name) => !known.has(name));
  if (unknown) throw new Error(`the backup has migration ${unknown}, which a newer PolicyLayer made`);
  return facts;
}

/** That it unpacks is not enough: Postgres replays its log, takes the password and has the tables. */
async function startOnce(staging: string, facts: BackupFacts, say: RestoreOptions["say"]): Promise<void> {
  const secrets = JSON.parse(fs.readFileSync(path.join(staging, "secrets.json"), "utf8")) as Record<string, string>;
  const password = secrets.POSTGRES_PASSWORD ?? "";
  const postgres = await startPostgres({ dataDir: path.join(staging, "postgres"), password, ...(say ? { say } : {}) });
  try {
    const client = new pg.Client({ connectionString: postgres.url, connectionTimeoutMillis: 10_000 });
    await client.connect();
    try {
      const { rows } = await client.query<{ count: number }>(
        "SELECT count(*)::int AS count FROM _prisma_migrations WHERE finished_at IS NOT NULL",
      );
      const count = rows[0]?.count ?? 0;
      if (count < facts.migrations.length) throw new Error("the restored database is not the one that was backed up");
    } finally {
      await client.end();
    }
  } finally {
    await postgres.stop();
  }
}

/** A start that was killed may have left its Postgres running on what is about to be moved. */
async function stopLeftover(dataDir: string): Promise<void> {
  const note = path.join(dataDir, "postgres.moved");
  const place = fs.existsSync(note) ? fs.readFileSync(note, "utf8").trim() : path.join(dataDir, "postgres");
  const pidFile = path.join(place, "postmaster.pid");
  if (!fs.existsSync(pidFile)) return;
  const pid = Number(fs.readFileSync(pidFile, "utf8").split("\n")[0]);
  if (!commandOf(pid)?.includes("postgres")) return;
  process.kill(pid, "SIGINT");
  for (let tries = 0; tries < 500 && commandOf(pid) !== null; tries++)
    await new Promise((done) => setTimeout(done, 20));
  if (commandOf(pid) !== null) throw new Error(`Postgres (process ${pid}) still runs on ${place}`);
}

/** Moves, never copies and never deletes: all of it is on one disk. What fails half way is moved back. */
function swap(dataDir: string, staging: string, before: readonly string[]): string | null {
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+Z$/g, "");
  const aside = path.join(dataDir, `replaced-${stamp}`);
  const moves: [from: string, to: string][] = [];
  if (before.length > 0) fs.mkdirSync(aside, { mode: 0o711 });
  for (const name of before) moves.push([path.join(dataDir, name), path.join(aside, name)]);
  for (const name of fs.readdirSync(staging).filter((name) => installation.test(name)))
    moves.push([path.join(staging, name), path.join(dataDir, name)]);
  const done: typeof moves = [];
  try {
    for (const move of moves) {
      fs.renameSync(...move);
      done.push(move);
    }
  } catch (cause) {
    for (const [from, to] of done.reverse()) fs.renameSync(to, from);
    throw cause;
  }
  return before.length > 0 ? aside : null;
}
