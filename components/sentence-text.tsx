import { Fragment } from "react";

/** A sentence of the policy language: its names stand in backticks, it has no capital and no period of its own. */
export function SentenceText({ text }: { text: string }) {
  // An odd part stood between two backticks; one without its pair is the author's own.
  const parts = text.split("`");
  const isPaired = parts.length % 2 === 1;
  if (!isPaired) return text;
  return parts.map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence never move
      <code key={index} className="break-words rounded bg-raised px-1 py-px font-mono text-[0.92em] text-ink">
        {part}
      </code>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence never move
      <Fragment key={index}>{index === 0 ? part.charAt(0).toUpperCase() + part.slice(1) : part}</Fragment>
    ),
  );
}
