/** A text of at most so many characters, on one line. What is too long ends at a word, with `…`. */
export function cut(text: string, lengthMax: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  const characters = [...line];
  if (characters.length <= lengthMax) return line;
  const short = characters.slice(0, lengthMax - 1).join("");
  const lastSpace = short.lastIndexOf(" ");
  return `${lastSpace > short.length * 0.6 ? short.slice(0, lastSpace) : short}…`;
}
