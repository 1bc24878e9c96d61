import type { Lexicon, SeenVerb } from "./lexicon.ts";
import type { VerbRow } from "./signals.ts";
import { baseForms, type Form, type Word } from "./words.ts";

/** A word that names an action, with the row of the signals table it comes from. */
export type Verb = {
  word: Word;
  base: string;
  form: Form;
  row: VerbRow;
  /** The description reads, so a word like `log` at the end of a name is what is read. */
  isLikelyNoun?: true;
};

// A prefix may be part of the verb (`autofix`, `bulkdelete`), and some names come without any separator (`tfdestroy`).
const gluedVerbs = ["delete", "destroy", "remove", "create", "update", "execute", "terminate", "purge"];
const gluedReadVerbs = ["get", "list", "search", "fetch", "find"];

const repeating = /^(?:re|auto|bulk|batch|mass|multi|force|safe|quick)(?=.{4})/;
const undoing = /^(?:un|de|dis)(?=.{4})/;

/** The row of a verb that is not in the table itself: `reauthorize` is an authorize; `unlist` changes what is listed. */
function derivedRow(word: string, { verbs }: Lexicon): VerbRow | undefined {
  const again = verbs.get(word.replace(repeating, ""));
  if (again !== undefined) return again;
  const undone = undoing.test(word) ? verbs.get(word.replace(undoing, "")) : undefined;
  if (undone?.category !== "Read") return undone;
  return word.startsWith("un") ? verbs.get("update") : undefined;
}

/** The row a word stands for, if any. */
function rowFor(word: string, lexicon: Lexicon): VerbRow | undefined {
  return lexicon.verbs.get(word) ?? derivedRow(word, lexicon);
}

/** The verb of a word in a name: base forms only there, since `updates` in a name is a noun. */
export function verbOfName(word: Word, lexicon: Lexicon): Verb | null {
  return remembered(lexicon.seen.inNames, word, lexicon, seenInName);
}

function seenInName(word: string, lexicon: Lexicon): SeenVerb | null {
  const row = rowFor(word, lexicon);
  if (row !== undefined) return { base: word, form: "base", row };
  for (const verb of gluedVerbs) {
    if (word.length - verb.length < 2 || !(word.startsWith(verb) || word.endsWith(verb))) continue;
    // `deleted` and `sender` are participles and nouns, not orders.
    if (/^(?:d|s|r|er|or|ed|ing|ion|ions|ers|ors|able)$/.test(word.slice(verb.length))) continue;
    const glued = lexicon.verbs.get(verb);
    if (glued !== undefined) return { base: verb, form: "base", row: glued };
  }
  for (const verb of gluedReadVerbs) {
    const glued = lexicon.verbs.get(verb);
    const rest = word.slice(verb.length);
    if (glued !== undefined && word.startsWith(verb) && rest.length >= 4 && !/^(?:ing|ers?|ed)/.test(rest)) {
      return { base: verb, form: "base", row: glued };
    }
  }
  return null;
}

/** The verb of a word in running text, in any form but the past, which describes a thing (`deleted users`). */
export function verbOfText(word: Word, lexicon: Lexicon): Verb | null {
  return remembered(lexicon.seen.inTexts, word, lexicon, seenInText);
}

function seenInText(word: string, lexicon: Lexicon): SeenVerb | null {
  for (const { base, form } of baseForms(word)) {
    const row = rowFor(base, lexicon);
    if (row !== undefined) return { base, form, row };
  }
  return null;
}

// The words come from servers, so only so many are kept, and none of them long.
const rememberedMax = 20_000;
const lengthMax = 40;

function remembered(
  seen: Map<string, SeenVerb | null>,
  word: Word,
  lexicon: Lexicon,
  see: (word: string, lexicon: Lexicon) => SeenVerb | null,
): Verb | null {
  let verb = seen.get(word.word);
  if (verb === undefined) {
    verb = see(word.word, lexicon);
    if (seen.size < rememberedMax && word.word.length <= lengthMax) seen.set(word.word, verb);
  }
  return verb === null ? null : { word, base: verb.base, form: verb.form, row: verb.row };
}
