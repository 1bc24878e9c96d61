import { Fragment } from "react";

/** A text with the words of a search marked where they stand. */
export function Marked({ text, query }: { text: string; query: string }) {
  return partsOf(text, query).map(({ part, at, isFound }) =>
    isFound ? (
      <mark key={at} className="rounded-xs bg-accent-soft text-inherit underline decoration-accent underline-offset-2">
        {part}
      </mark>
    ) : (
      <Fragment key={at}>{part}</Fragment>
    ),
  );
}

const wordsMax = 8;

type Part = { part: string /** Where it begins. */; at: number; isFound: boolean };

export function partsOf(text: string, query: string): Part[] {
  const words = query
    .toLowerCase()
    .split(/[\s_.:/-]+/)
    .filter((word) => word.length > 1)
    .slice(0, wordsMax);
  if (words.length === 0 || text === "") return [{ part: text, at: 0, isFound: false }];
  const pattern = new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "giu");
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) parts.push({ part: text.slice(end, match.index), at: end, isFound: false });
    parts.push({ part: match[0], at: match.index, isFound: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ part: text.slice(end), at: end, isFound: false });
  return parts;
}
