// What speaks for a category: this table is the classifier's whole knowledge; classify.ts only decides which words of a
// definition stand where a verb stands. README.md says how the rows are weighed against each other.
import {
  type ArgumentRow,
  argumentRows,
  examiningVerbs,
  filteringVerbs,
  lossFlagObjects,
  lossFlagVerbs,
  selectorNames,
  toldSelectorNames,
  vagueSelectorNames,
} from "./signals/arguments.ts";
import { type ForeignRow, foreignRows } from "./signals/languages.ts";
import { type PairRow, pairRows } from "./signals/pairs.ts";
import { type PhraseRow, phraseRows } from "./signals/phrases.ts";
import { readNouns, type VerbRow, verbRows } from "./signals/verbs.ts";

export type { ArgumentRow, ForeignRow, PairRow, PhraseRow, VerbRow };

export type SignalTable = {
  verbs: readonly VerbRow[];
  pairs: readonly PairRow[];
  phrases: readonly PhraseRow[];
  arguments: readonly ArgumentRow[];
  foreign: readonly ForeignRow[];
  readNouns: string;
  selectorNames: string;
  toldSelectorNames: string;
  filteringVerbs: string;
  vagueSelectorNames: string;
  examiningVerbs: string;
  lossFlagVerbs: string;
  lossFlagObjects: string;
};

export const signalTable: SignalTable = {
  verbs: verbRows,
  pairs: pairRows,
  phrases: phraseRows,
  arguments: argumentRows,
  foreign: foreignRows,
  readNouns,
  selectorNames,
  toldSelectorNames,
  filteringVerbs,
  vagueSelectorNames,
  examiningVerbs,
  lossFlagVerbs,
  lossFlagObjects,
};
