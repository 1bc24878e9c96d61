import { cut } from "@/app/_server/site/cut.ts";

// What both faces of Geist have, by drawing each. For anything else the library would ask Google Fonts or an emoji server over the
// network, whatever a stranger's tool is called.
const letters = /[\x20-\x7e\xa1-\xac\xae-\xff\u0100-\u017f\u0400-\u045f–—‘’“”…·•→]/u;
const lacking = /[\u0114\u0115\u012c\u012d\u0138\u013f\u0140\u0149\u014e\u014f\u017f]/u;

/**
 * The text as far as it can be drawn, on one line of at most so many characters.
 *
 * @param otherwise What to draw when hardly anything is left, e.g. of a name in another script. Must be drawable itself.
 */
export function drawable(text: string, lengthMax: number, otherwise: string): string {
  const known = [...text.slice(0, 2_000).normalize("NFC")].map((character) =>
    /\s/.test(character) ? " " : letters.test(character) && !lacking.test(character) ? character : "\0",
  );
  const lost = known.filter((character) => character === "\0").length;
  if (lost > known.length / 3 || !known.some((character) => /[\p{L}\p{N}]/u.test(character))) return otherwise;
  return cut(known.join("").replace(/\0+/g, "…"), lengthMax);
}
