// Two sentences compared word by word.
import { compared } from "@/components/policy-editor/line-diff.ts";

export type DiffWords = { kind: "same" | "gone" | "come"; text: string };

/** What changed between two texts; neighbours of one kind are one piece. Together the pieces are the texts, spaces and all. */
export function wordDiff(before: string, after: string): DiffWords[] {
  const pieces: DiffWords[] = [];
  for (const { kind, text } of compared(wordsOf(before), wordsOf(after))) {
    const last = pieces.at(-1);
    if (last?.kind === kind) last.text += text;
    else pieces.push({ kind, text });
  }
  return pieces;
}

function wordsOf(text: string): string[] {
  return text.match(/\s+|[^\s]+/gu) ?? [];
}
