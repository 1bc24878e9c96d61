// A gateway under load for a long time: does it keep its memory, its sockets and its record? Policy, limits and journal are on; JSON
// and event streams, tool errors and denials are mixed, some clients only listen, and every minute a policy changes.
// npx tsx bench/soak.ts [minutes] [share of saturation]; it starts a PostgreSQL, an upstream and a gateway of its own. The figures
// need a quiet machine, the record does not. Half an hour writes some millions of calls: 10 GB should be free.
import { readdirSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openHouse } from "../e2e/harness/house.ts";
import { startGateway } from "../e2e/harness/processes.ts";
import { deploy } from "../prisma/migrate.ts";
import { startPostgres } from "../prisma/postgres.ts";
import { buildGateway } from "./gateway/built.ts";
import { askInside, insideEnvironment } from "./gateway/inside.ts";
import { cpuMs, gaugeOf, memoryMb, startCallers, startEcho } from "./gateway/processes.ts";
import { holdStreams } from "./gateway/streams.ts";
import { callArguments, policyOf, toolNames } from "./gateway/tools.ts";
import type { CallersOrder, CallersReport } from "./soak/callers.ts";
import { checkRecord } from "./soak/record.ts";

const minutes = Number(process.argv[2] ?? 30);
const share = Number(process.argv[3] ?? 0.7);
const connections = 64;
const listeners = 20;
const saturationMs = 10_000;
const sampleEveryMs = 5_000;
/** What a process does first, such as compiling what is hot, says nothing of what it goes on to do. */
const settlingMs = Math.min(5, minutes / 3) * 60_000;
/** A leak of 100 bytes a call at 1,500 calls a second is 500 MB an hour; what a heap breathes in half an hour is less than this. */
const slopeMbMax = 60;
const judgedMinutesMin = 15;
const filesMoreMax = 8;

/** What a kind of calls is answered, and nothing else. */
const expected = new Set([
  ...["json result", "stream result", "error tool_error", "dear denied"],
  ...["few result", "few rate_limited"],
]);

const scratch = await mkdtemp(join(tmpdir(), "policylayer-bench-"));
const insideFile = join(scratch, "inside.json");
const program = await buildGateway(scratch);
const postgres = await startPostgres({ dataDir: join(scratch, "postgres"), password: "scratch", throwaway: true });
await deploy(postgres.url);
const house = await openHouse(postgres.url);
const echo = await startEcho();
const callers = await startCallers();
const gateway = await startGateway({
  databaseUrl: postgres.url,
  program,
  env: { LOG_LEVEL: "warn", ...insideEnvironment(insideFile, false) },
});
const pid = gateway.process.pid ?? 0;

const tally = { sent: 0, answers: new Map<string, number>() };
const samples: { atMs: number; mb: number }[] = [];
let isMet = true;

try {
  await soak();
} finally {
  callers.stop();
  echo.stop();
  await gateway.stop();
  await house.close();
  await postgres.stop();
  for (const folder of [scratch, gateway.dataDir]) await rm(folder, { recursive: true, force: true });
}
process.exitCode = isMet ? 0 : 1;

async function soak(): Promise<void> {
  const { kinds, policyId, listening } = await furnish();
  await run({ kinds, ms: 3_000, rate: null }); // compiled by the engine
  const { sent, seconds } = await run({ kinds, ms: saturationMs, rate: null });
  const saturation = sent / seconds;
  const rate = Math.round(saturation * share);
  console.log(`saturation ${saturation.toFixed(0)} calls a second; ${minutes} minutes at ${rate} (${share * 100} %)`);
  await calm();
  const filesBefore = openFiles();
  const held = await holdStreams(`${gateway.url}${listening.path}`, listening.token, listeners);

  const sampling = sample();
  console.log("minute  calls/s  RSS MB  heap MB  fds  journal KB  files  loop p99/max ms  calls p50/p99/max ms");
  for (let minute = 1; minute <= minutes; minute++) {
    await askInside(pid, insideFile);
    const changing = sleep(30_000).then(() => house.publish(policyId, policy(minute)));
    const one = await run({ kinds, ms: 60_000, rate });
    await changing;
    const { held: loop, heapUsed } = await askInside(pid, insideFile);
    const journal = journalOf();
    const { p50, p99, max } = one.latency;
    console.log(
      [
        String(minute).padStart(6),
        (one.sent / one.seconds).toFixed(0).padStart(8),
        memoryMb(pid).toFixed(0).padStart(7),
        (heapUsed / 2 ** 20).toFixed(0).padStart(8),
        String(openFiles()).padStart(4),
        (journal.bytes / 1024).toFixed(0).padStart(11),
        String(journal.files).padStart(6),
        `${loop.p99.toFixed(1)}/${loop.max.toFixed(1)}`.padStart(16),
        `${p50.toFixed(2)}/${p99.toFixed(2)}/${max.toFixed(1)}`.padStart(21),
      ].join(" "),
    );
  }
  sampling.stop();
  held.close();

  console.log(`${tally.sent} calls: ${[...tally.answers].map(([answer, count]) => `${count} ${answer}`).join(", ")}`);
  const strange = [...tally.answers.keys()].filter((key) => !expected.has(key));
  promise(
    strange.length === 0,
    `every call was answered as it should be${strange.map((one) => `, not ${one}`).join("")}`,
  );
  judgeMemory();
  await shipped();
  const record = await checkRecord(house.client, { calls: tally.sent, answers: tally.answers });
  for (const line of record.lines) console.log(line);
  promise(record.isRight, "each call is on record once, as it was answered");
  const files = await filesAfter(filesBefore);
  promise(files <= filesBefore + filesMoreMax, `open files: ${filesBefore} before, ${files} after`);
  console.log(`RSS ${memoryMb(pid).toFixed(0)} MB at rest`);
}

async function furnish() {
  const tools = Object.fromEntries(toolNames.map((name) => [name, "Write"]));
  const add = async (kind: string) => {
    const serverId = await house.addServer({ url: `${echo.url}/${kind}`, tools });
    const policyId = await house.addPolicy(serverId, policy(0));
    return { policyId, grant: await house.addGrant(serverId, policyId) };
  };
  const [json, stream, error, few] = [
    await add("json/256"),
    await add("sse/1024"),
    await add("error/256"),
    await add("json/256"),
  ];
  const epoch = await house.publish(few.policyId, {
    version: "1",
    default: "deny",
    tools: { [toolNames[1] ?? ""]: { limits: [{ counter: "calls", window: "minute", max: 500, scope: "grant" }] } },
  });
  while ((await gaugeOf(gateway.adminUrl, "snapshot_epoch")) < Number(epoch)) await sleep(50);
  const call = (name: string, { grant }: typeof json, share: number, more: object = {}) => {
    const params = { name: toolNames[name === "few" ? 1 : 7], arguments: { ...callArguments, ...more } };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 7, method: "tools/call", params });
    return { name, path: grant.path, token: grant.token, body, share };
  };
  const kinds = [
    call("json", json, 60),
    call("stream", stream, 20),
    call("error", error, 5),
    call("dear", json, 10, { price: 1_000 }),
    call("few", few, 5),
  ];
  return { kinds, policyId: json.policyId, listening: stream.grant };
}

function policy(nth: number): object {
  return { ...policyOf(toolNames), description: `version ${nth}` };
}

async function run(order: Pick<CallersOrder, "kinds" | "ms" | "rate">): Promise<CallersReport> {
  const report = await callers.run({ ...order, url: gateway.url, connections, from: tally.sent });
  tally.sent += report.sent;
  for (const [answer, count] of Object.entries(report.answers)) {
    tally.answers.set(answer, (tally.answers.get(answer) ?? 0) + count);
  }
  return report;
}

function sample(): { stop(): void } {
  const from = performance.now();
  const timer = setInterval(() => samples.push({ atMs: performance.now() - from, mb: memoryMb(pid) }), sampleEveryMs);
  return { stop: () => clearInterval(timer) };
}

function judgeMemory(): void {
  const judged = samples.filter(({ atMs }) => atMs >= settlingMs);
  const mbAnHour = slopeOf(judged.map(({ atMs, mb }) => [atMs / 3_600_000, mb]));
  const words = `memory grows by ${mbAnHour.toFixed(1)} MB an hour after the first ${(settlingMs / 60_000).toFixed(1)} minutes`;
  if (minutes < judgedMinutesMin) console.log(`${words}; ${minutes} minutes are too short to judge it`);
  else promise(mbAnHour < slopeMbMax, `${words}, less than ${slopeMbMax}`);
}

/** Of the straight line with the least squares. */
function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const over = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return over / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}

/** Waits until the whole journal is in Postgres. */
async function shipped(): Promise<void> {
  const deadline = performance.now() + 120_000;
  let pending = Number.NaN;
  while (performance.now() < deadline) {
    pending = await gaugeOf(gateway.adminUrl, "record_pending");
    if (pending === 0) break;
    await sleep(500);
  }
  const { bytes, files } = journalOf();
  promise(
    pending === 0,
    `the journal is shipped: ${pending} records left, ${(bytes / 1024).toFixed(0)} KB in ${files} files`,
  );
}

/** What connections stay open to the upstream end by themselves some time after the last call. */
async function filesAfter(before: number): Promise<number> {
  const deadline = performance.now() + 150_000;
  while (openFiles() > before + filesMoreMax && performance.now() < deadline) await sleep(1_000);
  return openFiles();
}

/** Resolves when what was begun is done: the sockets of a load that is over are closed. */
async function calm(): Promise<void> {
  for (let before = openFiles(), quiet = 0; quiet < 3; ) {
    const cpu = cpuMs([pid]);
    await sleep(1_000);
    quiet = openFiles() === before && cpuMs([pid]) - cpu < 200 ? quiet + 1 : 0;
    before = openFiles();
  }
}

function openFiles(): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function journalOf(): { bytes: number; files: number } {
  const folder = join(gateway.dataDir, "journal");
  const files = readdirSync(folder).map((name) => join(folder, name));
  const sizes = files.map((file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0);
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), files: files.length };
}

function promise(holds: boolean, words: string): void {
  console.log(`${holds ? "kept" : "BROKEN"}: ${words}`);
  isMet &&= holds;
}
