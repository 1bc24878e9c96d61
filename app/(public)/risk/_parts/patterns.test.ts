import { describe, expect, it } from "vitest";
import { riskCategories, severities, severityOf } from "../../../../catalog/schema.ts";
import { evaluate } from "../../../../policy/evaluate.ts";
import { Counters } from "../../../../policy/limits.ts";
import { parsePolicy } from "../../../../policy/parse.ts";
import { categoriesOf, categoryPolicy } from "./patterns.ts";
import { categoryNamed, meaning, recommendedWords, severityAbout, severityNamed, tellingVerbs } from "./words.ts";

function decide(text: string, category: (typeof riskCategories)[number], times: number, args: object = {}): string[] {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const counters = new Counters();
  return Array.from({ length: times }, (_, index) => {
    const now = Date.UTC(2026, 10, 18) + index;
    const decision = evaluate(
      parsed.policy,
      {
        tool: "t",
        category,
        arguments: args,
        grant: { id: "g", label: "g" },
        client: {},
        session: {},
        server: { id: "s" },
        organisation: { id: "o" },
        now,
      },
      { frozen: false, definitionChanged: false },
    );
    if (decision.code !== "allowed") return decision.code;
    return counters.reserve(decision.reserve, now).ok ? "allowed" : "rate_limited";
  });
}

const last = (codes: string[]) => codes.at(-1);

describe("the pattern for a category", () => {
  const single = riskCategories.map((category) => [category, categoryPolicy([category])] as const);

  it.each(single)("can be pasted and published: %s", (_category, text) => {
    const parsed = parsePolicy(text);
    expect(parsed.ok && parsed.problems.filter(({ severity }) => severity === "error")).toEqual([]);
  });

  it("does what the table says", () => {
    expect(last(decide(categoryPolicy(["Read"]), "Read", 500))).toBe("allowed");
    expect(decide(categoryPolicy(["Write"]), "Write", 31).slice(-2)).toEqual(["allowed", "rate_limited"]);
    expect(decide(categoryPolicy(["Execute"]), "Execute", 11).slice(-2)).toEqual(["allowed", "rate_limited"]);
    expect(last(decide(categoryPolicy(["Execute"]), "Execute", 1, { command: "ls" }))).toBe("approval_required");
    for (const args of [
      { path: "../../etc/passwd" },
      { url: "http://169.254.169.254/" },
      { sql: "DROP TABLE users" },
    ]) {
      expect(last(decide(categoryPolicy(["Execute"]), "Execute", 1, args))).toBe("denied");
    }
    expect(last(decide(categoryPolicy(["Destructive"]), "Destructive", 1))).toBe("hidden");
    expect(last(decide(categoryPolicy(["Financial"]), "Financial", 1))).toBe("approval_required");
    expect(last(decide(categoryPolicy(["Other"]), "Other", 1))).toBe("approval_required");
    expect(recommendedWords.Write).toContain("30 calls a minute");
    expect(recommendedWords.Execute).toContain("10 calls a minute");
  });

  it("denies every other category", () => {
    for (const [category, text] of single) {
      for (const other of riskCategories)
        if (other !== category) expect(decide(text, other, 1)).toEqual(["default_deny"]);
    }
  });

  it.each(severities)("of a whole level can be pasted too: %s", (severity) => {
    const parsed = parsePolicy(categoryPolicy(categoriesOf(severity)));
    expect(parsed.ok && Object.keys(parsed.document.categories ?? {})).toEqual(categoriesOf(severity));
  });
});

describe("the words about classes", () => {
  it("are there for every category and level, with verbs that the classifier agrees on", () => {
    for (const category of riskCategories) {
      expect(meaning[category]).toMatch(/\.$/);
      expect(categoryNamed(category.toLowerCase())).toBe(category);
      if (category !== "Other") expect(tellingVerbs(category).length).toBeGreaterThanOrEqual(8);
    }
    expect(tellingVerbs("Destructive")).toContain("delete");
    for (const severity of severities) {
      expect(severityAbout[severity].sentences.length).toBe(3);
      expect(severityNamed(severity)).toBe(severity);
    }
    expect(severityNamed("none")).toBeUndefined();
    expect(categoryNamed("Read")).toBeUndefined();
    expect(severityOf.Other).toBe("high");
  });
});
