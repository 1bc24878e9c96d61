import { Fragment } from "react";

/**
 * A sentence of the policy language: it has no capital and no period of its own, its names stand in backticks, and a
 * single word before a colon is the name of a tool.
 */
export function SentenceText({ text }: { text: string }) {
  const subject = /^[^\s`:]+(?=: )/.exec(text)?.[0] ?? "";
  const parts = text.slice(subject.length).split("`");
  return (
    <>
      {subject !== "" && <Name text={subject} />}
      {parts.map((part, index) => {
        // An odd part stood between two backticks; one without its pair is the author's own.
        const isName = index % 2 === 1 && index < parts.length - 1;
        const isFirst = index === 0 && subject === "";
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence never move
          <Fragment key={index}>
            {isName ? <Name text={part} /> : isFirst ? part.charAt(0).toUpperCase() + part.slice(1) : part}
          </Fragment>
        );
      })}
    </>
  );
}

function Name({ text }: { text: string }) {
  return <code className="break-words rounded bg-raised px-1 py-px font-mono text-[0.92em] text-ink">{text}</code>;
}
