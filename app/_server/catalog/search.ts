// Search over the servers and the tools of the catalog.
import * as z from "zod";
import { database, Prisma } from "../../../prisma/client.ts";
import type { ServerCard, ToolCard } from "../../api/v1/catalog-schemas.ts";
import { serverCard, serverColumns, toolCard, toolColumns } from "./cards.ts";
import { type Page, readCursor, writeCursor } from "./cursor.ts";
import { lastCharacter, queryOf, typedQuery, type Understood, understand, understoodSchema } from "./search-words.ts";
import { type CatalogFilters, type Of, onShelves, tellingMarks } from "./shelves.ts";

export type CatalogSearch<Searched extends Of = Of> = CatalogFilters & {
  of: Searched;
  q?: string | undefined;
  cursor?: string | undefined;
  limit?: number | undefined;
};

const int = z
  .int()
  .min(-(2 ** 31))
  .max(2 ** 31 - 1);
/** 64 characters, of two units each at most. */
const nameKey = z.string().max(128);
const level = z.int().min(0).max(5);
/** Where in a list an entry stands. */
const placeSchema = z.discriminatedUnion("by", [
  z.strictObject({ by: z.literal("rank"), rank: int, nameKey, id: z.uuid() }),
  z.strictObject({ by: z.literal("name"), nameKey, id: z.uuid() }),
  z.strictObject({ by: z.literal("words"), need: z.enum(["all", "any"]), level, score: int, id: z.uuid() }),
]);
type Place = z.infer<typeof placeSchema>;
type PlaceBy<By extends Place["by"]> = Extract<Place, { by: By }>;
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

async function browse(asked: CatalogSearch, after: PlaceBy<"rank"> | null, limit: number): Promise<PlaceBy<"rank">[]> {
  const beyond = after
    ? Prisma.sql`AND (e."rank", e."nameKey", e."id") > (${after.rank}::int, ${after.nameKey}, ${after.id}::uuid)`
    : Prisma.empty;
  return database().$queryRaw`
    SELECT 'rank' AS "by", f."rank", f."nameKey", f."id" FROM "CatalogShelf" s CROSS JOIN LATERAL (
      SELECT e."rank", e."nameKey", e."id" FROM "CatalogEntry" e WHERE e."shelf" = s."shelf" ${beyond}
      ORDER BY e."rank", e."nameKey", e."id" LIMIT ${limit}::int
    ) AS f
    WHERE ${onShelves("s", asked.of, asked)} ORDER BY f."rank", f."nameKey", f."id" LIMIT ${limit}::int`;
}

type Asked = CatalogSearch & { marks: string[] };

async function find(
  asked: Asked,
  understood: Understood,
  after: PlaceBy<"name"> | PlaceBy<"words"> | null,
  limit: number,
): Promise<Place[]> {
  if (after?.by === "words") return (await compare(asked, understood, after, limit)).best;
  const named = await findByName(asked, understood.key, after, limit);
  if (named.length >= limit) return named;
  const rest = limit - named.length;
  const fitting = await findByWords(asked, understood, "all", rest);
  if (named.length + fitting.length > 0 || after !== null || understood.words.length < 2) return [...named, ...fitting];
  return findByWords(asked, understood, "any", rest);
}

async function findByName(
  asked: Asked,
  key: string,
  after: PlaceBy<"name"> | null,
  limit: number,
): Promise<PlaceBy<"name">[]> {
  const beyond = after ? Prisma.sql`AND (e."nameKey", e."id") > (${after.nameKey}, ${after.id}::uuid)` : Prisma.empty;
  return database().$queryRaw`
    SELECT 'name' AS "by", f."nameKey", f."id" FROM "CatalogShelf" s CROSS JOIN LATERAL (
      SELECT e."nameKey", e."id" FROM "CatalogEntry" e WHERE e."shelf" = s."shelf" AND ${begins(key)} ${beyond}
      ORDER BY e."nameKey", e."id" LIMIT ${limit}::int
    ) AS f
    WHERE ${onShelves("s", asked.of, asked)} ORDER BY f."nameKey", f."id" LIMIT ${limit}::int`;
}

function begins(key: string): Prisma.Sql {
  return Prisma.sql`e."nameKey" >= ${key} AND e."nameKey" < ${key + lastCharacter}`;
}

/** Of all entries; below it a fourth, a sixteenth and so on of them. */
const levelMax = 5;
const comparedMax = 1_500;
const comparedMin = 250;
/** Whatever a cursor says that somebody made up. */
const comparedAtMost = 5_000;

type Beginning = { need: "all" | "any"; level: number };

/** The best of so many levels of chance that some hundred entries are compared, or of all entries where there are not more. */
async function findByWords(
  asked: Asked,
  understood: Understood,
  need: "all" | "any",
  limit: number,
): Promise<PlaceBy<"words">[]> {
  const ofLevel1 = await countByWords(asked, understood, { need, level: 1 });
  let level = ofLevel1 > comparedMax ? 0 : 1;
  while (level > 0 && level < levelMax && ofLevel1 * 4 ** level <= comparedMax) level += 1;
  for (; ; level += 1) {
    const { best, of } = await compare(asked, understood, { need, level }, limit);
    if (level >= levelMax || of >= comparedMin) return best;
  }
}

async function countByWords(asked: Asked, understood: Understood, from: Beginning): Promise<number> {
  const rows = await database().$queryRaw<{ entries: number }[]>`
    SELECT count(*)::int AS "entries" FROM (
      SELECT 1 FROM "CatalogEntry" e WHERE ${hasWords(asked, understood, from)} LIMIT ${comparedMax + 1}::int
    ) AS few`;
  return rows[0]?.entries ?? 0;
}

function hasWords(asked: Asked, { words }: Understood, { need, level }: Beginning): Prisma.Sql {
  const query = queryOf(words, need, level === levelMax ? asked.marks : [...asked.marks, `=${level}`]);
  return Prisma.sql`e."vector" @@ ${query}::tsquery AND ${onShelves("e", asked.of, asked)}`;
}

/** A word of the name weighs as much as ten of a description. */
const weights = [0.1, 0.2, 0.4, 1];

/** The best of the entries that the words find, but for those that are found by their name, and how many they are the best of. */
async function compare(
  asked: Asked,
  understood: Understood,
  from: Beginning | PlaceBy<"words">,
  limit: number,
): Promise<{ best: PlaceBy<"words">[]; of: number }> {
  const { need, level } = from;
  const { key, words } = understood;
  const beyond =
    "id" in from
      ? Prisma.sql`WHERE "score" < ${from.score}::int OR ("score" = ${from.score}::int AND "id" > ${from.id}::uuid)`
      : Prisma.empty;
  const rows = await database().$queryRaw<{ score: number; id: string; of: number }[]>`
    SELECT "score", "id", (count(*) OVER ())::int AS "of" FROM (
      SELECT e."id", (
        2000 * ts_rank(${weights}::float4[], e."vector", ${typedQuery(words)}::tsquery)
        + 1000 * ts_rank(${weights}::float4[], e."vector", ${queryOf(words, "any", [])}::tsquery)
        + 200 * least(1, ${key.length}::float8 / greatest(1, length(e."nameKey")))
      )::int AS "score"
      FROM (
        SELECT e."id", e."vector", e."nameKey" FROM "CatalogEntry" e
        WHERE ${hasWords(asked, understood, from)} AND NOT (${begins(key)})
        LIMIT ${comparedAtMost}::int
      ) AS e
    ) AS compared
    ${beyond} ORDER BY "score" DESC, "id" LIMIT ${limit}::int`;
  return { best: rows.map(({ score, id }) => ({ by: "words", need, level, score, id })), of: rows[0]?.of ?? 0 };
}
