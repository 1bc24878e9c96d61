// Finds where the parts of a JSON text lie, so that they can be kept or passed on exactly as they were written.

/**
 * The texts of an array's elements, or of the named member of an object (`[]` when it is not an array).
 * Where a key is given twice the last one counts, as it does for JSON.parse.
 *
 * @param text Valid JSON: JSON.parse has accepted it.
 */
export function elementTexts(text: string, ...path: string[]): string[] {
  let start = skipSpace(text, 0);
  for (const key of path) {
    const found = memberStart(text, start, key);
    if (found === null) return [];
    start = found;
  }
  if (text[start] !== "[") return [];
  const elements: string[] = [];
  for (let at = skipSpace(text, start + 1); text[at] !== "]"; ) {
    const end = skipValue(text, at);
    elements.push(text.slice(at, end));
    at = skipSpace(text, end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return elements;
}

function memberStart(text: string, start: number, key: string): number | null {
  if (text[start] !== "{") return null;
  let found: number | null = null;
  for (let at = skipSpace(text, start + 1); text[at] !== "}"; ) {
    const keyEnd = skipValue(text, at);
    const value = skipSpace(text, skipSpace(text, keyEnd) + 1);
    if (JSON.parse(text.slice(at, keyEnd)) === key) found = value;
    at = skipSpace(text, skipValue(text, value));
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return found;
}

function skipSpace(text: string, at: number): number {
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at++;
  return at;
}

function skipValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return skipString(text, start);
  if (first !== "{" && first !== "[") {
    let at = start;
    while (at < text.length && !",]} \n\r\t".includes(text[at] as string)) at++;
    return at;
  }
  let depth = 0;
  for (let at = start; at < text.length; ) {
    const character = text[at];
    if (character === '"') {
      at = skipString(text, at);
      continue;
    }
    if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") depth--;
    at++;
    if (depth === 0) return at;
  }
  throw new Error("not valid JSON");
}

function skipString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  }
  throw new Error("not valid JSON");
}
