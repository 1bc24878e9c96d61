// Which names may be taken for each other.

const invisible = /\p{C}/gu;

/**
 * Folds a key as the most forgiving parsers do: control and format characters dropped, compatibility forms and case unified
 * (so `ſ` is `s` and the Kelvin sign is `k`). Only to find keys that may be taken for each other.
 */
export function fold(key: string): string {
  if (key.length > rememberedLengthMax) return folded(key);
  let known = remembered.get(key);
  if (known === undefined) {
    known = folded(key);
    if (remembered.size >= rememberedMax) remembered.clear();
    remembered.set(key, known);
  }
  return known;
}

/** The same few names come with every call. */
const remembered = new Map<string, string>();
const rememberedMax = 4_096;
const rememberedLengthMax = 64;

function folded(key: string): string {
  // Up and then down: some letters share only their upper case (`ς` and `σ`, `ı` and `i`). `İ` goes down as two characters.
  return key.replace(invisible, "").normalize("NFKC").toUpperCase().toLowerCase().replaceAll("i\u0307", "i");
}
