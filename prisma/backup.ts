// One file with all that an installation with the embedded Postgres is, taken while it runs: database, secrets, and what the gateway's
// journal holds that the database may not have yet.
import { createHash } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { createGzip } from "node:zlib";
import pg from "pg";
import * as z from "zod";
import { takeBaseBackup } from "./base-backup.ts";
import { claimDataDir, readSecrets } from "./data-dir.ts";
import { startPostgres } from "./postgres.ts";
import { tarEnd, tarFile } from "./tar.ts";

/** Where our own files are in the archive; everything else in it is Postgres'. */
export const ownFolder = "policylayer";
/** The last entry: the SHA-256 of all that is before it. */
export const checksumEntry = `${ownFolder}/sha256`;

export const backupFactsSchema = z.object({
  format: z.literal(1),
  madeAt: z.string(),
  /** The major version: another cannot read the files. */
  postgres: z.int(),
  /** Files of Postgres are those of a system and a processor. */
  platform: z.string(),
  migrations: z.array(z.string()),
  /** Secrets that the installation has from its environment: they are not in the archive. */
  secretsElsewhere: z.array(z.string()),
});
export type BackupFacts = z.infer<typeof backupFactsSchema>;

export const platform = `${process.platform}-${process.arch}`;

export type BackupOptions = {
  dataDir: string;
  /** Made now; must not exist. Only its owner may read it. */
  file: string;
  env: Record<string, string | undefined>;
  say?: (line: string) => void;
};

/**
 * Backs up the installation in a data directory, running or not. Every change that was committed before the call is in it.
 *
 * @returns What is in it, and its size in bytes.
 * @throws Error with a sentence for a person; then there is no file.
 */
export async function makeBackup({ dataDir, file, env, say }: BackupOptions): Promise<BackupFacts & { bytes: number }> {
  if (fs.existsSync(file)) throw new Error(`${file} is there already`);
  if (!["postgres/PG_VERSION", "postgres.moved"].some((name) => fs.existsSync(path.join(dataDir, name)))) {
    throw new Error(`there is no database in ${dataDir}`);
  }
  const isRunning = !claimed(dataDir);
  const { POSTGRES_PASSWORD: password } = readSecrets(dataDir, env);
  const postgres = await startPostgres({ dataDir: path.join(dataDir, "postgres"), password, ...(say ? { say } : {}) });
  const unfinished = `${file}.unfinished`;
  try {
    const facts = await factsOf(postgres.url, env);
    const archive = openArchive(unfinished);
    try {
      await archive.add("backup.json", Buffer.from(`${JSON.stringify(facts, null, 2)}\n`));
      // Before the database: what is not in the journal any more by then is in the database already. What is in both counts once.
      for (const name of ownFiles(dataDir)) {
        const bytes = readIfThere(path.join(dataDir, name));
        if (bytes) await archive.add(name, bytes);
      }
      await takeBaseBackup(postgres.url, archive.takePostgres);
      await archive.finish();
    } catch (cause) {
      archive.abandon();
      throw cause;
    }
    fs.renameSync(unfinished, file);
    return { ...facts, bytes: fs.statSync(file).size };
  } finally {
    fs.rmSync(unfinished, { force: true });
    if (!isRunning && !postgres.adopted) await postgres.stop();
  }
}

/** Whether nobody runs on the directory; then nobody will until we end. */
function claimed(dataDir: string): boolean {
  try {
    claimDataDir(dataDir);
    return true;
  } catch {
    return false;
  }
}

async function factsOf(url: string, env: BackupOptions["env"]): Promise<BackupFacts> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const version = await client.query<{ major: number }>(
      "SELECT current_setting('server_version_num')::int / 10000 AS major",
    );
    const applied = await client.query<{ name: string }>(
      "SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY name",
    );
    return {
      format: 1,
      madeAt: new Date().toISOString(),
      postgres: version.rows[0]?.major ?? 0,
      platform,
      migrations: applied.rows.map(({ name }) => name),
      secretsElsewhere: ["SECRET_KEY", "NEXTAUTH_SECRET", "EVIDENCE_KEY"].filter((name) => env[name]),
    };
  } finally {
    await client.end();
  }
}

/** Secrets, tasks and journals. In a journal the notes of how far it was read come first: read too early, something is read twice. */
function ownFiles(dataDir: string): string[] {
  const names = fs.readdirSync(dataDir);
  const single = names.filter((name) => name === "secrets.json" || /^tasks(-\d+)?\.jsonl$/.test(name));
  const journals = names.filter((name) => /^journal(-\d+)?$/.test(name));
  const isSegment = (name: string) => /^\d{10}\.jsonl$/.test(name);
  return [
    ...single,
    ...journals.flatMap((journal) => {
      const inside = fs
        .readdirSync(path.join(dataDir, journal))
        .filter((name) => /\.jsonl?$/.test(name))
        .sort();
      const ordered = [...inside.filter((name) => !isSegment(name)), ...inside.filter(isSegment)];
      return ordered.map((name) => `${journal}/${name}`);
    }),
  ];
}

/** The gateway removes what it needs no more, also between our look and this. */
function readIfThere(file: string): Buffer | null {
  try {
    return fs.readFileSync(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw cause;
  }
}

function openArchive(file: string) {
  const gzip = createGzip({ level: 1 });
  const out = fs.createWriteStream(file, { flags: "wx", mode: 0o600, flush: true });
  const written = once(out, "close");
  let trouble: Error | null = null;
  const failed = (cause: Error) => {
    trouble ??= cause;
    gzip.destroy();
    out.destroy();
  };
  out.on("error", failed);
  gzip.on("error", failed);
  written.catch(() => {}); // told of where it is waited for
  gzip.pipe(out);
  const hash = createHash("sha256");
  /** The last bytes that Postgres sent: its end of the archive, after which ours goes on. */
  let held: Buffer = Buffer.alloc(0);
  const manifest: Buffer[] = [];
  const atMs = Date.now();

  async function write(bytes: Buffer): Promise<void> {
    if (trouble) throw trouble;
    hash.update(bytes);
    if (!gzip.write(bytes)) await Promise.race([once(gzip, "drain"), written]);
  }

  return {
    add: (name: string, bytes: Buffer) => write(tarFile(`${ownFolder}/${name}`, bytes, atMs)),
    async takePostgres(part: "archive" | "manifest", bytes: Buffer): Promise<void> {
      if (part === "manifest") {
        manifest.push(bytes);
        return;
      }
      const all = Buffer.concat([held, bytes]);
      const length = Math.max(0, all.length - tarEnd.length);
      held = Buffer.from(all.subarray(length));
      if (length > 0) await write(all.subarray(0, length));
    },
    async finish(): Promise<void> {
      if (!held.equals(tarEnd)) throw new Error("Postgres did not send its data to the end");
      await write(tarFile("backup_manifest", Buffer.concat(manifest), atMs));
      const checksum = Buffer.from(`${hash.copy().digest("hex")}\n`);
      await write(Buffer.concat([tarFile(checksumEntry, checksum, atMs), tarEnd]));
      gzip.end();
      await written;
      if (trouble) throw trouble;
    },
    abandon: () => failed(new Error("given up")),
  };
}
