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
 * - `deleted` entries take a server that is only named away again.
 */
export async function importRegistryEntries(entries: readonly RegistryEntry[]): Promise<Imported> {
  const newest = newestOf(entries);
  return database().$transaction(
    async (tx) => {
      await tx.$executeRawUnsafe(catalogLock);
      const known = await tx.catalogServer.findMany({ where: { source: { in: newest.map(({ source }) => source) } } });
      const bySource = new Map(known.map((server) => [server.source, server]));
      const imported = { added: 0, updated: 0, unchanged: entries.length - newest.length };
      for (const entry of newest) imported[await take(tx, entry, bySource.get(entry.source) ?? null)] += 1;
      return imported;
    },
    { maxWait: 30_000, timeout: 120_000 },
  );
}

type Known = Prisma.CatalogServerGetPayload<object>;

async function take(tx: Prisma.TransactionClient, entry: RegistryEntry, known: Known | null): Promise<keyof Imported> {
  const isDeleted = entry.status === "deleted";
  if (known === null) {
    if (isDeleted) return "unchanged";
    const { source } = entry;
    const sourceKind = source.slice(0, source.indexOf(":"));
    await tx.catalogServer.create({
      data: { ...dataOf(entry), source, sourceKind, evidence: "registry", slug: await freeSlug(tx, source) },
    });
    return "added";
  }
  if (known.evidence !== "registry") return "unchanged";
  if (!replaces(entry, known)) return "unchanged";
  if (isDeleted) {
    if (known.name !== storable(entry.name)) return "unchanged";
    await tx.catalogServer.delete({ where: { id: known.id } });
    return "updated";
  }
  const data = dataOf(entry);
  const isSame = Object.entries(data).every(([key, value]) => known[key as keyof typeof data] === value);
  if (isSame) return "unchanged";
  await tx.catalogServer.update({ where: { id: known.id }, data: { ...data, seenAt: new Date() } });
  return "updated";
}

function dataOf({ name, source, description, version, repository }: RegistryEntry) {
  const text = (words: string | null) => (words === null ? null : storable(words).slice(0, textLengthMax));
  return {
    name: storable(name),
    packageName: source.startsWith("npm:") ? source.slice("npm:".length) : null,
    description: text(description),
    version: text(version),
    repository: text(repository),
  };
}

type Named = { name: string; version: string | null };

function replaces(entry: Named, other: Named): boolean {
  const order = compareVersions(entry.version, other.version);
  return order === 0 ? entry.name <= other.name : order > 0;
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
