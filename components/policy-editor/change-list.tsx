"use client";
import { useMemo, useState } from "react";
import { diff } from "../../policy/diff.ts";
import type { KnownTool } from "../../policy/reachable.ts";
import type { PolicyDocument } from "../../policy/schema.ts";
import { SentenceText } from "../sentence-text.tsx";
import { Button } from "../ui/button.tsx";

const shownFirst = 8;

/** What another document changes, in sentences. */
export function ChangeList({
  before,
  after,
  tools,
  label = "Changes",
}: {
  before: PolicyDocument;
  after: PolicyDocument;
  tools: readonly KnownTool[];
  label?: string;
}) {
  const [isOpen, setIsOpen] = useState(false);
  const differences = useMemo(() => diff(before, after, tools), [before, after, tools]);
  const shown = isOpen ? differences : differences.slice(0, shownFirst);
  if (differences.length === 0) return <p className="text-ink-muted text-sm">Nothing: the two say the same.</p>;
  return (
    <div>
      <ul aria-label={label} className="grid gap-1 text-ink text-sm">
        {shown.map(({ sentence }) => (
          <li key={sentence} className="relative break-words pl-4 before:absolute before:left-1 before:content-['·']">
            <SentenceText text={sentence} />
          </li>
        ))}
      </ul>
      {differences.length > shownFirst && (
        <Button variant="link" size="sm" className="mt-1" onClick={() => setIsOpen(!isOpen)}>
          {isOpen ? "Show fewer" : `Show all ${differences.length}`}
        </Button>
      )}
    </div>
  );
}
