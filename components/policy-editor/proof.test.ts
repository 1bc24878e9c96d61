import { expect, it } from "vitest";
import { type Backtest, backtestSentence } from "./proof.ts";

const none: Backtest = {
  calls: 0,
  notDecided: 0,
  unknown: 0,
  newlyRefused: 0,
  newlyAllowed: 0,
  newlyAsked: 0,
  otherwiseDifferent: 0,
  truncated: false,
  changed: [],
};

it.each<[Partial<Backtest>, string]>([
  [{}, "There are no calls in this time."],
  [{ calls: 1 }, "Would change none of 1 call."],
  [
    { calls: 9_312, newlyRefused: 11, newlyAllowed: 3, unknown: 20 },
    "Would change 14 of 9,312 calls: 11 newly refused, 3 newly allowed, 20 unknown.",
  ],
  [{ calls: 5, unknown: 5 }, "Would change 0 of 5 calls: 5 unknown."],
])("says what a backtest found: %j", (result, sentence) => {
  expect(backtestSentence({ ...none, ...result })).toBe(sentence);
});
