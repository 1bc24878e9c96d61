import { describe, expect, it } from "vitest";
import { actionWords, changesOf, fieldWords, sentenceCase, valueWords } from "./words.ts";

describe("the words of the audit log", () => {
  it("say what was done, also when nobody knows the code any more", () => {
    expect(actionWords("grant.revoked")).toBe("revoked the grant");
    expect(actionWords("something.of_old")).toBe("something.of_old");
    expect(sentenceCase("api_key")).toBe("API key");
    expect(fieldWords("onDefinitionChange")).toBe("On definition change");
  });

  it("say each value as a person does", () => {
    expect([undefined, null, true, false, "", 3, ["a", "b"], [], { a: 1 }].map((value) => valueWords(value))).toEqual([
      "nothing",
      "nothing",
      "yes",
      "no",
      "empty",
      "3",
      "a, b",
      "",
      '{"a":1}',
    ]);
    expect(valueWords("2026-11-23T06:00:00.000Z")).not.toContain("T06");
  });

  it("compare field by field, and leave out what is nothing on both sides", () => {
    expect(changesOf({ name: "a", url: null }, { name: "b", url: null, mode: "enforce" })).toEqual([
      { field: "name", before: "a", after: "b" },
      { field: "mode", before: undefined, after: "enforce" },
    ]);
    expect(changesOf(null, null)).toEqual([]);
  });
});
