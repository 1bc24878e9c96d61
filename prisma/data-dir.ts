// The directory where an installation keeps what is its own: who uses it now, and its secrets.
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import * as z from "zod";
import { claimFile } from "./processes.ts";

/**
 * Makes this process the only one to use the directory, until it exits. Two on the same one would share a Postgres, and the
 * first to stop would stop it for both.
 *
 * @returns Whether the process before us left without saying so: then some of what it started may be about to end.
 * @throws Error with the other process' number when there is one.
 */
export function claimDataDir(dataDir: string): { leftovers: boolean } {
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o711 }); // others may pass, not look: Postgres may have to run as one of them
  const file = path.join(dataDir, "start.pid");
  const claimed = claimFile(file);
  if (claimed.holder !== null) {
    throw new Error(
      `already running on ${dataDir} (process ${claimed.holder}). Stop that one, or set DATA_DIR, PORT, GATEWAY_PORT and GATEWAY_ADMIN_PORT for a second one.`,
    );
  }
  process.on("exit", () => fs.rmSync(file, { force: true }));
  return { leftovers: claimed.leftovers };
}

const secretsSchema = z.strictObject({
  /** Seals what must be read again: upstream headers, session ids. Losing it loses those. */
  SECRET_KEY: z.string(),
  /** Signs the dashboard's sessions. */
  NEXTAUTH_SECRET: z.string(),
  /** Of our own Postgres. */
  POSTGRES_PASSWORD: z.string(),
  /** Signs the chains of evidence: 32 bytes, the private half of an Ed25519 pair. */
  EVIDENCE_KEY: z.string(),
});
export type Secrets = z.infer<typeof secretsSchema>;

/**
 * The secrets of this installation: from the environment where it has them, else from `secrets.json` (only its owner may read
 * it), made at the first start.
 *
 * @throws Error when the file cannot be read, or is gone while the database that needs its password is still there. New
 *   secrets would not open what the old ones sealed, so they are never made in silence.
 */
export function readSecrets(dataDir: string, env: Record<string, string | undefined>): Secrets {
  const file = path.join(dataDir, "secrets.json");
  const text = readIfThere(file);
  if (text === null && fs.existsSync(path.join(dataDir, "postgres", "PG_VERSION"))) {
    throw new Error(
      `${file} is gone, and the database beside it cannot be opened without it. Put it back from a backup.`,
    );
  }
  const kept = text === null ? makeSecrets(file) : parseSecrets(file, text);
  fs.chmodSync(file, 0o600);
  return {
    ...kept,
    SECRET_KEY: env.SECRET_KEY || kept.SECRET_KEY,
    NEXTAUTH_SECRET: env.NEXTAUTH_SECRET || kept.NEXTAUTH_SECRET,
    EVIDENCE_KEY: env.EVIDENCE_KEY || kept.EVIDENCE_KEY,
  };
}

const secret = () => randomBytes(32).toString("base64url");

function makeSecrets(file: string): Secrets {
  return writeSecrets(file, {
    SECRET_KEY: secret(),
    NEXTAUTH_SECRET: secret(),
    POSTGRES_PASSWORD: secret(),
    EVIDENCE_KEY: secret(),
  });
}

function writeSecrets(file: string, secrets: Secrets): Secrets {
  // Written beside and renamed: a start that is cut off here leaves no half a key.
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flush: true });
  fs.renameSync(draft, file);
  return secrets;
}

function parseSecrets(file: string, text: string): Secrets {
  try {
    const { EVIDENCE_KEY, ...kept } = secretsSchema
      .extend({ EVIDENCE_KEY: z.string().optional() })
      .parse(JSON.parse(text));
    if (EVIDENCE_KEY !== undefined) return { ...kept, EVIDENCE_KEY };
    // From before there was evidence: nothing was signed yet, so a new key loses nothing.
    return writeSecrets(file, { ...kept, EVIDENCE_KEY: secret() });
  } catch (cause) {
    throw new Error(`${file} cannot be read. Put it back from a backup: it opens what is stored sealed.`, { cause });
  }
}

function readIfThere(file: string): string | null {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw cause;
  }
}
