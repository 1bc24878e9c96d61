import type { Lexicon } from "./lexicon.ts";
import type { Signal } from "./schema.ts";
import type { ForeignRow } from "./signals.ts";
import { sentencesOf, wordsOfName, wordsOfText } from "./words.ts";

type Source = Extract<Signal["source"], "name" | "title" | "description">;
type Found = { row: ForeignRow; quote: string };

/** How many words at the beginning of a description may hold its verb. */
const wordsMax = 6;
const startMax = 200;

/** Verbs of languages other than English: among the first words, or where a script without spaces between words has its verb. */
export function foreignSignals(text: string, source: Source, lexicon: Lexicon): Signal[] {
  const words = source === "description" ? wordsOfText(text, wordsMax) : wordsOfName(text.slice(0, startMax));
  const found: Found[] = [];
  for (const { word, raw } of words) {
    const row = lexicon.foreign.words.get(word);
    if (row !== undefined) found.push({ row, quote: raw });
  }
  // Most texts have no letter of such a script.
  if (withoutSpaces.test(text)) found.push(...verbsWithoutSpaces(text.slice(0, startMax), lexicon));
  return found
    .filter(({ row }, at) => found.findIndex((other) => other.row === row) === at)
    .map(({ row, quote }) => ({ id: row.id, category: row.category, source, quote, weight: 0.7 }));
}

const withoutSpaces = /[\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/;
const inBrackets = /[（(【[［][^）)】\]］]{0,80}[）)】\]］]/gu;
/** What joins one action to the next. */
const joints = /[，,、;；・/|]|然后|(?<!合)并|及|或|和|与|與|また|または|して|し、|그리고|또는|하고|및/u;
/** What may stand before a verb, and after one that ends its sentence. */
const adverbs = /^(?:\s|批量|快速|自动|可以|用于|手动|一键|直接|在线|一括で?)*/u;
const endings =
  /^(?:\s|します|する|した|し|できます|できる|の|を行います|を行う|합니다|하기|함|한다|하는|해|됩니다|할|수|있습니다|도구|ツール|기능)*$/u;

/**
 * In Chinese the verb begins what is said, in Japanese and Korean it ends it: 查询发布记录 is a search in both words that look like
 * verbs. Where it stands at neither place, every verb counts.
 */
function verbsWithoutSpaces(text: string, lexicon: Lexicon): Found[] {
  const found: Found[] = [];
  for (const sentence of sentencesOf(text.replace(inBrackets, " "))) {
    for (const part of sentence.split(joints)) {
      const all = occurrences(part, lexicon);
      const isVerbFinal = /[\u3040-\u30ff\uac00-\ud7af]/.test(part);
      const begin = adverbs.exec(part)?.[0].length ?? 0;
      const decisive = all.filter(({ at, quote }) =>
        isVerbFinal ? endings.test(part.slice(at + quote.length)) : at === begin,
      );
      found.push(...(decisive.length > 0 ? decisive : all));
    }
  }
  return found;
}

function occurrences(text: string, lexicon: Lexicon): (Found & { at: number })[] {
  return [...text.matchAll(lexicon.foreign.characters.pattern)].flatMap((match) => {
    const row = lexicon.foreign.characters.rows.get(match[0]);
    return row === undefined ? [] : [{ row, quote: match[0], at: match.index }];
  });
}
