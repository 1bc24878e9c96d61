// What clients that only listen cost a gateway: idle event streams, each relayed to an upstream, as it has to be.
// npx tsx bench/streams.ts [streams]; it starts a PostgreSQL, an upstream and a gateway of its own. A gateway holds two sockets for
// each stream, so `ulimit -n` must allow more than twice as many open files.
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type GrantRow, openHouse } from "../e2e/harness/house.ts";
import { startGateway } from "../e2e/harness/processes.ts";
import { deploy } from "../prisma/migrate.ts";
import { startPostgres } from "../prisma/postgres.ts";
import { buildGateway } from "./gateway/built.ts";
import { askInside, insideEnvironment } from "./gateway/inside.ts";
import { cpuMs, memoryMb, startEcho } from "./gateway/processes.ts";
import { holdStreams } from "./gateway/streams.ts";

const count = Number(process.argv[2] ?? 10_000);
const totalMbMax = 350;
/** A gateway holds no more than 2,000 streams to one server. */
const streamsPerServer = 1_000;
/** Two comments that keep connections alive come in this time. */
const watchedMs = 35_000;

const filesNeeded = 2 * count + 300;
const filesMax = Number(/^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1]);
if (filesMax < filesNeeded) {
  console.error(
    `${count} streams need ${filesNeeded} open files in one process, and ${filesMax} are allowed: run it with fewer (${Math.floor((filesMax - 300) / 2)}), or raise the hard limit (ulimit -Hn)`,
  );
  process.exit(2);
}

const scratch = await mkdtemp(join(tmpdir(), "policylayer-bench-"));
const insideFile = join(scratch, "inside.json");
const program = await buildGateway(scratch);
const postgres = await startPostgres({ dataDir: join(scratch, "postgres"), password: "scratch", throwaway: true });
await deploy(postgres.url);
const house = await openHouse(postgres.url);
const echo = await startEcho();
const places: GrantRow[] = [];
for (let nth = 0; nth * streamsPerServer < count; nth++) {
  const serverId = await house.addServer({ url: `${echo.url}/json/256`, tools: {} });
  places.push(await house.addGrant(serverId, await house.addPolicy(serverId, { version: "1", default: "allow" })));
}
const gateway = await startGateway({
  databaseUrl: postgres.url,
  program,
  env: { LOG_LEVEL: "warn", ...insideEnvironment(insideFile) },
});
const pid = gateway.process.pid ?? 0;

try {
  await measure();
} finally {
  echo.stop();
  await gateway.stop();
  await house.close();
  await postgres.stop();
  for (const folder of [scratch, gateway.dataDir]) await rm(folder, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const before = await askInside(pid, insideFile);
  const beforeMb = memoryMb(pid);
  const filesBefore = openFiles();
  const from = performance.now();
  const held: { close(): void }[] = [];
  for (const [nth, { path, token }] of places.entries()) {
    held.push(
      await holdStreams(`${gateway.url}${path}`, token, Math.min(streamsPerServer, count - nth * streamsPerServer)),
    );
  }
  console.log(`${count} streams opened in ${((performance.now() - from) / 1_000).toFixed(1)} s`);
  const { streams } = await echo.figures();
  if (streams < count) throw new Error(`of ${count} streams only ${streams} reach the upstream`);
  await sleep(3_000);
  const openedMb = memoryMb(pid);
  const opened = await askInside(pid, insideFile);
  const settledMb = memoryMb(pid);
  const cpuFrom = cpuMs([pid]);
  await sleep(watchedMs);
  const cpuPerMinute = ((cpuMs([pid]) - cpuFrom) * 60_000) / watchedMs;
  const idleMb = memoryMb(pid);
  const idle = await askInside(pid, insideFile);
  const each = ((settledMb - beforeMb) * 1024) / count;
  console.log(
    `RSS ${settledMb.toFixed(0)} MB (${openedMb.toFixed(0)} just opened, ${idleMb.toFixed(0)} after ${watchedMs / 1_000} s, ${beforeMb.toFixed(0)} before), ${each.toFixed(1)} KB a stream`,
  );
  console.log(
    `of it heap ${perStream(opened.heapUsed - before.heapUsed)} and bytes outside of it ${perStream(opened.external - before.external)}`,
  );
  console.log(
    `idle: ${cpuPerMinute.toFixed(0)} ms of CPU time a minute, event loop held up for at most ${idle.held.max.toFixed(1)} ms`,
  );
  for (const one of held) one.close();
  await until(async () => (await echo.figures()).streams === 0);
  await sleep(1_000);
  await askInside(pid, insideFile);
  console.log(`closed: ${openFiles() - filesBefore} open files more than before, RSS ${memoryMb(pid).toFixed(0)} MB`);
  const isKept = Math.max(openedMb, settledMb) < totalMbMax;
  console.log(`${isKept ? "kept" : "BROKEN"}: ${count} idle streams in less than ${totalMbMax} MB`);
  process.exitCode = isKept ? 0 : 1;
}

function openFiles(): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function perStream(bytes: number): string {
  return `${(bytes / 1024 / count).toFixed(1)} KB`;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await isSo())) {
    if (performance.now() > deadline)
      throw new Error("streams that their clients closed are still open at the upstream");
    await sleep(100);
  }
}
