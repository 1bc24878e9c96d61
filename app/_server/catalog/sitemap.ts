// The catalog's addresses for the sitemap, in files of bounded size.
import { database } from "../../../prisma/client.ts";

/** The protocol allows 50,000 a file. */
const addressesMax = 40_000;

/** A run of servers by slug, from `from` to before `to`, whose addresses fill one file. */
export type SitemapFile = { from: string; to: string | null; addresses: number };

/** The files that hold every server and every current tool. At least one. */
export async function sitemapFiles(): Promise<SitemapFile[]> {
  const servers = await database().catalogServer.findMany({
    orderBy: { slug: "asc" },
    select: { slug: true, toolCount: true },
  });
  const files: SitemapFile[] = [{ from: "", to: null, addresses: 0 }];
  for (const { slug, toolCount } of servers) {
    const last = files.at(-1);
    if (last === undefined) break;
    if (last.addresses > 0 && last.addresses + 1 + toolCount > addressesMax) {
      last.to = slug;
      files.push({ from: slug, to: null, addresses: 1 + toolCount });
    } else last.addresses += 1 + toolCount;
  }
  return files;
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
