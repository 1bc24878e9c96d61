import type { Lexicon } from "./lexicon.ts";
import type { Signal } from "./schema.ts";
import { wordsOfName, wordsOfText } from "./words.ts";

/** Verbs of languages other than English: among the first words, or anywhere in a script that does not separate words. */
export function foreignSignals(text: string, source: Signal["source"], lexicon: Lexicon): Signal[] {
  const words = source === "description" ? wordsOfText(text, 3) : wordsOfName(text);
  const start = text.slice(0, 200);
  const signals: Signal[] = [];
  for (const row of lexicon.foreign) {
    const word = words.find((candidate) => row.words.has(candidate.word));
    const quote = word?.raw ?? row.characters.find((characters) => start.includes(characters));
    if (quote !== undefined) signals.push({ id: row.id, category: row.category, source, quote, weight: 0.7 });
  }
  return signals;
}
