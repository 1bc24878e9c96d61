import {
  type ArgumentRow,
  type ForeignRow,
  type PairRow,
  type PhraseRow,
  type SignalTable,
  signalTable,
  type VerbRow,
} from "./signals.ts";

type Sets<Row, Lists extends keyof Row> = Omit<Row, Lists> & { [List in Lists]: ReadonlySet<string> };

/** A table of signals, made ready for looking words up. */
export type Lexicon = {
  verbs: ReadonlyMap<string, VerbRow>;
  pairs: readonly Sets<PairRow, "verbs" | "objects" | "except">[];
  phrases: readonly PhraseRow[];
  arguments: readonly (Sets<Omit<ArgumentRow, "verbs">, "names"> & { verbs?: ReadonlySet<string> })[];
  foreign: readonly (Sets<Omit<ForeignRow, "characters">, "words"> & { characters: readonly string[] })[];
  readNouns: ReadonlySet<string>;
  selectors: ReadonlySet<string>;
  examiningVerbs: ReadonlySet<string>;
  lossFlagVerbs: ReadonlySet<string>;
  lossFlagObjects: ReadonlySet<string>;
};

/** The words of a list written with blanks. */
const set = (words = ""): ReadonlySet<string> => new Set(words.split(" ").filter((word) => word !== ""));

export function lexiconOf(table: SignalTable): Lexicon {
  const verbs = new Map<string, VerbRow>();
  // An unambiguous row is asked first: `edit` the verb wins over `edit` the noun.
  for (const row of [...table.verbs.filter((row) => !row.noun), ...table.verbs.filter((row) => row.noun)]) {
    for (const word of set(row.words)) if (!verbs.has(word)) verbs.set(word, row);
  }
  return {
    verbs,
    pairs: table.pairs.map((row) => ({
      ...row,
      verbs: set(row.verbs),
      objects: set(row.objects),
      except: set(row.except),
    })),
    phrases: table.phrases,
    arguments: table.arguments.map(({ verbs: beside, ...row }) => ({
      ...row,
      names: set(row.names.toLowerCase()),
      ...(beside === undefined ? {} : { verbs: set(beside) }),
    })),
    foreign: table.foreign.map((row) => ({
      ...row,
      words: set(row.words),
      characters: row.characters.split(" ").filter((part) => part !== ""),
    })),
    readNouns: set(table.readNouns),
    selectors: set(table.selectorNames.toLowerCase()),
    examiningVerbs: set(table.examiningVerbs),
    lossFlagVerbs: set(table.lossFlagVerbs),
    lossFlagObjects: set(table.lossFlagObjects),
  };
}

/** What we know. */
export const ownLexicon = lexiconOf(signalTable);
