// `policylayer scan`: lists the tools of published servers, each started where it reaches nothing.
import path from "node:path";
import { serverFactsOf } from "../catalog/facts-of.ts";
import { factsText } from "../catalog/facts-text.ts";
import { type Harvest, type HarvestTarget, harvestSchema, readHarvestTarget, sourceOf } from "../catalog/harvest.ts";
import { slugOf } from "../catalog/slug.ts";
import { type Answer, lines, troubled, unreadable } from "./answer.ts";
import type { Input } from "./commands.ts";
import type { Io } from "./io.ts";
import { harmless } from "./paint.ts";
import { printRegistry } from "./scan-registry.ts";
import { type Scanned, summaryLines, summaryOf, toolLines } from "./scan-summary.ts";
import { realScanWorld, type ScanWorld } from "./scan-world.ts";

const atOnceMax = 8;

/** `policylayer scan TARGET…` */
export async function scan(input: Input, io: Io, world: ScanWorld = realScanWorld()): Promise<Answer> {
  try {
    return await answerTo(input, io, world);
  } finally {
    await world.close();
  }
}

async function answerTo(input: Input, io: Io, world: ScanWorld): Promise<Answer> {
  const { files, values, flags } = input;
  if (values.registry !== undefined) return printRegistry(values.registry, io, world);
  const { out, facts } = values;
  if (flags.reclassify) {
    if (out === undefined || facts === undefined) return usage("--reclassify needs --out FOLDER and --facts FOLDER");
    return reclassify(out, facts, io, world);
  }
  const atOnce = Number(values["at-once"] ?? 1);
  if (!(Number.isInteger(atOnce) && atOnce >= 1 && atOnce <= atOnceMax)) {
    return usage(`--at-once takes a number from 1 to ${atOnceMax}`);
  }
  const listed = values.file === undefined ? null : await io.read(values.file);
  if (listed && !listed.ok) return troubled(unreadable(values.file ?? "", listed.message));
  const words = [...files, ...(listed?.text.split("\n") ?? [])].map((word) => word.replace(/(?:^|\s)#.*$/, "").trim());
  const targets = new Map<string, HarvestTarget>();
  for (const word of words.filter(Boolean)) {
    const target = readHarvestTarget(word);
    if (target === null) return usage(`\`${harmless(word)}\` is neither a package nor a URL`);
    targets.set(sourceOf(target), target);
  }
  if (targets.size === 0) return usage("name a package, a URL, or a list of them with --file");

  const done = await world.list(out);
  const scanned: Scanned[] = [];
  const queue = [...targets.values()];
  let unwritten: string | null = null;
  let passedOver = 0;

  async function work(): Promise<void> {
    for (let target = queue.shift(); target !== undefined && !world.signal.aborted; target = queue.shift()) {
      const name = `${slugOf(sourceOf(target))}.json`;
      if (!flags.again && done.includes(name)) {
        passedOver += 1;
        continue;
      }
      const harvest = await world.harvest(target);
      if (world.signal.aborted) return;
      scanned.push({ harvest });
      io.err(`${progressOf(harvest)}\n`);
      const written = [
        ...(out === undefined ? [] : [[out, `${JSON.stringify(harvest, null, 2)}\n`] as const]),
        ...(facts === undefined || !isWorthKeeping(harvest)
          ? []
          : [[facts, factsText(serverFactsOf(harvest))] as const]),
      ];
      for (const [folder, text] of written) unwritten ??= await world.write(path.join(folder, name), text);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work));

  if (unwritten !== null) return troubled({ code: "unreadable", message: unwritten });
  const summary = summaryOf(scanned, passedOver, targets.size - scanned.length - passedOver);
  const ok = summary.answered === summary.asked && !world.signal.aborted;
  const details = out === undefined && facts === undefined ? scanned.flatMap(toolLines) : [];
  return {
    exitCode: ok ? 0 : 1,
    json: { ok, ...summary, ...(out === undefined && { harvests: scanned.map(({ harvest }) => harvest) }) },
    out: lines([...details, ...summaryLines(summary)]),
  };
}

/** Facts of a server without tools would say nothing. */
function isWorthKeeping(harvest: Harvest): harvest is Extract<Harvest, { ok: true }> {
  return harvest.ok && harvest.tools.length > 0;
}

/** What was listed before is classified as it is done today; nothing is started. */
async function reclassify(from: string, to: string, io: Io, world: ScanWorld): Promise<Answer> {
  const scanned: Scanned[] = [];
  for (const name of (await world.list(from)).filter((file) => file.endsWith(".json")).sort()) {
    const read = await io.read(path.join(from, name));
    if (!read.ok) return troubled(unreadable(name, read.message));
    const harvest = harvestSchema.safeParse(parse(read.text));
    if (!harvest.success) return troubled(unreadable(path.join(from, name), "it is no listing that scan has written"));
    scanned.push({ harvest: harvest.data });
    if (!isWorthKeeping(harvest.data)) continue;
    const failure = await world.write(path.join(to, name), factsText(serverFactsOf(harvest.data)));
    if (failure !== null) return troubled({ code: "unreadable", message: failure });
  }
  const summary = summaryOf(scanned, 0, 0);
  return { exitCode: 0, json: { ok: true, ...summary }, out: lines(summaryLines(summary)) };
}

function progressOf(harvest: Harvest): string {
  const took = `${(harvest.ms / 1_000).toFixed(1)} s`;
  if (harvest.ok) return `${harvest.source}: ${harvest.tools.length} tools, ${took}`;
  return `${harvest.source}: ${harvest.code}, ${took}: ${harmless(harvest.message.split("\n")[0] ?? "")}`;
}

function usage(message: string): Answer {
  return troubled({ code: "usage", message });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
