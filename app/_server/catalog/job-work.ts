// What each kind of job does, step by step. The world is handed in: a gateway that lists servers, and the catalog.
import type { Harvest, HarvestTarget } from "../../../catalog/harvest.ts";
import { readHarvestTarget } from "../../../catalog/harvest.ts";
import { type RegistryEntry, readRegistryPage } from "../../../catalog/registry.ts";

/** What came of it, in numbers; `slug` leads to the server's page. */
export type JobResult = Record<string, string | number | null>;

export type Job = {
  id: string;
  kind: string;
  target: string;
  input: string | null;
  cursor: string | null;
  done: number;
  /** So far. */
  result: JobResult | null;
};

export type Ended = { ok: true; done: number; result: JobResult; message: string } | { ok: false; message: string };

export type RegistryPage =
  | { ok: true; entries: RegistryEntry[]; nextCursor: string | null; problems: string[] }
  | { ok: false; message: string };

/** It cannot be done now, and that is not the job's fault. The message is for people. */
export class Later extends Error {}

export type JobWorld = {
  /** Asks a gateway. @throws Later when no gateway answers */
  harvest(target: HarvestTarget, signal: AbortSignal): Promise<Harvest>;
  /** A page of a registry, by a gateway. @throws Later when no gateway answers */
  readRegistry(url: string, cursor: string | null, signal: AbortSignal): Promise<RegistryPage>;
  recordHarvest(
    harvest: Harvest,
  ): Promise<{ slug: string | null; added: number; changed: number; removed: number; events: number }>;
  importEntries(entries: RegistryEntry[]): Promise<{ added: number; updated: number; unchanged: number }>;
  /** Keeps how far it is. False when the job is no longer ours to go on with. */
  progress(step: Progress): Promise<boolean>;
};

export type Progress = {
  done?: number;
  total?: number | null;
  message: string;
  cursor?: string | null;
  result?: JobResult;
};

/** @throws the signal's reason when it was called off. */
export async function workOn(job: Job, world: JobWorld, signal: AbortSignal): Promise<Ended> {
  if (job.kind === "registry") {
    return job.input === null ? importAddress(job, world, signal) : importDocument(job.input, world, signal);
  }
  return harvestOne(job, world, signal);
}

async function harvestOne({ target: text }: Job, world: JobWorld, signal: AbortSignal): Promise<Ended> {
  const target = readHarvestTarget(text);
  if (target === null) return { ok: false, message: "The target cannot be read." };
  const doing = target.kind === "npm" ? "Installing and starting it where it reaches nothing" : "Connecting";
  await mustGoOn(world.progress({ done: 0, total: 1, message: doing }), signal);
  const harvest = await world.harvest(target, signal);
  signal.throwIfAborted();
  if (!harvest.ok && harvest.code === "busy") throw new Later("Waiting: the gateway lists other servers.");
  const { slug, added, changed, removed, events } = await world.recordHarvest(harvest);
  if (!harvest.ok) return { ok: false, message: harvest.message };
  const tools = harvest.tools.length;
  const leftOut = harvest.leftOut.length;
  return {
    ok: true,
    done: 1,
    result: { slug, version: harvest.version, tools, added, changed, removed, events, leftOut },
    message: tools === 1 ? "Listed 1 tool." : `Listed ${tools} tools.`,
  };
}

/** More than any registry has; a list that leads in a circle ends here at the latest. */
const pagesMax = 10_000;
const entriesAtOnce = 200;

async function importAddress(job: Job, world: JobWorld, signal: AbortSignal): Promise<Ended> {
  const sums = new Sums(job);
  let { cursor } = job;
  const seen = new Set<string | null>();
  for (let page = 0; page < pagesMax; page += 1) {
    if (seen.has(cursor)) return { ok: false, message: "The registry’s list leads in a circle." };
    seen.add(cursor);
    const read = await world.readRegistry(job.target, cursor, signal);
    signal.throwIfAborted();
    if (!read.ok) return { ok: false, message: sums.done === 0 ? read.message : `${read.message} ${sums.words()}` };
    sums.add(await world.importEntries(read.entries), read);
    cursor = read.nextCursor;
    if (cursor === null) return sums.ended();
    await mustGoOn(world.progress({ done: sums.done, message: sums.words(), cursor, result: sums.counts }), signal);
  }
  return { ok: false, message: "The registry’s list has no end." };
}

async function importDocument(input: string, world: JobWorld, signal: AbortSignal): Promise<Ended> {
  const { entries, problems } = readRegistryPage(JSON.parse(input));
  const sums = new Sums({ done: 0, result: null });
  sums.add({ added: 0, updated: 0, unchanged: 0 }, { entries: [], problems });
  for (let at = 0; at < entries.length; at += entriesAtOnce) {
    const some = entries.slice(at, at + entriesAtOnce);
    sums.add(await world.importEntries(some), { entries: some, problems: [] });
    const step = { done: sums.done, total: entries.length, message: sums.words() };
    await mustGoOn(world.progress(step), signal);
  }
  return sums.ended();
}

async function mustGoOn(kept: Promise<boolean>, signal: AbortSignal): Promise<void> {
  const isOurs = await kept;
  signal.throwIfAborted();
  if (!isOurs) throw new Superseded();
}

/** The job was cancelled, or another process has it. */
export class Superseded extends Error {}

/** What an import came to so far. A job that is taken up again goes on counting. */
class Sums {
  done: number;
  readonly counts: { added: number; updated: number; unchanged: number; unreadable: number };

  constructor({ done, result }: Pick<Job, "done" | "result">) {
    this.done = done;
    const before = (name: string) => Number(result?.[name] ?? 0);
    this.counts = {
      added: before("added"),
      updated: before("updated"),
      unchanged: before("unchanged"),
      unreadable: before("unreadable"),
    };
  }

  add(
    come: { added: number; updated: number; unchanged: number },
    { entries, problems }: { entries: unknown[]; problems: string[] },
  ): void {
    this.done += entries.length;
    this.counts.added += come.added;
    this.counts.updated += come.updated;
    this.counts.unchanged += come.unchanged;
    this.counts.unreadable += problems.length;
  }

  words(): string {
    return this.done === 1 ? "Read 1 entry." : `Read ${this.done.toLocaleString("en-US")} entries.`;
  }

  ended(): Ended {
    return { ok: true, done: this.done, result: { ...this.counts }, message: this.words() };
  }
}
