/** One word of a text, as it stands there and as it is compared. */
export type Word = { raw: string; word: string; start: number; end: number };

// Letters of Cyrillic and Greek that look like Latin ones. A word that mixes scripts was written to be misread.
const lookalikes = new Map(
  [..."аaеeоoрpсcуyхxіiјjѕsԁdһhӏlοoαaνvιiρp"].flatMap((_, at, all) =>
    at % 2 === 0 ? [[all[at] ?? "", all[at + 1] ?? ""] as const] : [],
  ),
);

/** Lower case, without accents, invisible characters or look-alike letters. */
function plain(raw: string): string {
  if (/^[a-zA-Z0-9]*$/.test(raw)) return raw.toLowerCase();
  const text = raw
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, "")
    .toLowerCase();
  if (!/\p{Script=Latin}/u.test(text)) return text;
  const latin = [...text].map((letter) => lookalikes.get(letter) ?? letter).join("");
  return latin.normalize("NFD").replace(/\p{M}/gu, "");
}

/**
 * The words of a name: `vm_createImage.v2` is vm, create, image, v, 2. Splits at anything that is no letter, at digits, and
 * where camel case begins a word; linear in the length.
 */
export function wordsOfName(name: string): Word[] {
  const visible = isAscii(name) ? name : asSeen(name);
  const pattern = isAscii(visible)
    ? /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z]|[0-9]+/g
    : /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{M}]+|[\p{Lo}\p{Lm}\p{M}]+|\p{Lu}|\p{Nd}+/gu;
  return allMatches(visible, pattern, Number.POSITIVE_INFINITY);
}

/** The words of running text. An apostrophe belongs to its word, everything else between letters separates. */
export function wordsOfText(text: string, limit = Number.POSITIVE_INFINITY): Word[] {
  if (isAscii(text)) return asciiWords(text, limit);
  return allMatches(text, /[\p{L}\p{M}\p{Nd}\p{Cf}]+(?:['’]\p{L}+)?/gu, limit);
}

const isLetter = (code: number) => (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
const isWordPart = (code: number) => isLetter(code) || (code >= 48 && code <= 57);
const apostrophe = 39;

/** The same without a pattern: nearly all text is plain, and there is much of it. */
function asciiWords(text: string, limit: number): Word[] {
  const words: Word[] = [];
  for (let start = 0; start < text.length && words.length < limit; start += 1) {
    if (!isWordPart(text.charCodeAt(start))) continue;
    let end = start + 1;
    while (end < text.length && isWordPart(text.charCodeAt(end))) end += 1;
    if (text.charCodeAt(end) === apostrophe && isLetter(text.charCodeAt(end + 1))) {
      end += 2;
      while (end < text.length && isLetter(text.charCodeAt(end))) end += 1;
    }
    const raw = text.slice(start, end);
    words.push({ raw, word: raw.toLowerCase(), start, end });
    start = end - 1;
  }
  return words;
}

const wordLengthMax = 200;

function allMatches(text: string, pattern: RegExp, limit: number): Word[] {
  const words: Word[] = [];
  for (let match = pattern.exec(text); match !== null && words.length < limit; match = pattern.exec(text)) {
    // No word is that long, and it is looked at letter by letter.
    const raw = match[0].slice(0, wordLengthMax);
    words.push({ raw, word: plain(raw), start: match.index, end: match.index + raw.length });
  }
  return words;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it asks for the range, whatever is in it
export const isAscii = (text: string) => /^[\x00-\x7f]*$/.test(text);

/** Letters in circles and squares are no letters to a pattern, though a reader takes them for such. */
const enclosed = /[\u2460-\u24ff\u3200-\u33ff\u{1f100}-\u{1f1ff}]/gu;

/** A text with plain letters for those in circles. */
export function withoutCircles(text: string): string {
  return isAscii(text) ? text : text.replace(enclosed, (letter) => letter.normalize("NFKC"));
}

/** As a person sees it: without what is invisible, and turned around where it is told to run from right to left. */
function asSeen(name: string): string {
  return withoutCircles(name)
    .replace(/\u202e([^\u202c]*)/g, (_, turned: string) => [...turned].reverse().join(""))
    .replace(/\p{Cf}/gu, "");
}

/** Without the labels that some servers put before every description: `[Group] (beta) Delete …`. */
function withoutTags(text: string): string {
  const tags = /^\s*(?:[[【(（][^\]】)）[【(（]{0,60}[\]】)）]\s*){1,4}/u.exec(text)?.[0] ?? "";
  return text.slice(tags.length);
}

/** The sentences of a text; a line of its own counts as one. */
export function sentencesOf(text: string): string[] {
  return withoutTags(text)
    .replace(/\b(?:e\.g|i\.e)\./gi, "such as")
    .split(/[.!?]+(?=\s|$)|[\n\r。！？；;•]+|\s[-*–—]\s/u)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "");
}

export type Form = "base" | "s" | "ing";

/** The base forms an English word could have, most likely first: `deletes` is delete, `copies` is copy. */
export function baseForms(word: string): { base: string; form: Form }[] {
  const forms: { base: string; form: Form }[] = [{ base: word, form: "base" }];
  if (word.endsWith("ies")) forms.push({ base: `${word.slice(0, -3)}y`, form: "s" });
  if (word.endsWith("es")) forms.push({ base: word.slice(0, -2), form: "s" });
  if (word.endsWith("s") && !word.endsWith("ss")) forms.push({ base: word.slice(0, -1), form: "s" });
  if (word.endsWith("ing") && word.length > 5) {
    const stem = word.slice(0, -3);
    forms.push({ base: stem, form: "ing" }, { base: `${stem}e`, form: "ing" });
    if (stem.at(-1) === stem.at(-2)) forms.push({ base: stem.slice(0, -1), form: "ing" });
  }
  return forms;
}

/** Without the idioms that would be misread: nothing is lost by drag and drop, and topping up is one verb. */
export function withoutIdioms(text: string): string {
  return text.replace(/drag[ _-]?(?:and|n|&)[ _-]?drop/gi, "drag").replace(/\btop[ _-]up(?![a-z])/gi, "topup");
}
