// Postgres fails over: the primary is killed, its standby is promoted, and the address that everybody uses leads there. As with a
// managed database, a virtual address or HAProxy; the standby has what the primary confirmed (synchronous replication).
import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { takeBaseBackup } from "../prisma/base-backup.ts";
import { freePort } from "../prisma/free-port.ts";
import { deploy } from "../prisma/migrate.ts";
import { databaseUrl, type Postgres, startPostgres } from "../prisma/postgres.ts";
import { command, preparePrograms } from "../prisma/postgres-binaries.ts";
import { readTar } from "../prisma/tar.ts";
import { type GrantRow, openHouse, type TestHouse } from "./harness/house.ts";
import { type RunningGateway, startGateway } from "./harness/processes.ts";
import { openRecordingServer, type RecordingServer } from "./harness/recording-server.ts";

const leaseMs = 10_000;
const password = "of-the-test";

let scratch: string;
let primary: Postgres;
let standby: { url: string; port: number; process: ChildProcess };
let address: net.Server;
/** Where the address leads. */
let leadsTo: number;
const sockets = new Set<net.Socket>();
let upstream: RecordingServer;
let gateway: RunningGateway;
let grant: GrantRow;
let policyId: string;

beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), "policylayer-failover-"));
  primary = await startPostgres({ dataDir: path.join(scratch, "primary"), password });
  await deploy(primary.url);
  standby = await startStandby();
  // From here on what the primary has confirmed, the standby has.
  await ask(primary.url, "ALTER SYSTEM SET synchronous_standby_names = '*'");
  await ask(primary.url, "SELECT pg_reload_conf()");

  leadsTo = primary.port;
  address = net.createServer(pass);
  await new Promise<void>((ready) => address.listen(0, "127.0.0.1", ready));
  upstream = await openRecordingServer([]);
  const house = await openHouse(primary.url);
  const serverId = await house.addServer({ url: upstream.url, tools: { echo: "Read" } });
  policyId = await house.addPolicy(serverId, { version: "1", default: "allow" });
  grant = await house.addGrant(serverId, policyId);
  await house.close();
  gateway = await startGateway({
    databaseUrl: databaseUrl((address.address() as net.AddressInfo).port, password, "postgres"),
  });
}, 120_000);

afterAll(async () => {
  await gateway?.stop();
  address?.close();
  for (const socket of sockets) socket.destroy();
  upstream?.close();
  await primary?.stop();
  standby?.process.kill("SIGINT");
  if (standby?.process.exitCode === null) await new Promise((gone) => standby.process.once("exit", gone));
  if (scratch) await rm(scratch, { recursive: true, force: true });
}, 60_000);

function pass(inner: net.Socket): void {
  const outer = net.connect(leadsTo, "127.0.0.1");
  for (const [from, to] of [
    [inner, outer],
    [outer, inner],
  ] as const) {
    sockets.add(from);
    from.pipe(to);
    from.on("error", () => {});
    from.on("close", () => {
      to.destroy();
      sockets.delete(from);
    });
  }
}

/** A copy of the primary, as it is made for a backup, that follows it. */
async function startStandby() {
  const folder = path.join(scratch, "standby");
  const pieces: Buffer[] = [];
  await takeBaseBackup(primary.url, async (part, bytes) => void (part === "archive" && pieces.push(bytes)));
  let file: number | null = null;
  mkdirSync(folder, { mode: 0o700 });
  await readTar(Readable.from(pieces), {
    header(_, { name, kind }) {
      if (file !== null) closeSync(file);
      file = null;
      if (kind === "folder") mkdirSync(path.join(folder, name), { recursive: true, mode: 0o700 });
      else file = openSync(path.join(folder, name), "w", 0o600);
    },
    body: (bytes) => void (file !== null && writeSync(file, bytes)),
    fill: () => {},
  });
  if (file !== null) closeSync(file);
  writeFileSync(path.join(folder, "standby.signal"), "");
  const from = `host=127.0.0.1 port=${primary.port} user=postgres password=${password}`;
  appendFileSync(path.join(folder, "postgresql.auto.conf"), `primary_conninfo = '${from}'\n`);

  const programs = preparePrograms(folder, () => {});
  const port = await freePort();
  const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories="].flatMap((setting) => ["-c", setting]);
  const postgres = command(programs, "postgres", ["-D", programs.dataDir, "-p", String(port), ...settings]);
  const log = openSync(path.join(scratch, "standby.log"), "w", 0o600);
  const process = spawn(postgres.file, postgres.args, { ...postgres.options, stdio: ["ignore", log, log] });
  closeSync(log);
  const url = databaseUrl(port, password, "postgres");
  const follows = () => ask<{ n: number }>(primary.url, "SELECT count(*)::int AS n FROM pg_stat_replication");
  const deadline = Date.now() + 30_000;
  while ((await follows())[0]?.n !== 1) {
    if (Date.now() > deadline)
      throw new Error(`the standby does not follow:\n${readFileSync(path.join(scratch, "standby.log"), "utf8")}`);
    await sleep(100);
  }
  return { url, port, process };
}

async function ask<T extends object>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

type Answer = { status: number; text: string };

async function call(): Promise<Answer> {
  const response = await fetch(`${gateway.url}${grant.path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${grant.token}`, "content-type": "application/json" },
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}}',
  });
  return { status: response.status, text: await response.text() };
}

describe("a standby", () => {
  it("is not one to follow: it takes no LISTEN, which is what a gateway begins with", async () => {
    await expect(ask(standby.url, "LISTEN policylayer_config")).rejects.toThrow("during recovery");
  });
});

describe("a gateway whose Postgres fails over", () => {
  const answers: (Answer & { sentMs: number })[] = [];
  let house: TestHouse | undefined;
  let backMs = 0;

  afterAll(() => house?.close());

  it("goes on for its lease, then refuses with a code, and goes on by itself once the address leads to the new primary", async () => {
    await expect.poll(async () => (await call()).status).toBe(200);
    const killedAt = performance.now();
    process.kill(primary.pid, "SIGKILL");
    const outageMs = leaseMs + 4_000;
    let promotedMs: number | null = null;
    while (promotedMs === null || backMs === 0) {
      const sentMs = performance.now() - killedAt;
      const answer = { ...(await call()), sentMs };
      answers.push(answer);
      if (promotedMs === null && sentMs > outageMs) {
        await ask(standby.url, "SELECT pg_promote()");
        leadsTo = standby.port;
        promotedMs = performance.now() - killedAt;
      } else if (promotedMs !== null && answer.status === 200) backMs = sentMs - promotedMs;
      expect(sentMs, "it comes back").toBeLessThan(outageMs + 20_000);
      await sleep(20);
    }

    const duringOutage = answers.filter(({ sentMs }) => sentMs < (promotedMs ?? 0));
    const passed = duringOutage.filter(({ status }) => status === 200);
    const refused = duringOutage.filter(({ status }) => status !== 200);
    expect(passed.length).toBeGreaterThan(50);
    expect(Math.max(...passed.map(({ sentMs }) => sentMs))).toBeLessThanOrEqual(leaseMs + 500);
    expect(refused.length).toBeGreaterThan(20);
    for (const { status, text } of refused) {
      expect(status).toBe(503);
      expect(JSON.parse(text)).toMatchObject({ error: { data: { code: "policy_unavailable" } } });
    }
    expect(backMs).toBeLessThan(5_000);
  }, 90_000);

  it("hears of changes again, in less than its heartbeat", async () => {
    house = await openHouse(standby.url);
    const took: number[] = [];
    for (const effect of ["deny", "allow", "deny", "allow", "deny", "allow"]) {
      const from = performance.now();
      await house.publish(policyId, { version: "1", default: effect });
      const isInForce = async () => (await call()).text.includes('"code":"default_deny"') === (effect === "deny");
      await expect.poll(isInForce, { interval: 10, timeout: 5_000 }).toBe(true);
      took.push(performance.now() - from);
    }
    // Without notices each of them would wait for a heartbeat, every 2 s.
    expect(took.sort((a, b) => a - b)[3]).toBeLessThan(500);
  }, 60_000);

  it("ships every call of before, during and after once, and the counts agree", async () => {
    const rows = () =>
      ask<{ calls: number; answered: number; refused: number; pending: number; counted: number }>(
        standby.url,
        `SELECT count(*) FILTER (WHERE code = 'allowed')::int AS calls,
           count(*) FILTER (WHERE outcome = 'answered')::int AS answered,
           count(*) FILTER (WHERE code = 'policy_unavailable')::int AS refused,
           count(*) FILTER (WHERE outcome = 'pending')::int AS pending,
           (SELECT sum(calls)::int FROM "CallCount" WHERE code = 'allowed' AND hours = 1) AS counted FROM "Call"`,
      );
    const arrived = upstream.calls.length;
    const refused = answers.filter(({ status }) => status === 503).length;
    await expect
      .poll(async () => (await rows())[0])
      .toEqual({ calls: arrived, answered: arrived, refused, pending: 0, counted: arrived });
    console.log(
      `failover: ${arrived} calls arrived and ${refused} were refused, each on record once; ` +
        `calls pass again ${Math.round(backMs)} ms after the address leads to the new primary`,
    );
  });
});
