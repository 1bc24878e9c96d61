import type { Verb } from "./verbs.ts";
import type { Word } from "./words.ts";

/** What a text says is done: the verbs that stand where an action stands, and the words around them. */
export type Reading = { verbs: Verb[]; words: Word[] };

/** The words of a list written with blanks. */
export const set = (words: string): ReadonlySet<string> => new Set(words.split(" "));

export const prepositions = set(
  "by for to from with in of on at as via using into per without before after until against",
);
export const conjunctions = set("and or then plus");
export const determiners = set(
  "a an the your this that these those all any one some multiple new existing another each every its their current specified given several many two specific it them",
);
