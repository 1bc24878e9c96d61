/**
 * A stranger's text as everybody should see it: what is invisible, or turns the direction of the text around, is written out
 * as an escape. For names, and whatever else stands on one line.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Surrogate}]/gu, escapeOf);
}

/** Like `visible`, for text that may have lines and emoji of several parts. */
export function visibleLines(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(/[^\P{Cc}\n\t]|[^\P{Cf}\u200d]|[\p{Co}\p{Surrogate}]/gu, escapeOf);
}

/** JSON that means the same, with what is invisible or turns the direction around as JSON's own escapes. */
export function visibleJson(text: string): string {
  return text.replace(/[\p{Cf}\p{Zl}\p{Zp}\p{Co}\u007f-\u009f]/gu, (character) =>
    // One escape for each half of what is not in the basic plane.
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

/** What is said of the thing first: the first line, up to the end of its first sentence. */
export function firstSentence(text: string): string {
  const line = text.trim().slice(0, 2_000).split(/\r?\n/, 1)[0]?.trim() ?? "";
  // A full stop before a small letter ends an abbreviation.
  return /^.{8,}?(?:[.!?](?=\s+[^\p{Ll}\s]|$)|。)/u.exec(line)?.[0] ?? line;
}

function escapeOf(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
