import { describe, expect, it } from "vitest";
import { effectiveCategory, effectiveSeverity, isLowered, type Judged } from "./override.ts";

const classified = {
  category: "Execute",
  severity: "high",
  definitionHash: "a",
  overrideCategory: null,
  overrideHash: null,
} as const;
const overridden = (overrideCategory: Judged["overrideCategory"], overrideHash = "a") => ({
  ...classified,
  overrideCategory,
  overrideHash,
});

describe("the category that counts", () => {
  it("is the classifier's until the owner says otherwise", () => {
    expect(effectiveCategory(classified, false)).toBe("Execute");
    expect(effectiveSeverity(classified, false)).toBe("high");
  });

  it("is the owner's for the definition that the owner looked at", () => {
    expect(effectiveCategory(overridden("Read"), false)).toBe("Read");
    expect(effectiveSeverity(overridden("Read"), false)).toBe("low");
    expect(effectiveCategory(overridden("Financial"), false)).toBe("Financial");
  });

  it("is the classifier's again when another definition is accepted", () => {
    expect(effectiveCategory(overridden("Read", "b"), false)).toBe("Execute");
    expect(effectiveSeverity(overridden("Financial", "b"), false)).toBe("high");
  });

  // Guards both ways: a server neither profits from trust in what it no longer serves, nor shakes off distrust.
  it("is the graver of the two while a change waits to be looked at", () => {
    expect(effectiveCategory(overridden("Read"), true)).toBe("Execute");
    expect(effectiveSeverity(overridden("Read"), true)).toBe("high");
    expect(effectiveCategory(overridden("Destructive"), true)).toBe("Destructive");
  });

  it("keeps the classifier's own severity where the owner agrees", () => {
    const unusual = { ...overridden("Execute"), severity: "critical" } as const;
    expect(effectiveSeverity(unusual, false)).toBe("critical");
  });
});

describe("lowering a category", () => {
  it.each([
    ["Destructive", "Read", true],
    ["Financial", "Destructive", true],
    ["Other", "Write", true],
    ["Execute", "Other", true],
    ["Read", "Write", false],
    ["Write", "Write", false],
    ["Write", "Other", false],
  ] as const)("from %s to %s: %s", (from, to, expected) => {
    expect(isLowered(from, to)).toBe(expected);
  });
});
