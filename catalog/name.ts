import type { Lexicon } from "./lexicon.ts";
import { conjunctions, prepositions, type Reading, set } from "./reading.ts";
import { type Verb, verbOfName } from "./verbs.ts";
import { type Word, withoutIdioms, wordsOfName } from "./words.ts";

/** What may follow the verb that ends a name: `get_and_delete_all`, `user_delete_v2`. */
const extents = set("all every everything now forever v");

/** Where the last word of a name is, but for how much of it and in which version. */
export function lastAction(words: readonly Word[]): number {
  return words.findLastIndex(({ word }) => !extents.has(word) && !/^\d+$/.test(word));
}

export type NameReading = Reading & {
  /** Verbs joined by `and` or `or`: the tool does each of them. */
  isCompound: boolean;
  /** Every word that can be a verb, chosen or not. */
  bases: ReadonlySet<string>;
};

/**
 * Reads a tool name. The verb is the first word (`get_update_status`), else the last (`d1_database_create`), else one in
 * between (`notion-create-pages`). A word that is as often a noun counts only when nothing better is there, so `order_create`
 * is a create. What follows a preposition is what the action is about (`wait_for_run`). A second verb after `and` or `or`
 * always counts.
 */
export function readName(name: string, lexicon: Lexicon): NameReading {
  const words = wordsOfName(withoutIdioms(name));
  const found = words.map((word) => verbOfName(word, lexicon));
  const from = found.findIndex((verb) => verb !== null);
  const preposition = words.findIndex((word, at) => from !== -1 && at > from && prepositions.has(word.word));
  const end = preposition === -1 ? words.length : preposition;
  const verbs = found.slice(0, end).filter((verb) => verb !== null);
  const plain = verbs.filter((verb) => !verb.row.noun);

  const last = lastAction(words.slice(0, end));
  const chosen = new Set<Verb | null | undefined>([plain[0]]);
  // `accounts_list_delete`: when the name ends in another verb, either may be meant.
  if (found[last]?.row.noun !== true) chosen.add(found[last]);
  if (plain.length === 0) chosen.add(found[0] ?? verbs.at(-1));

  let isCompound = false;
  words.forEach((word, at) => {
    const next = found[at + 1];
    if (!conjunctions.has(word.word) || !next) return;
    chosen.add(next);
    isCompound = true;
  });
  return {
    words,
    verbs: [...chosen].filter((verb) => verb !== null && verb !== undefined),
    isCompound,
    bases: new Set(found.flatMap((verb) => (verb === null ? [] : [verb.base]))),
  };
}
