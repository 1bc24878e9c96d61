import { useMemo } from "react";
import { cn } from "../ui/cn.ts";
import { type DiffLine, lineDiff } from "./line-diff.ts";

const looks = {
  same: { sign: " ", says: "", style: "text-ink-muted" },
  gone: { sign: "-", says: "removed: ", style: "bg-danger-soft text-danger" },
  come: { sign: "+", says: "added: ", style: "bg-ok-soft text-ok" },
};

/** Two texts compared line by line. */
export function TextDiff({ before, after, label }: { before: string; after: string; label: string }) {
  const lines = useMemo(() => lineDiff(before, after), [before, after]);
  if (before === after) return <p className="text-ink-muted text-sm">The texts are the same.</p>;
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
      tabIndex={0}
      className="max-h-96 overflow-auto rounded-md border bg-canvas font-mono text-xs"
    >
      <div className="w-max min-w-full py-1">
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines never move
          <Line key={index} line={line} />
        ))}
      </div>
    </section>
  );
}

function Line({ line }: { line: DiffLine }) {
  if (line.kind === "skipped") {
    return (
      <div className="bg-raised/60 px-3 py-0.5 text-ink-muted">
        {line.lines === 1 ? "1 line is the same" : `${line.lines} lines are the same`}
      </div>
    );
  }
  const { sign, says, style } = looks[line.kind];
  return (
    <div className={cn("flex gap-2 whitespace-pre px-3", style)}>
      <span aria-hidden="true" className="select-none">
        {sign}
      </span>
      <span>
        {says && <span className="sr-only">{says}</span>}
        {line.text}
      </span>
    </div>
  );
}
