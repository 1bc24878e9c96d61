// Places of servers in addresses.
import { distinctSlugOf, slugOf } from "../../../catalog/slug.ts";
import type { Prisma } from "../../../prisma/client.ts";

/** Whether a server could have it. Addresses hold anything, also what Postgres cannot even compare with. */
export function isSlug(text: string): boolean {
  return /^[a-z0-9-]{1,120}$/.test(text);
}

/** A slug that no server has. To be asked with the catalog's lock held. */
export async function freeSlug(tx: Prisma.TransactionClient, source: string): Promise<string> {
  const wanted = [slugOf(source), distinctSlugOf(source)];
  const taken = await tx.catalogServer.findMany({
    where: { slug: { in: [...wanted, ...numbered(source)] } },
    select: { slug: true },
  });
  const free = [...wanted, ...numbered(source)].find((slug) => !taken.some((row) => row.slug === slug));
  if (free === undefined) throw new Error(`there is no slug left for ${source}`);
  return free;
}

/** For the case that even the marks of two sources are the same. */
function numbered(source: string): string[] {
  return Array.from({ length: 20 }, (_, at) => `${distinctSlugOf(source)}-${at + 2}`);
}
