import { describe, expect, it } from "vitest";
import { exposureWords } from "./exposure-words.ts";

const counts = { freely: 0, underConditions: 0, withApproval: 0, never: 0 };

describe("exposure in words", () => {
  it("names the worst of what can be called", () => {
    const bySeverity = { low: 2, medium: 1, high: 0, critical: 1 };
    expect(exposureWords({ callable: 4, of: 26, ...counts, bySeverity })).toBe("4 of 26 callable, 1 critical");
    expect(exposureWords({ callable: 3, of: 26, ...counts, bySeverity: { ...bySeverity, critical: 0 } })).toBe(
      "3 of 26 callable, 1 medium",
    );
  });

  it("says no more when nothing dangerous can be called", () => {
    const bySeverity = { low: 2, medium: 0, high: 0, critical: 0 };
    expect(exposureWords({ callable: 2, of: 26, ...counts, bySeverity })).toBe("2 of 26 callable");
  });
});
