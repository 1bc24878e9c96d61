import { describe, expect, it } from "vitest";
import { changed, redone, replacement, startHistory, typed, undone } from "./history.ts";

describe("the history of a draft", () => {
  it("undoes and redoes changes of controls one by one", () => {
    const two = changed(changed(startHistory("a"), "b"), "c");
    expect(undone(two).text).toBe("b");
    expect(undone(undone(two)).text).toBe("a");
    expect(redone(undone(undone(two))).text).toBe("b");
  });

  it("undoes quick typing as one, and a pause starts anew", () => {
    let history = typed(startHistory(""), "x", 1_000);
    history = typed(history, "xy", 1_200);
    history = typed(history, "xyz", 5_000);
    expect(undone(history).text).toBe("xy");
    expect(undone(undone(history)).text).toBe("");
  });

  it("does not join typing with the change of a control before it", () => {
    const history = typed(changed(typed(startHistory(""), "a", 1_000), "ab"), "abc", 1_100);
    expect(undone(history).text).toBe("ab");
    expect(undone(undone(history)).text).toBe("a");
  });

  it("forgets the future when something new is written", () => {
    const history = changed(undone(changed(startHistory("a"), "b")), "c");
    expect(redone(history).text).toBe("c");
  });

  it("stays where it is at both ends", () => {
    const history = startHistory("a");
    expect(undone(history)).toBe(history);
    expect(redone(history)).toBe(history);
    expect(changed(history, "a")).toBe(history);
  });
});

describe("the replacement between two texts", () => {
  it.each([
    ['{"a":1}', '{"a":2}'],
    ["aaa", "aa"],
    ["", "abc"],
    ["abc", ""],
    ["abab", "ababab"],
    ["x", "y"],
  ])("turns %j into %j", (from, to) => {
    const change = replacement(from, to);
    expect(change && from.slice(0, change.from) + change.insert + from.slice(change.to)).toBe(to);
  });

  it("leaves the rest alone", () => {
    expect(replacement("one two three", "one 2 three")).toEqual({ from: 4, to: 7, insert: "2" });
    expect(replacement("same", "same")).toBeNull();
  });
});
