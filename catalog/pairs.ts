import type { Lexicon, LexiconPair } from "./lexicon.ts";
import { precedence } from "./precedence.ts";
import { conjunctions, prepositions, type Reading } from "./reading.ts";
import type { Signal } from "./schema.ts";
import type { Verb } from "./verbs.ts";

/** How many words after the verb still belong to what it is done to. */
const reach = 7;

/** Verbs that mean something else with a certain object: creating an invoice, or the image of a machine. */
export function pairSignals(
  rawName: string,
  name: Reading,
  main: Reading & { sentence: string },
  lexicon: Lexicon,
): { signals: Signal[]; replaced: ReadonlySet<string> } {
  const inName = name.words.map((word) => word.word);
  const inSentence = main.words.slice(1, reach).map((word) => word.word);
  const end = inSentence.findIndex((word) => prepositions.has(word) || word === "based" || conjunctions.has(word));
  const directObject = end === -1 ? inSentence : inSentence.slice(0, end);
  const signals: Signal[] = [];
  const replaced = new Set<string>();
  const all = [...name.verbs, ...main.verbs];
  const asked = new Set<object>();
  for (const [verb, row] of all.flatMap((verb) =>
    (lexicon.pairs.get(verb.base) ?? []).map((row) => [verb, row] as const),
  )) {
    if (asked.has(row)) continue;
    asked.add(row);
    // What lowers a verb must be what the verb is done to: "generate a video from prompts" does not make prompts.
    const near = row.instead ? directObject : inSentence;
    const around = row.within === "name" ? inName : [...inName, ...near];
    const isObject = (word: string) => word !== verb.base && holds(row.objects, word);
    if (!around.some(isObject) || around.some((word) => holds(row.except, word))) continue;
    if (row.instead) replaced.add(verb.base);
    const isNamed = inName.some(isObject);
    signals.push({
      id: row.id,
      category: row.category,
      source: isNamed ? "name" : "description",
      quote: isNamed ? rawName : main.sentence.slice(0, 200),
      weight: 0.8,
    });
  }
  return { signals, replaced };
}

/** What a verb among the arguments means for what the name is about: only what is worse than the verb. */
export function pairsOf(verb: Verb, nameWords: readonly string[], lexicon: Lexicon): readonly LexiconPair[] {
  return (lexicon.pairs.get(verb.base) ?? []).filter(
    (row) =>
      precedence(row.category) > precedence(verb.row.category) &&
      nameWords.some((word) => holds(row.objects, word)) &&
      !nameWords.some((word) => holds(row.except, word)),
  );
}

/** The word itself, or one of which it is the plural. */
function holds(words: ReadonlySet<string>, word: string): boolean {
  return words.has(word) || (word.endsWith("s") && words.has(word.slice(0, -1)));
}
