// Search over the servers and the tools of the catalog.
import * as z from "zod";
import { database } from "../../../prisma/client.ts";
import type { ServerCard, ToolCard } from "../../api/v1/catalog-schemas.ts";
import { serverCard, serverColumns, toolCard, toolColumns } from "./cards.ts";
import { type Page, readCursor, writeCursor } from "./cursor.ts";
import { browse, find, placeSchema } from "./search-lists.ts";
import { understand, understoodSchema } from "./search-words.ts";
import { type CatalogFilters, type Of, tellingMarks } from "./shelves.ts";

export type CatalogSearch<Searched extends Of = Of> = CatalogFilters & {
  of: Searched;
  q?: string | undefined;
  cursor?: string | undefined;
  limit?: number | undefined;
};

const cursorSchema = z.strictObject({ after: placeSchema, understood: understoodSchema.nullable() });

export function isSearchCursor(text: string): boolean {
  return readCursor(text, cursorSchema) !== null;
}

/**
 * One page of servers or tools.
 *
 * Without `q`: all that the filters leave, servers with the most tools first, tools of the highest severity first, then by confidence and
 * name. With `q`, in this order:
 * 1. every entry whose name begins with what was typed, spaces and punctuation aside, in the order of the names: the name itself
 *    comes first;
 * 2. entries with all of the words, in name, server, parameters or description; a word also counts when it is begun (three letters
 *    or more), in the singular, in camel case, or, where hardly anything has it, when it is like it was misspelt. The better the words
 *    fit the higher: words of the name count for more than those of the server, and what was typed for more than what may be meant;
 * 3. when that is nothing at all, entries with any of the words.
 *
 * Bounds, so that a common word costs no more than a rare one: 1 is read in the order of an index, at any depth. For 2 and 3 about
 * a thousand entries are compared with each other. When more have the words, these are a choice by chance, the same at each search
 * (catalog_marks() in the migration), of some hundreds at least, and the list ends with them.
 *
 * Pages are by place: an entry that comes or goes meanwhile moves no other, so none is there twice and none is left out. Any text is
 * answered; one without letters or digits finds nothing, and so does a cursor that is none of ours.
 */
export function searchCatalog(asked: CatalogSearch<"servers">): Promise<Page<ServerCard>>;
export function searchCatalog(asked: CatalogSearch<"tools">): Promise<Page<ToolCard>>;
export function searchCatalog(asked: CatalogSearch): Promise<Page<ServerCard> | Page<ToolCard>>;
export async function searchCatalog(asked: CatalogSearch): Promise<Page<ServerCard> | Page<ToolCard>> {
  const { of, q = "", cursor, limit = 25 } = asked;
  const from = cursor === undefined ? null : readCursor(cursor, cursorSchema);
  if (cursor !== undefined && from === null) return { items: [], nextCursor: null };
  const isSearch = q.trim() !== "";
  const understood = from?.understood ?? (isSearch ? await understand(q, of) : null);
  if (isSearch && understood === null) return { items: [], nextCursor: null };

  const after = from?.after ?? null;
  const found = understood
    ? await find(
        { ...asked, marks: await tellingMarks(of, asked) },
        understood,
        after?.by === "rank" ? null : after,
        limit + 1,
      )
    : await browse(asked, after?.by === "rank" ? after : null, limit + 1);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const nextCursor = found.length > limit && last ? writeCursor({ after: last, understood }) : null;
  const ids = page.map(({ id }) => id);
  return of === "servers" ? { items: await serversOf(ids), nextCursor } : { items: await toolsOf(ids), nextCursor };
}

/** In the order of the ids; what is gone meanwhile is left out. */
async function serversOf(ids: string[]): Promise<ServerCard[]> {
  const rows = await database().catalogServer.findMany({
    where: { id: { in: ids } },
    select: { id: true, ...serverColumns },
  });
  return inOrder(ids, rows).map(serverCard);
}

async function toolsOf(ids: string[]): Promise<ToolCard[]> {
  const rows = await database().catalogTool.findMany({
    where: { id: { in: ids } },
    select: { id: true, ...toolColumns },
  });
  return inOrder(ids, rows).map(toolCard);
}

function inOrder<Row extends { id: string }>(ids: readonly string[], rows: readonly Row[]): Row[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
