// Tools and servers that are like one another, by what catalog/kin.ts makes of their strongest signals.
import { signalFactSchema } from "../../../catalog/facts.ts";
import { deedWords, kinship } from "../../../catalog/kin.ts";
import { type RiskCategory, riskCategories } from "../../../catalog/schema.ts";
import { database, Prisma } from "../../../prisma/client.ts";
import type { RelatedServer, RelatedTool } from "../../api/v1/catalog-schemas.ts";
import { serverCard, serverColumns, toolCard, toolColumns } from "./cards.ts";
import { isSlug } from "./slugs.ts";

const relatedMax = 6;
/** Neighbours that are looked at on either side. */
const reachOfTool = 60;
const sameNameMax = 3;
const tellingMax = 12;
const reachOfServer = 15;
/** From this kinship on, two tools have the same object. */
const sameThings = 3;

type Neighbour = { id: string; serverId: string; kin: string; of: string };

/**
 * Tools of other servers that do what this one does, the closest first: the same to the same things, then other deeds of the kind to the
 * same things, then the same kind of deed, at last the same category. In the index on kin these stand around the tool itself, so its
 * neighbours are read and nothing else; among equals the nearest by name is taken. At most one of a server.
 */
export async function relatedTools(tool: { server: { slug: string }; name: string }): Promise<RelatedTool[]> {
  if (!isSlug(tool.server.slug) || /\0|\p{Surrogate}/u.test(tool.name)) return [];
  const db = database();
  const server = await db.catalogServer.findUnique({ where: { slug: tool.server.slug }, select: { id: true } });
  if (!server) return [];
  const own = await db.catalogTool.findUnique({
    where: { serverId_name: { serverId: server.id, name: tool.name } },
    select: { id: true, kin: true },
  });
  if (!own?.kin) return [];
  const { id, kin } = own;
  const found = await neighbours(server.id, [{ id, kin }], reachOfTool);
  const near = found
    .map((neighbour, at) => ({ ...neighbour, at, closeness: kinship(kin, neighbour.kin) }))
    .filter(({ closeness }) => closeness > 0)
    .sort((a, b) => b.closeness - a.closeness || a.at - b.at);
  const rows = await db.catalogTool.findMany({
    where: { id: { in: near.map((neighbour) => neighbour.id) } },
    select: { id: true, signals: true, ...toolColumns },
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  const related: RelatedTool[] = [];
  const servers = new Set<string>();
  for (const neighbour of near) {
    const row = byId.get(neighbour.id);
    if (!row || servers.has(neighbour.serverId) || related.length >= relatedMax) continue;
    if (related.filter(({ name }) => name === row.name).length >= sameNameMax) continue;
    servers.add(neighbour.serverId);
    related.push({ ...toolCard(row), why: whyOf([wordsOf(row)], neighbour.closeness) });
  }
  return related;
}

/**
 * Servers with tools that do what this one's do, those with the most in common first. Asked for are the neighbours of this server's
 * riskiest tools, a dozen with different deeds.
 */
export async function relatedServers(slug: string): Promise<RelatedServer[]> {
  if (!isSlug(slug)) return [];
  const db = database();
  const server = await db.catalogServer.findUnique({ where: { slug }, select: { id: true } });
  if (!server) return [];
  const tools = await db.catalogTool.findMany({
    where: { serverId: server.id, state: "current", kin: { not: null } },
    distinct: ["kin"],
    select: { id: true, kin: true, name: true, category: true, confidence: true, signals: true },
  });
  const telling = tools
    .flatMap(({ kin, ...tool }) => (kin === null ? [] : [{ ...tool, kin }]))
    .sort((a, b) => riskOf(b) - riskOf(a) || b.confidence - a.confidence)
    .slice(0, tellingMax);
  const found = await neighbours(server.id, telling, reachOfServer);

  /** For each server and each of the telling tools, the closest neighbour. */
  const shared = new Map<string, Map<string, { id: string; closeness: number }>>();
  for (const { id, serverId, kin, of } of found) {
    const own = telling.find((tool) => tool.id === of);
    const closeness = own ? kinship(own.kin, kin) : 0;
    if (closeness < 2) continue;
    const deeds = shared.get(serverId) ?? new Map<string, { id: string; closeness: number }>();
    if (closeness > (deeds.get(of)?.closeness ?? 0)) deeds.set(of, { id, closeness });
    shared.set(serverId, deeds);
  }
  const closest = [...shared]
    .map(([id, deeds]) => ({ id, deeds: telling.flatMap((tool) => deeds.get(tool.id) ?? []) }))
    .map(({ id, deeds }) => ({ id, deeds: deeds.sort((a, b) => b.closeness - a.closeness) }))
    // A deed that is the same counts for more than several that are of its kind.
    .map(({ id, deeds }) => ({ id, deeds, closeness: sum(deeds.map(({ closeness }) => closeness ** 3)) }))
    .sort((a, b) => b.closeness - a.closeness || (a.id < b.id ? -1 : 1))
    .slice(0, relatedMax);
  const [rows, deedRows] = await Promise.all([
    db.catalogServer.findMany({
      where: { id: { in: closest.map(({ id }) => id) } },
      select: { id: true, ...serverColumns },
    }),
    db.catalogTool.findMany({
      where: { id: { in: closest.flatMap(({ deeds }) => deeds.slice(0, 2).map(({ id }) => id)) } },
      select: { id: true, name: true, category: true, signals: true },
    }),
  ]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const wordsById = new Map(deedRows.map((row) => [row.id, wordsOf(row)]));
  return closest.flatMap(({ id, deeds }) => {
    const row = byId.get(id);
    const two = deeds.slice(0, 2);
    const same = two.filter(({ closeness }) => closeness >= sameThings);
    const words = [...new Set((same.length > 0 ? same : two).flatMap((deed) => wordsById.get(deed.id) ?? []))];
    return row && words.length > 0 ? [{ ...serverCard(row), why: whyOf(words, two[0]?.closeness ?? 0) }] : [];
  });
}

/** The entries beside each tool in the order of kin, name and id, the nearest first, but for those of its own server. */
async function neighbours(
  serverId: string,
  tools: readonly { id: string; kin: string }[],
  reach: number,
): Promise<Neighbour[]> {
  return database().$queryRaw<Neighbour[]>`
    SELECT n."id", n."serverId", n."kin", own."id" AS "of" FROM "CatalogEntry" own
    CROSS JOIN LATERAL (
      (SELECT e."id", e."serverId", e."kin", row_number() OVER (ORDER BY e."kin", e."nameKey", e."id") AS "away"
       FROM "CatalogEntry" e
       WHERE (e."kin", e."nameKey", e."id") > (own."kin", own."nameKey", own."id") AND e."serverId" <> ${serverId}::uuid
       ORDER BY e."kin", e."nameKey", e."id" LIMIT ${reach}::int)
      UNION ALL
      (SELECT e."id", e."serverId", e."kin", row_number() OVER (ORDER BY e."kin" DESC, e."nameKey" DESC, e."id" DESC)
       FROM "CatalogEntry" e
       WHERE (e."kin", e."nameKey", e."id") < (own."kin", own."nameKey", own."id") AND e."serverId" <> ${serverId}::uuid
       ORDER BY e."kin" DESC, e."nameKey" DESC, e."id" DESC LIMIT ${reach}::int)
    ) AS n
    WHERE own."id" IN (${Prisma.join(tools.length === 0 ? [null] : tools.map(({ id }) => Prisma.sql`${id}::uuid`))})
    ORDER BY n."away", n."id"`;
}

/** "Also" is said where it is true: of what is done to the same things. */
function whyOf(words: readonly string[], closeness: number): string {
  return `${closeness >= sameThings ? "also " : ""}${words.join(" and ")}`;
}

const signalsSchema = signalFactSchema.array();

function wordsOf({ name, category, signals }: { name: string; category: string; signals: unknown }): string {
  return deedWords({ name, category: categoryOf(category), signals: signalsSchema.parse(signals) });
}

function categoryOf(category: string): RiskCategory {
  return riskCategories.find((name) => name === category) ?? "Other";
}

function riskOf({ category }: { category: string }): number {
  return ["Read", "Write", "Other", "Execute", "Destructive", "Financial"].indexOf(category);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
