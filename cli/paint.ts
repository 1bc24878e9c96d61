const codes = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const;

/** Colours a text for a terminal. */
export type Paint = (colour: keyof typeof codes, text: string) => string;

export function painter(isColourful: boolean): Paint {
  return (colour, text) => (isColourful ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text);
}

/** Text from a file, for a terminal: control characters could move the cursor or fake a line. */
export function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
  });
}
