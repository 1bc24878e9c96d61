import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { evaluate, isHidden, rateLimitedDecision } from "./evaluate.ts";
import { Counters } from "./limits.ts";
import { parsePolicy } from "./parse.ts";
import { brokenPromises, readCases } from "./run-cases.test-support.ts";

// The decision cases: a document, calls one after another, and what each is answered.

const engine = { parsePolicy, evaluate, isHidden, rateLimitedDecision, Counters };
const folder = new URL("./cases/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

for (const file of files) {
  const cases = readCases(readFileSync(new URL(file, folder), "utf8"));
  describe(`decision cases: ${file}`, () => {
    it.each(cases.map((one) => [one.it, one] as const))("%s", (_, one) => {
      expect(brokenPromises(engine, one)).toEqual([]);
    });
  });
}

describe("the decision cases", () => {
  it("are at least 150, and no promise is made twice", () => {
    const all = files.flatMap((file) => readCases(readFileSync(new URL(file, folder), "utf8")));
    expect(all.length).toBeGreaterThanOrEqual(150);
    expect(new Set(all.map((one) => one.it)).size).toBe(all.length);
  });
});
