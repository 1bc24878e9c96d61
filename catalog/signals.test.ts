import { describe, expect, it } from "vitest";
import { signalTable } from "./signals.ts";

const { verbs: verbRows, pairs: pairRows } = signalTable;

describe("the table of signals", () => {
  it("says one thing about each verb", () => {
    const words = verbRows.flatMap((row) => row.words.split(" "));
    const twice = words.filter((word, at) => words.indexOf(word) !== at);
    expect(twice).toEqual([]);
    for (const word of words) expect(word).toMatch(/^[a-z]{2,}$/);
  });

  it("pairs only verbs that it knows", () => {
    const known = new Set(verbRows.flatMap((row) => row.words.split(" ")));
    const unknown = pairRows.flatMap((row) => row.verbs.split(" ")).filter((verb) => !known.has(verb));
    expect(unknown).toEqual([]);
  });
});
