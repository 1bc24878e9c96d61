import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineDiff } from "./line-diff.ts";

const words = (before: string, after: string) =>
  lineDiff(before, after).map((line) =>
    line.kind === "skipped" ? `@${line.lines}` : `${{ same: " ", gone: "-", come: "+" }[line.kind]}${line.text}`,
  );

describe("the difference of two texts by lines", () => {
  it("shows what goes and what comes, with a little around it", () => {
    expect(words("a\nb\nc\nd\ne\nf\n", "a\nb\nc\nd\nx\nf\n")).toEqual(["@1", " b", " c", " d", "-e", "+x", " f"]);
    expect(words("a\nb", "a\nc\nb")).toEqual([" a", "+c", " b"]);
  });

  it("says nothing but a count of equal texts", () => {
    expect(words("a\nb", "a\nb")).toEqual(["@2"]);
    expect(words("", "")).toEqual([]);
  });

  it("has all of both texts in it", () => {
    const text = fc.array(fc.constantFrom("a", "b", "{", "}"), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = lineDiff(before.join("\n"), after.join("\n"));
        const count = (kinds: string[]) =>
          lines.reduce(
            (sum, line) => sum + (line.kind === "skipped" ? line.lines : kinds.includes(line.kind) ? 1 : 0),
            0,
          );
        expect(count(["same", "gone"])).toBe(before.length);
        expect(count(["same", "come"])).toBe(after.length);
      }),
    );
  });
});
