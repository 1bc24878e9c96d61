// A backup is worth what comes back from it: taken while calls go on, everything wiped, restored, and used again.
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { gunzipSync, gzipSync } from "node:zlib";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GrantRow, openHouse } from "../e2e/harness/house.ts";
import { type RunningGateway, startGateway, testSecretKey } from "../e2e/harness/processes.ts";
import { openRecordingServer, type RecordingServer } from "../e2e/harness/recording-server.ts";
import { makeBackup } from "./backup.ts";
import { deploy } from "./migrate.ts";
import { type Postgres, startPostgres } from "./postgres.ts";
import { restoreBackup } from "./restore.ts";

const password = "of the test";
const secrets = { SECRET_KEY: testSecretKey, NEXTAUTH_SECRET: "n", POSTGRES_PASSWORD: password, EVIDENCE_KEY: "e" };
let scratch: string;
let dataDir: string;
let backup: string;
let upstream: RecordingServer;
let grant: GrantRow;
let postgres: Postgres | undefined;
let gateway: RunningGateway | undefined;
/** Calls that were answered before the backup began. */
let answeredBefore = 0;

beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), "policylayer-backup-"));
  dataDir = path.join(scratch, "data");
  backup = path.join(scratch, "policylayer.backup");
  upstream = await openRecordingServer([]);
  await mkdir(dataDir, { mode: 0o711 });
  writeFileSync(path.join(dataDir, "secrets.json"), JSON.stringify(secrets), { mode: 0o600 });
  const { url } = await startDatabase();
  await deploy(url);
  const house = await openHouse(url);
  const serverId = await house.addServer({
    url: upstream.url,
    headers: { "x-upstream-key": "sealed" },
    tools: { echo: "Read" },
  });
  grant = await house.addGrant(serverId, await house.addPolicy(serverId, { version: "1", default: "allow" }));
  await house.close();
  gateway = await startGateway({ databaseUrl: url, dataDir });
  // What another worker left: nobody has shipped it.
  await mkdir(path.join(dataDir, "journal-2"));
  writeFileSync(path.join(dataDir, "journal-2/0000000001.jsonl"), '{"kind":"opened","at":1,"pid":1}\n');
}, 120_000);

afterAll(async () => {
  await stopAll();
  upstream?.close();
  if (scratch) await rm(scratch, { recursive: true, force: true });
});

async function startDatabase(): Promise<Postgres> {
  postgres = await startPostgres({ dataDir: path.join(dataDir, "postgres"), password });
  return postgres;
}

async function stopAll(): Promise<void> {
  await gateway?.stop();
  await postgres?.stop();
  gateway = undefined;
  postgres = undefined;
}

async function call(): Promise<boolean> {
  const response = await fetch(`${gateway?.url}${grant.path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${grant.token}`, "content-type": "application/json" },
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}}',
  });
  await response.text();
  return response.status === 200;
}

async function recordedCalls(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM "Call" WHERE code = 'allowed'`);
    return rows[0]?.n ?? 0;
  } finally {
    await client.end();
  }
}

/** Everything an installation is, as far as it can change by itself. */
function stateOf(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.startsWith("start.pid"))
    .map((name) => [name, statSync(path.join(dir, name))] as const)
    .map(([name, stat]) => `${name} ${stat.isFile() ? `${stat.size} ${stat.mtimeMs}` : ""}`)
    .sort();
}

describe("a backup", () => {
  it("is taken while calls are made, and nobody but its owner may read it", async () => {
    let answered = 0;
    let done = false;
    const caller = (async () => {
      while (!done) {
        if (await call()) answered += 1;
        await sleep(2);
      }
    })();
    await expect.poll(() => answered).toBeGreaterThan(50);
    answeredBefore = answered;
    const facts = await makeBackup({ dataDir, file: backup, env: {} });
    done = true;
    await caller;
    expect(answered, "calls went on meanwhile").toBeGreaterThan(answeredBefore);
    expect(facts).toMatchObject({ postgres: 18, secretsElsewhere: [] });
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    expect(statSync(backup).size).toBe(facts.bytes);
    await expect(makeBackup({ dataDir, file: backup, env: {} })).rejects.toThrow("is there already");
    expect(readdirSync(scratch).filter((name) => name.includes("unfinished"))).toEqual([]);
  });

  it("is not put over an installation that is there, unless that is said", async () => {
    await stopAll();
    const before = stateOf(dataDir);
    await expect(restoreBackup({ dataDir, file: backup, replace: false })).rejects.toThrow("--replace");
    expect(stateOf(dataDir)).toEqual(before);
  });

  const damages: [string, (bytes: Buffer) => Buffer, RegExp][] = [
    ["cut off", (bytes) => bytes.subarray(0, bytes.length - 3_000), /no whole backup: .*Nothing was changed/],
    [
      "with one bit of it another",
      (bytes) => {
        const damaged = Buffer.from(bytes);
        damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 1;
        return damaged;
      },
      // Where the bit stands decides whether it can be unpacked all the same.
      /no whole backup|its checksum is not the one of what it holds/,
    ],
    [
      "that was unpacked, changed and packed again",
      (bytes) => {
        const tar = gunzipSync(bytes);
        const at = tar.indexOf('"NEXTAUTH_SECRET":"n"');
        expect(at).toBeGreaterThan(0);
        tar.write('"NEXTAUTH_SECRET":"m"', at);
        return gzipSync(tar, { level: 1 });
      },
      /its checksum is not the one of what it holds/,
    ],
    ["that is something else", () => gzipSync("not a backup"), /no whole backup/],
  ];
  it.each(damages)("%s is refused, and nothing is lost", async (_, damage, words) => {
    const damaged = path.join(scratch, "damaged");
    writeFileSync(damaged, damage(readFileSync(backup)));
    const before = stateOf(dataDir);
    await expect(restoreBackup({ dataDir, file: damaged, replace: true })).rejects.toThrow(words);
    expect(stateOf(dataDir)).toEqual(before);
  });

  it("moves what was there aside, whole, when it is told to replace it", async () => {
    const copy = path.join(scratch, "other");
    await cp(dataDir, copy, { recursive: true });
    await rm(path.join(copy, "start.pid"), { force: true });
    writeFileSync(path.join(copy, "tasks.jsonl"), "later\n");
    const { aside } = await restoreBackup({ dataDir: copy, file: backup, replace: true });
    expect(aside && readFileSync(path.join(aside, "tasks.jsonl"), "utf8")).toBe("later\n");
    expect(aside && existsSync(path.join(aside, "postgres/PG_VERSION"))).toBe(true);
    expect(existsSync(path.join(copy, "postgres/PG_VERSION"))).toBe(true);
  });

  it("brings back after everything was wiped: calls on record, journals, secrets, and a grant whose token works", async () => {
    await rm(dataDir, { recursive: true });
    await mkdir(path.join(dataDir, "restoring-cut-off/postgres"), { recursive: true });
    const { aside } = await restoreBackup({ dataDir, file: backup, replace: false });
    expect(aside).toBeNull();
    expect(readdirSync(dataDir).filter((name) => /restoring|replaced/.test(name))).toEqual([]);
    expect(JSON.parse(readFileSync(path.join(dataDir, "secrets.json"), "utf8"))).toEqual(secrets);
    expect(statSync(path.join(dataDir, "secrets.json")).mode & 0o777).toBe(0o600);
    expect(existsSync(path.join(dataDir, "journal-2/0000000001.jsonl"))).toBe(true);

    const { url } = await startDatabase();
    gateway = await startGateway({ databaseUrl: url, dataDir });
    // Those that were in the journal only are shipped now.
    await expect.poll(() => recordedCalls(url)).toBeGreaterThanOrEqual(answeredBefore);
    const recorded = await recordedCalls(url);
    upstream.headers.length = 0;
    expect(await call()).toBe(true);
    expect(upstream.headers.at(-1)).toMatchObject({ "x-upstream-key": "sealed" });
    await expect.poll(() => recordedCalls(url)).toBe(recorded + 1);
  });

  it("is one command, and so is the way back; both say what went wrong", async () => {
    await stopAll();
    await rm(path.join(dataDir, "start.pid"), { force: true }); // this process has it, from its own restore
    const run = (...args: string[]) =>
      promisify(execFile)(process.execPath, ["setup.mjs", "prisma/backup-command.ts", ...args], {
        env: { ...process.env, DATABASE_URL: "", POLICYLAYER_ENV_FILE: "", DATA_DIR: dataDir },
      });
    const file = path.join(scratch, "by-command");
    expect((await run("backup", file)).stdout).toMatch(/by-command: [\d.]+ MB\. It holds the secrets/);
    await expect(run("restore", file)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("--replace") });
    expect((await run("restore", file, "--replace")).stdout).toMatch(/what was there before is in .*replaced-/);
    await expect(run("restore")).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("usage") });
    expect((await startDatabase()).adopted).toBe(false);
  });
});
