// A PostgreSQL of our own, from the programs that npm installed: made at the first start, adopted when an earlier start was killed
// and left it running, stopped cleanly. Listens on loopback only, with a password.
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import { setPriority } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { freePort } from "./free-port.ts";
import { command, noteOfMovedData, type PostgresPrograms, preparePrograms } from "./postgres-binaries.ts";
import { commandOf, isAlive } from "./processes.ts";

export type PostgresOptions = {
  dataDir: string;
  /** Of the user `postgres`. Must be the one the data directory was made with. */
  password: string;
  /** Skips every disk flush: quick, and lost in a power cut. For tests. */
  throwaway?: boolean;
  /** A loopback port; the default is any free one. */
  port?: number;
  say?: (line: string) => void;
};

export type Postgres = {
  url: string;
  port: number;
  pid: number;
  /** It was already running. */
  adopted: boolean;
  isAlive(): boolean;
  /** Ends the connections, writes everything to disk and resolves when the process is gone. After 1.5 s without the checkpoint. */
  stop(): Promise<void>;
};

/**
 * Starts Postgres on a data directory, or adopts the one that runs on it.
 *
 * @throws Error with the end of Postgres' log when it does not come up within 30 s.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const say = options.say ?? (() => {});
  const programs = preparePrograms(path.resolve(options.dataDir), say);
  const { dataDir } = programs;
  if (!fs.existsSync(path.join(dataDir, "PG_VERSION"))) initialise(programs, options);

  const running = readPidFile(dataDir);
  if (running && commandOf(running.pid)?.includes("postgres")) {
    await waitFor(() => readPidFile(dataDir)?.ready === true || !isAlive(running.pid), 10_000);
    if (await answers(running.port, options.password, dataDir)) return handle(running, options.password, dataDir, true);
  } else if (running) {
    // Its number belongs to another program by now (a container starts counting anew); Postgres would take that for itself.
    fs.rmSync(pidFile(dataDir), { force: true });
  }
  const port = options.port ?? (await freePort());
  return handle(await launch(programs, port, options), options.password, dataDir, false);
}

function initialise(programs: PostgresPrograms, options: PostgresOptions): void {
  const { dataDir, runAs } = programs;
  // initdb wants an empty directory; what is in one without PG_VERSION is the rest of an attempt that was cut off.
  for (const entry of fs.readdirSync(dataDir)) fs.rmSync(path.join(dataDir, entry), { recursive: true, force: true });
  const passwordFile = path.join(path.dirname(dataDir), `.${path.basename(dataDir)}-password`);
  fs.writeFileSync(passwordFile, `${options.password}\n`, { mode: 0o600 });
  if (runAs.uid !== undefined) fs.chownSync(passwordFile, runAs.uid, runAs.gid ?? runAs.uid);
  // The same sorting and character rules on every system, whatever its locales.
  const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const access = ["--username=postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
  const args = ["-D", dataDir, ...access, ...locale, ...(options.throwaway ? ["--no-sync"] : [])];
  const initdb = command(programs, "initdb", args);
  try {
    execFileSync(initdb.file, initdb.args, { ...initdb.options, stdio: "pipe" });
  } catch (cause) {
    throw new Error(`initdb failed: ${(cause as { stderr?: Buffer }).stderr ?? cause}`, { cause });
  } finally {
    fs.rmSync(passwordFile, { force: true });
  }
}

async function launch(programs: PostgresPrograms, port: number, options: PostgresOptions): Promise<Running> {
  const { dataDir } = programs;
  const logFile = `${dataDir}.log`;
  const settings = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=100",
    "shared_buffers=64MB",
    "log_checkpoints=off",
    ...(options.throwaway ? ["fsync=off", "synchronous_commit=off", "full_page_writes=off"] : []),
  ].flatMap((setting) => ["-c", setting]);
  const postgres = command(programs, "postgres", ["-D", dataDir, "-p", String(port), ...settings]);

  const deadline = Date.now() + 30_000;
  while (true) {
    // Its log goes to a file, not to a pipe of ours: it may outlive us.
    const log = fs.openSync(logFile, "w", 0o600);
    // Detached: a Ctrl-C in the terminal must not reach it before the web and the gateway have finished with it.
    const child = spawn(postgres.file, postgres.args, {
      ...postgres.options,
      detached: true,
      stdio: ["ignore", log, log],
    });
    fs.closeSync(log);
    if (child.pid !== undefined) letOthersFirst(child.pid);
    let exited = false;
    child.on("exit", () => {
      exited = true;
    });
    child.on("error", () => {
      exited = true;
    });
    const isReady = () => readPidFile(dataDir)?.pid === child.pid && readPidFile(dataDir)?.ready === true;
    await waitFor(() => exited || isReady(), deadline - Date.now());
    child.unref();
    const running = readPidFile(dataDir);
    if (!exited && running?.ready) return running;
    if (!exited) child.kill("SIGKILL");
    const words = fs.readFileSync(logFile, "utf8").trim().slice(-2_000);
    // After a kill -9 the processes of the old one need a moment to notice and leave.
    const leftovers = /shared memory block|lock file .* already exists/.test(words);
    if (!leftovers || Date.now() > deadline) throw new Error(`Postgres did not start:\n${words}`);
    await sleep(200);
  }
}

/** Of the values of nice(2), from 0 to 19: others get three times as much of a processor that both want. */
const niceness = 5;

/**
 * Where there are few processors, what Postgres writes down of calls made must not delay those that come. What is gained was
 * measured on two: nine of ten calls within 2.6 ms instead of 4.4.
 */
function letOthersFirst(pid: number): void {
  try {
    setPriority(pid, niceness);
    // Linux may weigh whole sessions against each other (sched(7), "The autogroup feature"), and this one has its own.
    if (process.platform === "linux") fs.writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
  } catch {
    // Not there, or not allowed: it runs all the same.
  }
}

type Running = { pid: number; port: number; ready: boolean };

function pidFile(dataDir: string): string {
  return path.join(dataDir, "postmaster.pid");
}

/** What Postgres says of itself in its pid file: line 1 the process, line 4 the port, line 8 the state. */
function readPidFile(dataDir: string): Running | null {
  let lines: string[];
  try {
    lines = fs.readFileSync(pidFile(dataDir), "utf8").split("\n");
  } catch {
    return null;
  }
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return pid > 0 ? { pid, port, ready: lines[7]?.trim() === "ready" } : null;
}

function handle({ pid, port }: Running, password: string, dataDir: string, adopted: boolean): Postgres {
  return {
    url: databaseUrl(port, password, "postgres"),
    port,
    pid,
    adopted,
    isAlive: () => isAlive(pid),
    stop: async () => {
      const gone = () => !isAlive(pid);
      // Gone already; the number may be another one's by now.
      if (gone() || readPidFile(dataDir)?.pid !== pid) return;
      process.kill(pid, "SIGINT"); // "fast": rolls back what is open, writes a checkpoint
      if (await waitFor(gone, 1_500)) return;
      process.kill(pid, "SIGQUIT"); // "immediate": loses nothing that was committed, the next start replays its log
      await waitFor(gone, 500);
    },
  };
}

/** The URL of the Postgres that an installation runs on its data directory; null when none does. */
export function runningUrl(dataDir: string, password: string): string | null {
  const running = readPidFile(noteOfMovedData(dataDir) ?? dataDir);
  return running?.ready && isAlive(running.pid) ? databaseUrl(running.port, password, "postgres") : null;
}

export function databaseUrl(port: number, password: string, name: string): string {
  return `postgresql://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/${name}`;
}

/** Whether what listens there is the Postgres of this very directory and takes our password. */
async function answers(port: number, password: string, dataDir: string): Promise<boolean> {
  const client = new pg.Client({
    connectionString: databaseUrl(port, password, "postgres"),
    connectionTimeoutMillis: 3_000,
  });
  try {
    await client.connect();
    const { rows } = await client.query<{ dir: string }>("SELECT current_setting('data_directory') AS dir");
    return rows[0] !== undefined && fs.realpathSync(rows[0].dir) === fs.realpathSync(dataDir);
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Polls until it holds or the time is over; says whether it held. */
async function waitFor(holds: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (!holds()) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}
