// What changed in the catalog, newest first.
import * as z from "zod";
import { database } from "../../../prisma/client.ts";
import { type CatalogEventKind, type CatalogEventRow, catalogEventSchema } from "../../api/v1/catalog-schemas.ts";
import { type Page, pageOf, readCursor } from "./cursor.ts";
import { isSlug } from "./slugs.ts";

const place = z.tuple([z.iso.datetime(), z.uuid()]);
const shapes = catalogEventSchema.pick({ kind: true, grades: true });

export type EventsAsked = {
  slug?: string | undefined;
  kind?: CatalogEventKind | undefined;
  cursor?: string | undefined;
  limit?: number | undefined;
};

export function isEventsCursor(text: string): boolean {
  return readCursor(text, place) !== null;
}

/** One page. Events that come meanwhile move nothing. Empty for an unknown server, or from a cursor that is none. */
export async function catalogEvents({
  slug,
  kind,
  cursor,
  limit = 50,
}: EventsAsked = {}): Promise<Page<CatalogEventRow>> {
  const after = cursor === undefined ? null : readCursor(cursor, place);
  if (cursor !== undefined && after === null) return { items: [], nextCursor: null };
  const server =
    slug === undefined || !isSlug(slug)
      ? null
      : await database().catalogServer.findUnique({ where: { slug }, select: { id: true } });
  if (slug !== undefined && server === null) return { items: [], nextCursor: null };
  const rows = await database().catalogEvent.findMany({
    where: {
      ...(server ? { serverId: server.id } : {}),
      kind,
      // The bound on `at` alone is what the index can begin at.
      ...(after
        ? { at: { lte: after[0] }, OR: [{ at: { lt: after[0] } }, { at: after[0], id: { lt: after[1] } }] }
        : {}),
    },
    orderBy: [{ at: "desc" }, { id: "desc" }],
    take: limit + 1,
    include: { server: { select: { slug: true, name: true } } },
  });
  return pageOf(
    rows,
    limit,
    ({ id, at, server, tool, fromVersion, toVersion, before, after, kind, grades }) => ({
      id,
      at: at.toISOString(),
      server,
      tool,
      fromVersion,
      toVersion,
      before,
      after,
      ...shapes.parse({ kind, grades }),
    }),
    ({ at, id }) => [at.toISOString(), id],
  );
}
