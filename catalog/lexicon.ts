import {
  type ArgumentRow,
  type ForeignRow,
  type PairRow,
  type PhraseRow,
  type SignalTable,
  signalTable,
  type VerbRow,
} from "./signals.ts";
import type { Form } from "./words.ts";

/** A word as a verb: its base form, and the row that knows it. */
export type SeenVerb = { base: string; form: Form; row: VerbRow };

type Sets<Row, Lists extends keyof Row> = Omit<Row, Lists> & { [List in Lists]: ReadonlySet<string> };

export type LexiconPair = Sets<Omit<PairRow, "verbs">, "objects" | "except">;
export type LexiconArgument = Omit<ArgumentRow, "verbs" | "names"> & { verbs?: ReadonlySet<string> };

/** A table of signals, made ready for looking words up. */
export type Lexicon = {
  verbs: ReadonlyMap<string, VerbRow>;
  /** By verb. */
  pairs: ReadonlyMap<string, readonly LexiconPair[]>;
  phrases: readonly PhraseRow[];
  /** By the argument's name in small letters. */
  arguments: ReadonlyMap<string, readonly LexiconArgument[]>;
  foreign: {
    words: ReadonlyMap<string, ForeignRow>;
    /** Those of scripts that put no spaces between words, and a pattern for any of them. */
    characters: { rows: ReadonlyMap<string, ForeignRow>; pattern: RegExp };
  };
  readNouns: ReadonlySet<string>;
  selectors: ReadonlySet<string>;
  vagueSelectors: ReadonlySet<string>;
  toldSelectors: ReadonlySet<string>;
  filteringVerbs: ReadonlySet<string>;
  examiningVerbs: ReadonlySet<string>;
  /** What words turned out to be; each is worked out once. */
  seen: { inNames: Map<string, SeenVerb | null>; inTexts: Map<string, SeenVerb | null> };
  lossFlagVerbs: ReadonlySet<string>;
  lossFlagObjects: ReadonlySet<string>;
};

/** The words of a list written with blanks. */
const set = (words = ""): ReadonlySet<string> => new Set(words.split(" ").filter((word) => word !== ""));

function foreignOf(rows: readonly ForeignRow[]): Lexicon["foreign"] {
  const words = new Map(rows.flatMap((row) => [...set(row.words)].map((word) => [word, row] as const)));
  const characters = new Map(rows.flatMap((row) => [...set(row.characters)].map((part) => [part, row] as const)));
  // The longer first, and something that never matches where there is none.
  const parts = [...characters.keys()].sort((a, b) => b.length - a.length);
  return { words, characters: { rows: characters, pattern: new RegExp(parts.join("|") || "(?!)", "gu") } };
}

function byWord<Row>(rows: readonly (readonly [ReadonlySet<string>, Row])[]): Map<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const [words, row] of rows) for (const word of words) found.set(word, [...(found.get(word) ?? []), row]);
  return found;
}

export function lexiconOf(table: SignalTable): Lexicon {
  const verbs = new Map<string, VerbRow>();
  // An unambiguous row is asked first: `edit` the verb wins over `edit` the noun.
  for (const row of [...table.verbs.filter((row) => !row.noun), ...table.verbs.filter((row) => row.noun)]) {
    for (const word of set(row.words)) if (!verbs.has(word)) verbs.set(word, row);
  }
  return {
    verbs,
    pairs: byWord(
      table.pairs.map(({ verbs, ...row }) => [
        set(verbs),
        { ...row, objects: set(row.objects), except: set(row.except) },
      ]),
    ),
    phrases: table.phrases,
    arguments: byWord(
      table.arguments.map(({ verbs: beside, names, ...row }) => [
        set(names.toLowerCase()),
        { ...row, ...(beside === undefined ? {} : { verbs: set(beside) }) },
      ]),
    ),
    foreign: foreignOf(table.foreign),
    readNouns: set(table.readNouns),
    selectors: set(table.selectorNames.toLowerCase()),
    toldSelectors: set(table.toldSelectorNames.toLowerCase()),
    filteringVerbs: set(table.filteringVerbs),
    vagueSelectors: set(table.vagueSelectorNames.toLowerCase()),
    examiningVerbs: set(table.examiningVerbs),
    seen: { inNames: new Map(), inTexts: new Map() },
    lossFlagVerbs: set(table.lossFlagVerbs),
    lossFlagObjects: set(table.lossFlagObjects),
  };
}

/** What we know. */
export const ownLexicon = lexiconOf(signalTable);
