// What a registry names, into the catalog.
import type { RegistryEntry } from "../../../catalog/registry.ts";
import { catalogLock, storable } from "../../../prisma/catalog-write.ts";
import { database, type Prisma } from "../../../prisma/client.ts";
import { freeSlug } from "./slugs.ts";

export type Imported = { added: number; updated: number; unchanged: number };

const textLengthMax = 2_000;

/**
 * Takes over the entries of a registry's page, all of them or none; the same page again changes nothing. Rules:
 * - An entry that names one npm package is that package's server, under whatever name other entries give it: there is one server for
 *   each source.
 * - Anybody may write what they like into a registry. Of a server whose tools are known (`snapshot`, `harvest`) an entry changes nothing.
 * - Of several entries for a source the newest version counts, of one version under several names the first in the alphabet, in
 *   whatever order they come.
 * - A `deleted` entry takes away a server that is only named, as long as it is known by that very name and version.
 */
export async function importRegistryEntries(entries: readonly RegistryEntry[]): Promise<Imported> {
  const read = entries.map((entry) => ({ ...entry, ...dataOf(entry), source: storable(entry.source) }));
  const deleted = read.filter(({ status }) => status === "deleted");
  const newest = newestOf(read.filter(({ status }) => status !== "deleted"));
  return database().$transaction(
    async (tx) => {
      await tx.$executeRawUnsafe(catalogLock);
      const known = await tx.catalogServer.findMany({ where: { source: { in: read.map(({ source }) => source) } } });
      const bySource = new Map(known.map((server) => [server.source, server]));
      let [added, updated] = [0, 0];
      for (const entry of deleted) {
        const server = bySource.get(entry.source);
        if (server?.evidence !== "registry" || !isOf(entry, server)) continue;
        await tx.catalogServer.delete({ where: { id: server.id } });
        bySource.delete(entry.source);
        updated += 1;
      }
      for (const entry of newest) {
        const server = bySource.get(entry.source) ?? null;
        if (server === null) added += 1;
        else if (server.evidence === "registry" && replaces(entry, server) && !isSame(entry, server)) updated += 1;
        else continue;
        await write(tx, entry, server);
      }
      return { added, updated, unchanged: entries.length - added - updated };
    },
    { maxWait: 30_000, timeout: 120_000 },
  );
}

type Known = Prisma.CatalogServerGetPayload<object>;

async function write(tx: Prisma.TransactionClient, entry: RegistryEntry, known: Known | null): Promise<void> {
  const data = dataOf(entry);
  if (known) {
    await tx.catalogServer.update({ where: { id: known.id }, data: { ...data, seenAt: new Date() } });
    return;
  }
  const { source } = entry;
  const sourceKind = source.slice(0, source.indexOf(":"));
  const slug = await freeSlug(tx, source);
  await tx.catalogServer.create({ data: { ...data, source, sourceKind, slug, evidence: "registry" } });
}

/** What is kept of an entry, as Postgres takes it. */
function dataOf({ name, source, description, version, repository }: RegistryEntry) {
  const text = (words: string | null) => (words === null ? null : storable(words).slice(0, textLengthMax));
  return {
    name: storable(name),
    packageName: source.startsWith("npm:") ? storable(source.slice("npm:".length)) : null,
    description: text(description),
    version: text(version),
    repository: text(repository),
  };
}

function isSame(entry: RegistryEntry, known: Known): boolean {
  return Object.entries(dataOf(entry)).every(([key, value]) => known[key as keyof Known] === value);
}

type Named = { name: string; version: string | null };

function replaces(entry: Named, other: Named): boolean {
  const order = compareVersions(entry.version, other.version);
  return order === 0 ? entry.name <= other.name : order > 0;
}

function isOf(entry: Named, known: Named): boolean {
  return entry.name === known.name && compareVersions(entry.version, known.version) === 0;
}

/** The one entry for each source. */
function newestOf(entries: readonly RegistryEntry[]): RegistryEntry[] {
  const bySource = new Map<string, RegistryEntry>();
  for (const entry of entries) {
    const other = bySource.get(entry.source);
    if (!other || replaces(entry, other)) bySource.set(entry.source, entry);
  }
  return [...bySource.values()];
}

/** By their numbers, then as texts: `1.10.0` is newer than `1.9.0`, and `1.0.0` newer than `1.0.0-beta`. No version is the oldest. */
export function compareVersions(one: string | null, other: string | null): number {
  if (one === null || other === null) return Number(one !== null) - Number(other !== null);
  const [a, b] = [partsOf(one), partsOf(other)];
  for (let at = 0; at < Math.max(a.numbers.length, b.numbers.length); at += 1) {
    const difference = (a.numbers[at] ?? 0) - (b.numbers[at] ?? 0);
    if (difference !== 0) return difference;
  }
  if (a.rest === b.rest) return 0;
  if (a.rest === "" || b.rest === "") return a.rest === "" ? 1 : -1;
  return a.rest < b.rest ? -1 : 1;
}

function partsOf(version: string): { numbers: number[]; rest: string } {
  const [, numbers = "", rest = ""] = /^v?(\d{1,9}(?:\.\d{1,9})*)?(.*)$/s.exec(version) ?? [];
  return { numbers: numbers.split(".").map(Number), rest: rest.replace(/\+.*$/s, "") };
}
