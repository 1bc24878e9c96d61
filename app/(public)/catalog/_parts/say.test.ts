import { describe, expect, it } from "vitest";
import { plain, say, sayList, sayTicked } from "./say.tsx";

describe("a sentence with a stranger's names in it", () => {
  it("keeps them apart from our words, and shows all of them", () => {
    expect(say`Agents call ${"a\u200bb"} here.`).toEqual(["Agents call ", { name: "a\u200bb" }, " here."]);
    expect(plain(say`Agents call ${"a\u200bb"} here.`)).toBe("Agents call a\\u{200b}b here.");
  });

  it("can be read from backticks, also when one has no pair", () => {
    expect(sayTicked("not with `path` or `url`.")).toEqual([
      "not with ",
      { name: "path" },
      " or ",
      { name: "url" },
      ".",
    ]);
    expect(plain(sayTicked("a ` b"))).toBe("a ` b");
  });

  it("lists a few names and counts the others", () => {
    expect(plain(sayList(["a"]))).toBe("a");
    expect(plain(sayList(["a", "b"]))).toBe("a and b");
    expect(plain(sayList(["a", "b", "c", "d"]))).toBe("a, b, c and d");
    expect(plain(sayList(["a", "b", "c", "d", "e"]))).toBe("a, b, c and 2 others");
  });
});
