import { Fragment } from "react";
import { visible } from "./visible.ts";

/** A sentence in which names of a stranger's choosing stand apart from our own words. */
export type Said = readonly (string | { name: string } | { title: string })[];

/**
 * Our words with names in them: say`Agents call ${tool.name} to look something up in ${{ title: server.name }}.` A name is
 * shown as code, a title as text.
 */
export function say(words: TemplateStringsArray, ...names: (string | { title: string })[]): Said {
  return words.flatMap((text, index) => {
    const name = names[index];
    return name === undefined ? [text] : [text, typeof name === "string" ? { name } : name];
  });
}

/** For titles, descriptions and structured data. */
export function plain(said: Said): string {
  return said.map(textOf).join("");
}

export function Say({ said }: { said: Said }) {
  return said.map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence never move
    <Fragment key={index}>
      {typeof part === "object" && "name" in part ? <Name text={part.name} /> : textOf(part)}
    </Fragment>
  ));
}

function textOf(part: Said[number]): string {
  if (typeof part === "string") return part;
  return visible("name" in part ? part.name : part.title);
}

/** A name as its definition spells it; a long one breaks anywhere rather than leave the page. */
export function Name({ text }: { text: string }) {
  return <code className="break-words font-mono text-[0.92em] text-ink [overflow-wrap:anywhere]">{visible(text)}</code>;
}

/** Our own sentence whose names stand in backticks. */
export function sayTicked(text: string): Said {
  const parts = text.split("`");
  // Of an odd number of backticks the last is no mark.
  const marks = parts.length % 2 === 1 ? parts.length : parts.length - 1;
  return parts.map((part, index) => (index >= marks ? `\`${part}` : index % 2 === 1 ? { name: part } : part));
}

/** `a`, `b` and 3 others. */
export function sayList(names: readonly string[], shownMax = 3): Said {
  const shown = names.slice(0, names.length > shownMax + 1 ? shownMax : shownMax + 1);
  const rest = names.length - shown.length;
  return shown.flatMap((name, index) => {
    const isLast = index === shown.length - 1 && rest === 0;
    const joint = index === 0 ? [] : [isLast ? " and " : ", "];
    return [...joint, { name }, ...(index === shown.length - 1 && rest > 0 ? [` and ${rest} others`] : [])];
  });
}
