// Names and sentences in the catalog are other people's, and whoever reads our answers acts on what they read. So no sentence of
// theirs is repeated; a name is one short line in which nothing is invisible.
import { visible } from "../../(public)/catalog/_parts/visible.ts";

const lengthMax = 128;
/** What is no name may be a sentence that wants to be followed; the beginning tells it from others. */
const oddLengthMax = 24;

/** Whether a name is one, and not a sentence that wants to be read. */
export function isPlainName(name: string): boolean {
  return name.length <= lengthMax && /^[\p{L}\p{N}_.:/@~^+$[\]*-]+$/u.test(name);
}

/** A name as it may stand in an answer. */
export function shown(name: string): string {
  const line = visible(name);
  const max = isPlainName(name) ? lengthMax : oddLengthMax;
  return line.length <= max ? line : `${line.slice(0, max - 1)}…`;
}

/** The same, set apart from our own words. */
export function quoted(name: string): string {
  return `\`${shown(name).replaceAll("`", "'")}\``;
}

/** A word of a definition that speaks for a category; null when it is more than a word or two. */
export function shortQuote(quote: string | null): string | null {
  return quote !== null && /^[\p{L}\p{N}_.:"'/ -]{1,60}$/u.test(quote) && quote.trim().split(/\s+/).length <= 3
    ? quote
    : null;
}

/** Like `a`, `b` and 3 more. */
export function listed(names: readonly string[], max = 5): string {
  const more = names.length > max ? ` and ${names.length - max} more` : "";
  return `${names.slice(0, max).map(quoted).join(", ")}${more}`;
}
