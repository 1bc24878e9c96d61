import { expect, it } from "vitest";
import { timeLeftWords } from "./time-left-words.ts";

it.each([
  [0, "time is up"],
  [-5, "time is up"],
  [7, "0:07 left"],
  [247, "4:07 left"],
  [7_500, "2 h 5 min left"],
  [90_000, "1 d 1 h left"],
])("%d seconds are %s", (seconds, words) => {
  expect(timeLeftWords(seconds)).toBe(words);
});
