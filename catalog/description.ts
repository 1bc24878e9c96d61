import type { Lexicon } from "./lexicon.ts";
import type { NameReading } from "./name.ts";
import { precedence } from "./precedence.ts";
import { determiners, prepositions, type Reading, set } from "./reading.ts";
import { readSentence } from "./sentence.ts";
import { type Verb, verbOfText } from "./verbs.ts";
import { baseForms, sentencesOf, withoutCircles, withoutIdioms, wordsOfText } from "./words.ts";

export type DescriptionReading = {
  /** The first sentence that says what is done. */
  main: Reading & { sentence: string };
  /** Verbs worse than Read in later sentences that say what the tool does, each with its sentence. */
  later: { verb: Verb; sentence: string }[];
  /** It begins with an order that no row of the table knows. */
  isUnknown: boolean;
};

// Said of any tool in passing: "Accepts a list of …", "Resolves the id first".
const asides = set(
  "accept make follow resolve enable support render combine apply convert transform define handle ensure prepare expand",
);
const negations = set("not never no without cannot don't doesn't won't isn't n't nor neither avoid");
const subjects = set(
  "this it also tool action operation call calling will then additionally automatically the and can may which",
);

/** Reads a whole description, in linear time. The first sentence decides; later ones can only add something worse. */
export function readDescription(text: string, name: NameReading, lexicon: Lexicon): DescriptionReading {
  const sentences = sentencesOf(withoutIdioms(withoutCircles(text)));
  let main: DescriptionReading["main"] = { verbs: [], words: [], sentence: sentences[0] ?? "" };
  let mainAt = 0;
  const isUnknown = isUnknownOrder(main.sentence, name);
  for (let at = 0; at < (isUnknown ? 1 : Math.min(sentences.length, 4)); at += 1) {
    const sentence = sentences[at] ?? "";
    const reading = readSentence(sentence, name, lexicon);
    if (reading.verbs.length > 0) {
      main = { ...reading, sentence };
      mainAt = at;
      break;
    }
  }
  const later: DescriptionReading["later"] = [];
  for (const sentence of sentences.slice(mainAt + 1)) {
    const verb = laterVerb(sentence, lexicon);
    if (verb !== null) later.push({ verb, sentence });
  }
  return { main, later, isUnknown };
}

/** "Frobnicate the widget" of `frobnicate_widget`: what is read in later sentences is not what it does. */
function isUnknownOrder(sentence: string, { words, bases }: NameReading): boolean {
  const [first, next] = wordsOfText(sentence, 2);
  const word = words[0]?.word ?? "";
  if (first === undefined || next === undefined || bases.has(word) || !determiners.has(next.word)) return false;
  return baseForms(first.word).some(({ base }) => base === word);
}

/** "This will also delete …", "Deletes …": the tool itself does it. Orders to the reader ("Delete the …") are left out. */
function laterVerb(sentence: string, lexicon: Lexicon): Verb | null {
  const words = wordsOfText(sentence, 8);
  for (const [at, word] of words.entries()) {
    if (negations.has(word.word)) return null;
    const verb = verbOfText(word, lexicon);
    if (
      verb !== null &&
      !verb.row.noun &&
      !asides.has(verb.base) &&
      precedence(verb.row.category) > precedence("Read")
    ) {
      const before = words[at - 1]?.word;
      const next = words[at + 1]?.word ?? "";
      const isObject = !prepositions.has(next) && next !== "which" && next !== "that";
      if (verb.form === "s" && isObject && (subjects.has(words[0]?.word ?? "") || determiners.has(next))) return verb;
      if (verb.form === "base" && (before === "will" || before === "also" || before === "can")) return verb;
      return null;
    }
    if (!subjects.has(word.word) && !word.word.endsWith("ly")) return null;
  }
  return null;
}
