// Walks the sheet: what it claims, a test proves.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const sheet = readFileSync(join(import.meta.dirname, "FAIL-CLOSED.md"), "utf8");
const lines = [...sheet.matchAll(/^\| (?!case|---)(.+?) \| .+ \| `(.+?)` › (.+?) \|$/gm)].map(
  ([, what = "", file = "", name = ""]) => ({ what, file, name }),
);

const promised = [
  ...[
    "unparseable body",
    "duplicate key",
    "header/body disagreement",
    "unknown method",
    "rule that cannot be evaluated",
  ],
  ...["counter store away", "policy store away", "decision store away", "disk full", "clock jump backwards"],
  ...["gateway killed mid-call", "upstream sending garbage", "policy version from the future"],
];

describe("the fail-closed sheet", () => {
  it("has a line for each case that was promised, and no line without a test", () => {
    for (const what of promised)
      expect(lines.filter((line) => line.what.startsWith(what)).length, what).toBeGreaterThan(0);
    const rows = sheet.split("\n").filter((line) => line.startsWith("| ")).length;
    expect(lines).toHaveLength(rows - 1);
  });

  it.each(lines)("$what: the test is there", ({ file, name }) => {
    const source = readFileSync(join(import.meta.dirname, "..", file), "utf8");
    const names = [...source.matchAll(/\bit(?:\.runIf\([^\n]*?\))?\(\s*"((?:[^"\\]|\\.)*)"/g)].map(
      ([, found]) => found,
    );
    expect(names).toContain(name);
  });

  it("is linked from the README", () => {
    expect(readFileSync(join(import.meta.dirname, "../README.md"), "utf8")).toContain("(gateway/FAIL-CLOSED.md)");
  });
});
