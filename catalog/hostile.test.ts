import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { classify } from "./classify.ts";
import { hostileCases, shortfall } from "./hostile.test-support.ts";

// Definitions of our own making that try to look harmless: what each must at least be taken for.

const cases = hostileCases(readFileSync(new URL("./cases/hostile.json", import.meta.url), "utf8"));

describe("a definition that tries to look harmless", () => {
  it.each(cases.map((one) => [one.it, one] as const))("%s", (_, one) => {
    expect(shortfall(one, classify(one.definition))).toEqual([]);
  });

  it("is tried in at least 80 ways", () => {
    expect(cases.length).toBeGreaterThanOrEqual(80);
    expect(new Set(cases.map((one) => one.it)).size).toBe(cases.length);
  });
});
