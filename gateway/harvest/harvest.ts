// Lists the tools of a published server once: a package is installed and started where it reaches nothing, a URL is asked.
import { chmodSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Harvest,
  type HarvestTarget,
  type HarvestTrouble,
  harvestTroubles,
  type Isolation,
  type Listed,
  sourceOf,
} from "../../catalog/harvest.ts";
import type { Inspection } from "../introduce.ts";
import type { Log } from "../log.ts";
import type { CommandUser } from "../upstream/launch.ts";
import { forgetProgram, traceProgram } from "../upstream/leftovers.ts";
import type { UpstreamSettings } from "../upstream/upstream.ts";
import {
  argumentsAskedFor,
  dummyFor,
  exampleArguments,
  exampleVariables,
  variablesIn,
  variablesNamedIn,
} from "./hints.ts";
import { install, type Manifest } from "./install.ts";
import { type HarvestLimits, harvestLimits } from "./limits.ts";
import { makeFolder } from "./npm.ts";
import { readmeIn, sourcesIn } from "./package-words.ts";
import { whyNotIsolated } from "./sandbox.ts";
import { seen } from "./sandbox-script.ts";
import { type Started, startOnce } from "./start.ts";

export type HarvestOptions = {
  limits?: Partial<HarvestLimits>;
  /** Where packages come from; npm's own default when left out. */
  registry?: string;
  /** A folder of downloads to keep from one harvest to the next. It must be the command user's. */
  cache?: string;
};

/** Nobody: a program that runs with root's number may change the machine's settings even without root's rights. */
const nobody = { uid: 65_534, gid: 65_534 };

export function harvestUser(settings: Pick<UpstreamSettings, "stdioUser">): CommandUser {
  return settings.stdioUser ?? (process.getuid?.() === 0 ? nobody : null);
}

/** A folder in which several harvests keep what they downloaded. */
export function sharedDownloads(within: string, settings: Pick<UpstreamSettings, "stdioUser">): string {
  const user = harvestUser(settings);
  chmodSync(within, 0o711); // the packages' user has to come through, and need not look
  const folder = join(within, "downloads");
  makeFolder(folder, user);
  return folder;
}

/** Never rejects: whatever goes wrong has a code. An aborted signal ends it within about two seconds. */
export async function harvest(
  target: HarvestTarget,
  settings: UpstreamSettings,
  log: Log,
  signal: AbortSignal = new AbortController().signal,
  options: HarvestOptions = {},
): Promise<Harvest> {
  const began = Date.now();
  const source = sourceOf(target);
  const failed = ({ code, message, version = null, isolation = null }: Failure): Harvest => {
    return { ok: false, source, code, message, version, ms: Date.now() - began, isolation };
  };
  try {
    const found =
      target.kind === "npm"
        ? await harvestPackage(target, settings, log, signal, options)
        : await harvestUrl(target, settings, log, signal);
    if ("code" in found) return failed(found);
    return { ok: true, source, at: new Date(began).toISOString(), ms: Date.now() - began, ...found };
  } catch (cause) {
    log.error({ cause: cause instanceof Error ? cause.stack : String(cause), source }, "a harvest failed");
    return failed({ code: "failed", message: "The gateway failed while it listed the server's tools." });
  }
}

type Failure = { code: HarvestTrouble; message: string; version?: string | null; isolation?: Isolation | null };
type Found = Omit<Listed, "ok" | "source" | "at" | "ms">;

function failure(code: HarvestTrouble, message: string = harvestTroubles[code]): Failure {
  return { code, message };
}

async function harvestUrl(
  { url, headers }: Extract<HarvestTarget, { kind: "url" }>,
  settings: UpstreamSettings,
  log: Log,
  signal: AbortSignal,
): Promise<Found | Failure> {
  const { createInspector } = await import("../inspect.ts");
  const calledOff = new Promise<null>((resolve) => signal.addEventListener("abort", () => resolve(null)));
  // Nothing runs on our side: one that is called off ends by itself, within the time that it has anyway.
  const inspecting = createInspector(settings, log)({ transport: "http", url, ...(headers && { headers }) });
  const answer = signal.aborted ? null : await Promise.race([inspecting, calledOff]);
  if (answer === null) return failure("cancelled");
  if (!answer.ok) return failure(ofInspecting[answer.code] ?? "failed", answer.message);
  const { host, pathname } = new URL(url);
  const { version } = Object(answer.serverInfo) as { version?: unknown };
  return {
    name: pathname === "/" ? host : `${host}${pathname}`,
    packageName: null,
    version: typeof version === "string" && version !== "" ? version : null,
    repository: null,
    homepage: null,
    licence: null,
    description: null,
    ...saidBy(answer),
    isolation: null,
  };
}

const ofInspecting: Partial<Record<string, HarvestTrouble>> = {
  upstream_unreachable: "unreachable",
  upstream_timed_out: "timed_out",
  upstream_unauthorized: "unauthorized",
  upstream_not_mcp: "not_mcp",
  upstream_address_refused: "address_refused",
  too_many_tools: "too_many_tools",
};

function saidBy({ protocolVersion, serverInfo, instructions, tools, findings }: Inspection) {
  const leftOut = findings.map(({ code, tool }) => ({ code, tool }));
  return { protocolVersion, serverInfo, instructions, tools, leftOut };
}

async function harvestPackage(
  target: Extract<HarvestTarget, { kind: "npm" }>,
  settings: UpstreamSettings,
  log: Log,
  signal: AbortSignal,
  { limits: given, registry, cache }: HarvestOptions,
): Promise<Found | Failure> {
  if (settings.hosted && !settings.allowStdio) return failure("commands_refused");
  const limits = { ...harvestLimits, ...given };
  const tooLate = AbortSignal.timeout(limits.totalMs);
  const either = AbortSignal.any([signal, tooLate]);
  const user = harvestUser(settings);
  const folder = mkdtempSync(join(tmpdir(), "policylayer-harvest-"));
  const traced = new Set<number>();
  // Should we be killed, the next start ends what is left and removes the folder.
  const onStart = (pid: number) => {
    traced.add(pid);
    traceProgram(settings.dataDir, pid, folder);
  };
  try {
    makeFolder(folder, user);
    makeFolder(join(folder, "root"), user);
    const obstacle = await whyNotIsolated(user, folder);
    if (obstacle !== null) {
      log.warn({ why: obstacle }, "packages cannot be harvested: this machine does not cut a program off");
      return failure("isolation_unavailable", `${harvestTroubles.isolation_unavailable} (${obstacle})`);
    }
    const installed = await install(target.package, target.version, {
      ...{ folder, user, registry, cache, signal: either, onStart },
      timeoutMs: limits.installMs,
      bytesMax: limits.installBytesMax,
    });
    if (!installed.ok) return tooLate.aborted && !signal.aborted ? { ...installed, ...late } : installed;
    const { manifest } = installed;
    const started = await startUntilItLists(installed.folder, folder, manifest, user, limits, either, onStart);
    if (!started.ok || signal.aborted) {
      const { isolation } = started;
      const said = started.ok || signal.aborted ? failure("cancelled") : failure(started.code, started.message);
      const why = said.code === "cancelled" && !signal.aborted ? late : said;
      return { ...why, version: manifest.version, isolation };
    }
    const { name, version, repository, homepage, licence, description } = manifest;
    const about = { name, packageName: name, version, repository, homepage, licence, description };
    return { ...about, ...saidBy(started.inspection), isolation: started.isolation };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    for (const pid of traced) forgetProgram(settings.dataDir, pid);
  }
}

const late: Failure = { code: "timed_out", message: "Listing it took longer than a harvest may." };

/**
 * Starts the package in one way after the other: with made-up keys, with what its complaint asks for, with the arguments of its own
 * examples, bare, with made-up values for all that it reads. The first that lists any tools counts.
 */
async function startUntilItLists(
  packages: string,
  run: string,
  manifest: Manifest,
  user: CommandUser,
  limits: HarvestLimits,
  signal: AbortSignal,
  onStart: (pid: number) => void,
): Promise<Started> {
  const own = join(packages, "node_modules", manifest.name);
  const readme = readmeIn(own);
  const read = variablesIn(sourcesIn(own));
  const env = dummies(read.keys);
  for (const [name, example] of exampleVariables(readme)) env[name] = dummyFor(name, example);
  const [command = ""] = manifest.commands;
  const program = `${seen.package}/node_modules/.bin/${command}`;
  const ways: Way[] = [
    { args: [], env },
    ...exampleArguments(readme, manifest.name, manifest.commands).map((args) => ({ args, env })),
    { args: [], env: {} },
    { args: [], env: { ...dummies(read.more), ...env } },
    { args: [seen.work], env },
  ];
  const tried = new Set<string>();
  let [survivors, ranMs] = [0, 0];
  let best: Started | null = null;
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    const spelled = JSON.stringify(way);
    if (tried.has(spelled)) continue;
    if (tried.size >= limits.startsMax) break;
    tried.add(spelled);
    const start = { folder: packages, mountPoint: join(run, "root"), program, ...way };
    const started = await startOnce(start, user, limits, signal, onStart);
    survivors += started.isolation.survivors;
    ranMs = Math.max(ranMs, started.isolation.ranMs ?? 0);
    Object.assign(started.isolation, { survivors, ranMs });
    if (started.ok && started.inspection.tools.length > 0) return started;
    // When time is up, the first way that failed says more than the one that was cut off.
    if (!started.ok && started.code === "cancelled" && best !== null) break;
    if (!started.ok && final.has(started.code)) return started;
    if (best === null || (started.ok && !best.ok)) best = started;
    if (!started.ok) ways.unshift(...waysAskedFor(started.complaint, way));
  }
  if (best === null) throw new Error("a package was not started once");
  Object.assign(best.isolation, { survivors, ranMs });
  return best;
}

type Way = { args: string[]; env: Record<string, string> };

function waysAskedFor(complaint: string, { args, env }: Way): Way[] {
  const missing = variablesNamedIn(complaint).filter((name) => !Object.hasOwn(env, name));
  const more = argumentsAskedFor(complaint, args).map((asked) => ({ args: asked, env }));
  return missing.length > 0 ? [{ args, env: { ...env, ...dummies(missing) } }, ...more] : more;
}

function dummies(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, dummyFor(name)]));
}

/** Another start would end the same way. */
const final: ReadonlySet<HarvestTrouble> = new Set([
  "cancelled",
  "isolation_unavailable",
  "out_of_memory",
  "too_much_output",
  "too_many_tools",
]);
