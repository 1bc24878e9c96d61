import type { SpokenCategory } from "../schema.ts";

export type PhraseRow = { id: string; category: SpokenCategory; pattern: RegExp };

/** Phrases that tell of a loss wherever they stand. Each pattern is linear: no nested repetition. */
export const phraseRows: readonly PhraseRow[] = [
  {
    id: "phrase.loss",
    category: "Destructive",
    pattern:
      /\b(?:can(?:not|'t| not) be (?:undone|reversed|recovered)|irreversibl[ey]|permanently (?:delet|remov|eras|destroy|los)\w*|permanent (?:deletion|destruction|removal)|data (?:will be|is) lost|will be (?:permanently )?(?:lost|deleted|erased|destroyed|wiped))\b/i,
  },
];

/** A tool that says so itself is not believed; what it says is shown when something else speaks against it. */
export const harmlessClaim =
  /\b(?:read[- ]?only|only reads?|does(?: not|n't) (?:modify|change|delete|write|alter)|never (?:modifies|changes|deletes|writes)|(?:no|without(?: any)?) side[- ]effects?|(?:completely|totally|perfectly|entirely|always) safe|safe to (?:call|use|run)|harmless)\b/i;
