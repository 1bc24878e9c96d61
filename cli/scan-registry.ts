import { type RegistryPage, readRegistryPage } from "../catalog/registry.ts";
import { type Answer, lines, troubled, unreadable } from "./answer.ts";
import type { Io } from "./io.ts";
import { harmless } from "./paint.ts";
import type { ScanWorld } from "./scan-world.ts";

const pagesMax = 2_000;

/** `policylayer scan --registry FILE|URL`: the entries of a registry, one a line. A file may hold one page, or an array of pages. */
export async function printRegistry(from: string, io: Io, world: ScanWorld): Promise<Answer> {
  const pages = /^https?:\/\//i.test(from) ? await fetched(from, world) : await readIn(from, io);
  if ("exitCode" in pages) return pages;
  const entries = pages.flatMap((page) => page.entries);
  const problems = pages.flatMap((page) => page.problems);
  const ok = problems.length === 0;
  return {
    exitCode: ok ? 0 : 1,
    json: { ok, entries, problems },
    out: lines(entries.map((entry) => JSON.stringify(entry))),
    err: lines(problems.map((problem) => `policylayer: ${harmless(problem)}`)),
  };
}

async function fetched(url: string, world: ScanWorld): Promise<RegistryPage[] | Answer> {
  const pages: RegistryPage[] = [];
  const cursors = new Set<string>();
  for (let cursor: string | null = null; pages.length < pagesMax; ) {
    const page = await world.registryPage(url, cursor);
    if (!page.ok) return troubled(unreadable(url, page.message));
    pages.push(page);
    cursor = page.nextCursor;
    // A page that came before would come for ever.
    if (cursor === null || cursors.has(cursor)) break;
    cursors.add(cursor);
  }
  return pages;
}

async function readIn(file: string, io: Io): Promise<RegistryPage[] | Answer> {
  const read = await io.read(file);
  if (!read.ok) return troubled(unreadable(file, read.message));
  let json: unknown;
  try {
    json = JSON.parse(read.text);
  } catch {
    return troubled(unreadable(file, "it is no JSON"));
  }
  const arePages = Array.isArray(json) && json.some((page) => Array.isArray(Object(page).servers));
  return arePages ? (json as unknown[]).map(readRegistryPage) : [readRegistryPage(json)];
}
