// The lists that a search is made of, each read from an index as far as a page needs. What they promise stands with searchCatalog().
import * as z from "zod";
import { database, Prisma } from "../../../prisma/client.ts";
import { lastCharacter, queryOf, typedQuery, type Understood } from "./search-words.ts";
import { type CatalogFilters, type Of, onShelves } from "./shelves.ts";

const int = z
  .int()
  .min(-(2 ** 31))
  .max(2 ** 31 - 1);
/** 64 characters, of two units each at most. */
const nameKey = z
  .string()
  .max(128)
  .regex(/^[^\0]*$/);
const level = z.int().min(0).max(5);
/** Where in a list an entry stands. */
export const placeSchema = z.discriminatedUnion("by", [
  z.strictObject({ by: z.literal("rank"), rank: int, nameKey, id: z.uuid() }),
  z.strictObject({ by: z.literal("name"), nameKey, id: z.uuid() }),
  z.strictObject({ by: z.literal("words"), need: z.enum(["all", "any"]), level, score: int, id: z.uuid() }),
]);
export type Place = z.infer<typeof placeSchema>;
type PlaceBy<By extends Place["by"]> = Extract<Place, { by: By }>;

type Asked = CatalogFilters & {
  of: Of;
  /** Of the filters those that are looked up among the words. */
  marks: string[];
};

export async function browse(
  asked: Omit<Asked, "marks">,
  after: PlaceBy<"rank"> | null,
  limit: number,
): Promise<PlaceBy<"rank">[]> {
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

export async function find(
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
    if (level >= levelMax || (of ?? (await countByWords(asked, understood, { need, level }))) >= comparedMin)
      return best;
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

/**
 * The best of the entries that the words find, but for those that are found by their name already.
 *
 * @returns Also how many the words find, those included; null when none is left.
 */
async function compare(
  asked: Asked,
  understood: Understood,
  from: Beginning | PlaceBy<"words">,
  limit: number,
): Promise<{ best: PlaceBy<"words">[]; of: number | null }> {
  const { need, level } = from;
  const { key, words } = understood;
  const beyond =
    "id" in from
      ? Prisma.sql`WHERE "score" < ${from.score}::int OR ("score" = ${from.score}::int AND "id" > ${from.id}::uuid)`
      : Prisma.empty;
  const rows = await database().$queryRaw<{ score: number; id: string; of: number }[]>`
    SELECT "score", "id", "of" FROM (
      SELECT e."id", e."of", (
        2000 * ts_rank(${weights}::float4[], e."vector", ${typedQuery(words)}::tsquery)
        + 1000 * ts_rank(${weights}::float4[], e."vector", ${queryOf(words, "any", [])}::tsquery)
        + 200 * least(1, ${key.length}::float8 / greatest(1, length(e."nameKey")))
      )::int AS "score"
      FROM (
        SELECT found.*, (count(*) OVER ())::int AS "of" FROM (
          SELECT e."id", e."vector", e."nameKey" FROM "CatalogEntry" e WHERE ${hasWords(asked, understood, from)}
          LIMIT ${comparedAtMost}::int
        ) AS found
      ) AS e WHERE NOT (${begins(key)})
    ) AS compared
    ${beyond} ORDER BY "score" DESC, "id" LIMIT ${limit}::int`;
  return { best: rows.map(({ score, id }) => ({ by: "words", need, level, score, id })), of: rows[0]?.of ?? null };
}
