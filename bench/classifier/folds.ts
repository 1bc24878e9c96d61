import { classifyBy } from "../../catalog/classify.ts";
import { type Lexicon, lexiconOf } from "../../catalog/lexicon.ts";
import { argumentsOf } from "../../catalog/schema-arguments.ts";
import { type SignalTable, signalTable } from "../../catalog/signals.ts";
import { baseForms, wordsOfName, wordsOfText } from "../../catalog/words.ts";
import type { Labelled } from "./labelled.ts";
import type { Answered } from "./score.ts";

/**
 * What a table made without these servers would do. The table is written by hand, so there is no training to repeat. Instead,
 * for each part of the servers, every word is taken out of the table that the labelled tools of that part use and those of no
 * other part do, as if we had learnt it there; then that part is classified. How words are read in their places cannot be
 * taken out.
 */
export function crossValidated(tools: readonly Labelled[], parts: number): { answered: Answered[]; removed: number[] } {
  const servers = [...new Set(tools.map(({ server }) => server))].sort();
  const partOf = new Map(servers.map((server, at) => [server, at % parts]));
  const usedIn = new Map<string, Set<number>>();
  for (const tool of tools) {
    const part = partOf.get(tool.server) ?? 0;
    for (const word of wordsOf(tool)) usedIn.set(word, (usedIn.get(word) ?? new Set()).add(part));
  }
  const answered: Answered[] = [];
  const removed: number[] = [];
  for (let part = 0; part < parts; part += 1) {
    const isKnown = (word: string) => !(usedIn.get(word)?.size === 1 && usedIn.get(word)?.has(part));
    const { lexicon, count } = lexiconWith(isKnown);
    removed.push(count);
    for (const tool of tools) {
      if (partOf.get(tool.server) === part) {
        answered.push({ ...tool, answer: classifyBy(lexicon, tool.definition) });
      }
    }
  }
  return { answered, removed };
}

/** Every word that a definition could have taught us, in each base form it could have. */
function wordsOf({ definition }: Labelled): Set<string> {
  const text = [definition.title, definition.description].filter((part) => typeof part === "string").join(" ");
  const words = [...wordsOfName(definition.name), ...wordsOfText(text)].flatMap(({ word }) =>
    baseForms(word).map(({ base }) => base),
  );
  return new Set([...words, ...argumentsOf(definition.inputSchema).map(({ key }) => key)]);
}

function lexiconWith(isKnown: (word: string) => boolean): { lexicon: Lexicon; count: number } {
  let count = 0;
  const kept = (list: string) => {
    const words = list.split(" ");
    const known = words.filter((word) => isKnown(word.toLowerCase()));
    count += words.length - known.length;
    return known.join(" ");
  };
  const table: SignalTable = {
    ...signalTable,
    verbs: signalTable.verbs.map((row) => ({ ...row, words: kept(row.words) })),
    pairs: signalTable.pairs.map((row) => ({ ...row, verbs: kept(row.verbs), objects: kept(row.objects) })),
    arguments: signalTable.arguments.map((row) => ({ ...row, names: kept(row.names) })),
    foreign: signalTable.foreign.map((row) => ({ ...row, words: kept(row.words) })),
    readNouns: kept(signalTable.readNouns),
    lossFlagVerbs: kept(signalTable.lossFlagVerbs),
    lossFlagObjects: kept(signalTable.lossFlagObjects),
  };
  return { lexicon: lexiconOf(table), count };
}
