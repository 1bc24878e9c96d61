// What somebody who searches may mean: the words that they typed, and the words of the catalog that these begin or misspell.
import * as z from "zod";
import { database, Prisma } from "../../../prisma/client.ts";
import type { Of } from "./shelves.ts";

const textLengthMax = 200;
const wordsMax = 8;
const wordLengthMax = 40;
/** Shorter ones begin too many words to say anything; names that begin with them are found all the same. */
const begunLengthMin = 3;
const completionsMax = 10;
/** Of the words that begin so, these many are looked at: a bound for vocabularies of numbers. */
const begunMax = 2_000;
const similarMax = 5;
const similarLengthMin = 4;
/** So many words at most are held against all others. */
const unsureMax = 3;
/** A word that so few entries have may be a slip; then similar ones are looked for as well. */
const rareMax = 4;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are no part of a word either
const wordPattern = /^[^\u0000-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007f]+$/;
/** As catalog_words() makes them: no punctuation, so neither operators nor the marks that filters go by. */
const lexeme = z.string().max(128).regex(wordPattern);

/** What was typed, understood. It travels in cursors, so that all pages of a search look for the same. */
export const understoodSchema = z.strictObject({
  /** Letters and digits of the whole, as names are compared by. */
  key: z
    .string()
    .max(128)
    .regex(/^[^\0]*$/),
  words: z
    .array(
      z.strictObject({
        typed: lexeme,
        /** What counts as the word besides: its completions, singular, corrections. */
        also: z.array(lexeme).max(40),
        /** Where camel case splits it: all of these together count as the word as well. */
        parts: z.array(lexeme).max(wordsMax),
        /** What a description may have of it. */
        stem: lexeme.nullable(),
      }),
    )
    .max(wordsMax),
});
export type Understood = z.infer<typeof understoodSchema>;
type TypedWord = Understood["words"][number];

type WordRow = {
  key: string;
  split: string;
  word: string;
  /** Empty for words that say nothing, such as "the". */
  stems: string[];
  singular: string | null;
  completions: string[];
  /** Of the word and of its completions together. */
  entries: number;
};

/** @returns Null when nothing that could be looked for was typed. */
export async function understand(text: string, of: Of): Promise<Understood | null> {
  const typed = text.slice(0, textLengthMax).replace(/\0|\p{Surrogate}/gu, " ");
  const count = countOf(of);
  const rows = await database().$queryRaw<WordRow[]>`
    SELECT catalog_name_key(q."split") AS "key", q."split", t."word",
      coalesce(ts_lexize('english_stem', t."word"), ARRAY[t."word"]) AS "stems",
      (SELECT w."word" FROM "CatalogWord" w
        WHERE w."word" IN (regexp_replace(t."word", 's$', ''), regexp_replace(t."word", 'es$', ''), regexp_replace(t."word", 'ies$', 'y'))
          AND w."word" <> t."word" AND w.${count} > 0
        ORDER BY w.${count} DESC, w."word" LIMIT 1) AS "singular",
      b."completions",
      b."entries" + coalesce((SELECT w.${count} FROM "CatalogWord" w WHERE w."word" = t."word"), 0) AS "entries"
    FROM (SELECT catalog_words(${typed}) AS "split", catalog_words(lower(${typed})) AS "whole") AS q
    CROSS JOIN LATERAL (
      SELECT left("word", ${wordLengthMax}::int) AS "word", min("at") AS "at"
      FROM regexp_split_to_table(q."whole", ' +') WITH ORDINALITY AS r ("word", "at")
      WHERE "word" <> '' GROUP BY 1 ORDER BY 2 LIMIT ${wordsMax}::int
    ) AS t
    CROSS JOIN LATERAL (
      SELECT coalesce(array_agg("word"), '{}') AS "completions", coalesce(sum("entries"), 0)::int AS "entries" FROM (
        SELECT "word", "entries" FROM (
          SELECT w."word", w.${count} AS "entries" FROM "CatalogWord" w
          WHERE w."word" > t."word" AND w."word" < t."word" || ${lastCharacter} AND w.${count} > 0
            AND length(t."word") >= ${begunLengthMin}::int
          ORDER BY w."word" LIMIT ${begunMax}::int
        ) AS begun ORDER BY "entries" DESC, "word" LIMIT ${completionsMax}::int
      ) AS likeliest
    ) AS b
    ORDER BY t."at"`;
  if (rows.length === 0) return null;
  // "the file" is about files; somebody who looks for "all" means it.
  const telling = rows.some(({ stems }) => stems.length > 0) ? rows.filter(({ stems }) => stems.length > 0) : rows;
  const unsure = telling
    .filter(({ word, entries }) => entries <= rareMax && word.length >= similarLengthMin)
    .slice(0, unsureMax)
    .map(({ word }) => word);
  const similar = unsure.length === 0 ? new Map<string, string[]>() : await similarWords(unsure, of);
  return {
    key: rows[0]?.key ?? "",
    words: telling.map(({ word, split, stems, singular, completions }) => ({
      typed: word,
      also: [...new Set([...(singular === null ? [] : [singular]), ...completions, ...(similar.get(word) ?? [])])],
      parts: partsOf(word, split.split(" ")),
      stem: stems[0] ?? null,
    })),
  };
}

/** Sorts after everything that follows a beginning. */
export const lastCharacter = "\u{10ffff}";

function countOf(of: Of): Prisma.Sql {
  return of === "tools" ? Prisma.sql`"tools"` : Prisma.sql`"servers"`;
}

/** Of `git hub issue`, what `github` consists of. */
function partsOf(word: string, split: readonly string[]): string[] {
  for (let from = 0; from < split.length; from += 1) {
    let joined = "";
    for (let to = from; to < split.length && joined.length < word.length; to += 1) {
      joined += split[to];
      if (joined === word && to > from) return split.slice(from, to + 1).slice(0, wordsMax);
    }
  }
  return [];
}

/** Words of the catalog that look like each, the likeliest first: three letters in a row are compared, and swapped letters. */
async function similarWords(words: readonly string[], of: Of): Promise<Map<string, string[]>> {
  const count = countOf(of);
  const slips = words.flatMap((word) => slipsOf(word).map((meant) => ({ word, meant })));
  const rows = await database().$queryRaw<{ word: string; similar: string }[]>`
    SELECT t."word", s."similar" FROM unnest(${words}::text[]) AS t ("word")
    CROSS JOIN LATERAL (
      SELECT "similar" FROM (
        SELECT w."word" AS "similar", similarity(w."word", t."word") AS "likeness", w.${count} AS "entries"
        FROM "CatalogWord" w WHERE w."word" % t."word" AND w.${count} > 0
        UNION ALL
        SELECT w."word", 1, w.${count} FROM unnest(${slips.map(({ word }) => word)}::text[], ${slips.map(({ meant }) => meant)}::text[])
          AS m ("word", "meant") JOIN "CatalogWord" w ON w."word" = m."meant" AND w.${count} > 0
        WHERE m."word" = t."word"
      ) AS found WHERE "similar" <> t."word"
      ORDER BY "likeness" DESC, "entries" DESC, "similar" LIMIT ${similarMax}::int
    ) AS s`;
  const found = new Map<string, string[]>();
  for (const { word, similar } of rows) found.set(word, [...(found.get(word) ?? []), similar]);
  return found;
}

/** Two letters swapped, or one too many. */
function slipsOf(word: string): string[] {
  const letters = [...word];
  return letters.flatMap((letter, at) => {
    const [before, after] = [letters.slice(0, at).join(""), letters.slice(at + 1)];
    const next = after[0];
    const shorter = before + after.join("");
    return next === undefined ? [shorter] : [shorter, before + next + letter + after.slice(1).join("")];
  });
}

/** The words as a tsquery. @param need Whether an entry must have all of the words, or any. */
export function queryOf(words: readonly TypedWord[], need: "all" | "any", marks: readonly string[]): string {
  const meanings = words.map(({ typed, also, parts, stem }) => {
    const ways = [typed, ...also].map(quote);
    if (parts.length > 0) ways.push(`(${parts.map(quote).join(" & ")})`);
    if (stem !== null && stem !== typed && !also.includes(stem)) ways.push(`${quote(stem)}:D`);
    return `(${ways.join(" | ")})`;
  });
  return [`(${meanings.join(need === "all" ? " & " : " | ")})`, ...marks.map(quote)].join(" & ");
}

/** Any of the words just as they were typed. */
export function typedQuery(words: readonly TypedWord[]): string {
  return words
    .flatMap(({ typed, parts }) => [typed, ...parts])
    .map(quote)
    .join(" | ");
}

/** A lexeme as a tsquery has it; nothing in it is an operator. */
export function quote(lexeme: string): string {
  return `'${lexeme.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
