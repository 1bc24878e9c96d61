import type { Lexicon } from "./lexicon.ts";
import type { Reading } from "./reading.ts";
import type { Signal } from "./schema.ts";

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
  const signals: Signal[] = [];
  const replaced = new Set<string>();
  const all = [...name.verbs, ...main.verbs];
  const asked = new Set<object>();
  for (const [verb, row] of all.flatMap((verb) =>
    (lexicon.pairs.get(verb.base) ?? []).map((row) => [verb, row] as const),
  )) {
    if (asked.has(row)) continue;
    asked.add(row);
    const around = row.within === "name" ? inName : [...inName, ...inSentence];
    const isObject = (word: string) =>
      word !== verb.base && (row.objects.has(word) || (word.endsWith("s") && row.objects.has(word.slice(0, -1))));
    if (!around.some(isObject) || around.some((word) => row.except.has(word))) continue;
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
