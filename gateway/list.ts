// Leaves out of a list of tools what the caller may not see. Nothing is written anew: the bytes of the other tools are the
// upstream's own, with every field and every digit that it sent.

/** Which tools the caller may see. */
export type Shows = (tool: string) => boolean;

/** Whether the text may hold a member `tools`, also when it is spelled with escapes. Quick; false is certain. */
export function mayHoldTools(text: string | Buffer): boolean {
  return text.includes('"tools"') || text.includes("\\u00");
}

/**
 * Cuts the tools that the caller may not see out of every `result.tools` in a message (or an array of messages).
 *
 * @returns The text itself when nothing had to change; null when it cannot be read with certainty (not JSON, or a member that
 *   decides given twice), and then it must not be passed on.
 */
export function withoutUnshownTools(text: string, shows: Shows): string | null {
  try {
    JSON.parse(text); // from here on the text is sound JSON, and walking it is simple
    const edits: Edit[] = [];
    const start = skipSpace(text, 0);
    if (text[start] === "{") editMessage(text, start, shows, edits);
    if (text[start] === "[") {
      for (const element of elementsOf(text, start)) {
        if (text[element.from] === "{") editMessage(text, element.from, shows, edits);
      }
    }
    return applied(text, edits);
  } catch {
    return null;
  }
}

type Span = { from: number; to: number };
type Edit = Span & { put: string };

function editMessage(text: string, from: number, shows: Shows, edits: Edit[]): void {
  const result = onlyMember(text, from, "result");
  if (result === null || text[result.from] !== "{") return;
  const tools = onlyMember(text, result.from, "tools");
  if (tools === null || text[tools.from] !== "[") return;
  const elements = elementsOf(text, tools.from);
  const shown = new Set(elements.filter((element) => isShown(text, element, shows)));
  if (shown.size < elements.length) {
    edits.push({ from: tools.from + 1, to: tools.to - 1, put: joined(text, elements, shown) });
  }
  // What one caller sees must not be kept for another (2026-07-28, caching).
  const scope = onlyMember(text, result.from, "cacheScope");
  if (scope !== null && JSON.parse(text.slice(scope.from, scope.to)) === "public") {
    edits.push({ ...scope, put: '"private"' });
  }
}

function isShown(text: string, element: Span, shows: Shows): boolean {
  if (text[element.from] !== "{") return false;
  const span = onlyMember(text, element.from, "name");
  const name: unknown = span === null ? null : JSON.parse(text.slice(span.from, span.to));
  return typeof name === "string" && shows(name);
}

/** The elements that stay, each with what stood between it and the one before. */
function joined(text: string, elements: readonly Span[], shown: ReadonlySet<Span>): string {
  let put = "";
  let before: Span | undefined;
  for (const element of elements) {
    if (shown.has(element)) {
      const between = put === "" || before === undefined ? "" : text.slice(before.to, element.from);
      put += between + text.slice(element.from, element.to);
    }
    before = element;
  }
  return put;
}

function applied(text: string, edits: Edit[]): string {
  if (edits.length === 0) return text;
  edits.sort((one, other) => one.from - other.from);
  let out = "";
  let from = 0;
  for (const edit of edits) {
    out += text.slice(from, edit.from) + edit.put;
    from = edit.to;
  }
  return out + text.slice(from);
}

class Ambiguous extends Error {}

/** The value of a member of an object, null when absent. @throws Ambiguous when it is there twice. */
function onlyMember(text: string, object: number, name: string): Span | null {
  let found: Span | null = null;
  let at = skipSpace(text, object + 1);
  while (text[at] !== "}") {
    const keyEnd = skipString(text, at);
    const key = text.slice(at, keyEnd);
    const from = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const to = skipValue(text, from);
    if (key === `"${name}"` || (key.includes("\\") && JSON.parse(key) === name)) {
      if (found !== null) throw new Ambiguous(name);
      found = { from, to };
    }
    at = skipSpace(text, to);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return found;
}

function elementsOf(text: string, array: number): Span[] {
  const elements: Span[] = [];
  let at = skipSpace(text, array + 1);
  while (text[at] !== "]") {
    const to = skipValue(text, at);
    elements.push({ from: at, to });
    at = skipSpace(text, to);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return elements;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at += 1;
  return at;
}

function skipString(text: string, from: number): number {
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\") backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

function skipValue(text: string, from: number): number {
  if (text[from] === '"') return skipString(text, from);
  let depth = 0;
  for (let at = from; ; at += 1) {
    const character = text[at];
    if (character === '"') {
      at = skipString(text, at) - 1;
    } else if (character === "{" || character === "[") {
      depth += 1;
    } else if (character === "}" || character === "]") {
      if (depth === 0) return at; // a number or a word before the end of what holds it
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (character === "," || character === undefined || /\s/.test(character))) {
      return at;
    }
  }
}
