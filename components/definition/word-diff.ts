// Two sentences compared word by word.
import { compared } from "@/components/policy-editor/line-diff.ts";

export type DiffWords = { kind: "same" | "gone" | "come"; text: string };

/**
 * What changed between two texts; neighbours of one kind are one piece. Together the pieces are the texts, spaces and all. A
 * space between two changed words is part of the change: a phrase that became another one is easier to read whole.
 */
export function wordDiff(before: string, after: string): DiffWords[] {
  const words = compared(wordsOf(before), wordsOf(after));
  const pieces: DiffWords[] = [];
  let [gone, come] = ["", ""];
  const settle = () => {
    if (gone !== "") pieces.push({ kind: "gone", text: gone });
    if (come !== "") pieces.push({ kind: "come", text: come });
    [gone, come] = ["", ""];
  };
  for (const [at, { kind, text }] of words.entries()) {
    const isGap = text.trim() === "" && gone + come !== "" && (words[at + 1]?.kind ?? "same") !== "same";
    if (kind === "gone" || (kind === "same" && isGap)) gone += text;
    if (kind === "come" || (kind === "same" && isGap)) come += text;
    if (kind !== "same" || isGap) continue;
    settle();
    const last = pieces.at(-1);
    if (last?.kind === "same") last.text += text;
    else pieces.push({ kind, text });
  }
  settle();
  return pieces;
}

function wordsOf(text: string): string[] {
  return text.match(/\s+|\S+/gu) ?? [];
}
