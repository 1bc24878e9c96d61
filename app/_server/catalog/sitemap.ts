// The catalog's addresses for the sitemap, in files of bounded size.
import { database } from "../../../prisma/client.ts";

/** The protocol allows 50,000 a file. */
const addressesMax = 40_000;

/** A run of servers by slug, from `from` to before `to`, whose addresses fill one file. */
export type SitemapFile = { from: string; to: string | null; addresses: number };

/** The files that hold every server and every current tool. At least one. */
export async function sitemapFiles(most = addressesMax): Promise<SitemapFile[]> {
  // The last server of a file may go beyond by its tools, which the protocol leaves room for.
  const rows = await database().$queryRaw<{ from: string; addresses: number }[]>`
    SELECT min("slug") AS "from", sum("addresses")::int AS "addresses" FROM (
      SELECT "slug", 1 + "toolCount" AS "addresses",
        (sum(1 + "toolCount") OVER (ORDER BY "slug") - 1 - "toolCount") / ${most}::int AS "file"
      FROM "CatalogServer"
    ) AS s GROUP BY "file" ORDER BY "file"`;
  const first = { from: "", to: null, addresses: 0 };
  if (rows.length === 0) return [first];
  return rows.map(({ from, addresses }, at) => ({
    from: at === 0 ? "" : from,
    to: rows[at + 1]?.from ?? null,
    addresses,
  }));
}

export type SitemapServer = { slug: string; seenAt: string; tools: { name: string; changedAt: string }[] };

/** The servers of a file with their current tools. */
export async function sitemapServers({ from, to }: Pick<SitemapFile, "from" | "to">): Promise<SitemapServer[]> {
  const rows = await database().catalogServer.findMany({
    where: { slug: { gte: from, ...(to === null ? {} : { lt: to }) } },
    orderBy: { slug: "asc" },
    select: {
      slug: true,
      seenAt: true,
      tools: { where: { state: "current" }, orderBy: { position: "asc" }, select: { name: true, changedAt: true } },
    },
  });
  return rows.map(({ slug, seenAt, tools }) => ({
    slug,
    seenAt: seenAt.toISOString(),
    tools: tools.map(({ name, changedAt }) => ({ name, changedAt: changedAt.toISOString() })),
  }));
}
