import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wordDiff } from "./word-diff.ts";

describe("two texts compared by words", () => {
  it("show what came and what went", () => {
    expect(wordDiff("Reads a file.", "Reads a secret file.")).toEqual([
      { kind: "same", text: "Reads a " },
      { kind: "come", text: "secret " },
      { kind: "same", text: "file." },
    ]);
    expect(wordDiff("Use it for work here.", "Use it before any others.")).toEqual([
      { kind: "same", text: "Use it " },
      { kind: "gone", text: "for work here." },
      { kind: "come", text: "before any others." },
    ]);
  });

  it("are both there whole", () => {
    const text = fc.array(fc.constantFrom("a", "b", " ", "\n", "é")).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const pieces = wordDiff(before, after);
        const without = (kind: string) => pieces.filter((piece) => piece.kind !== kind).map((piece) => piece.text);
        expect(without("come").join("")).toBe(before);
        expect(without("gone").join("")).toBe(after);
      }),
    );
  });
});
