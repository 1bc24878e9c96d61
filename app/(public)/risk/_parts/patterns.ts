import { type RiskCategory, riskCategories, type Severity, severityOf } from "../../../../catalog/schema.ts";
import { argumentRules } from "../../../../policy/argument-rules.ts";
import { firstLimit } from "../../../../policy/new-block.ts";
import type { PolicyDocument, ToolRule } from "../../../../policy/schema.ts";

// The rule that we recommend for a whole category, as documents that can be pasted.

/** Each tool of the category has a counter of its own. */
function limited(severity: Severity): ToolRule {
  const { window, max } = firstLimit[severity];
  return { limits: [{ counter: "calls", window, max, scope: "grant", key: "tool.name" }] };
}

/** What an Execute tool may take that decides what it does. */
const dangerousArguments = {
  type: "object",
  properties: Object.fromEntries(["command", "path", "url", "sql"].map((name) => [name, { type: "string" }])),
};

const rules: Record<RiskCategory, ToolRule> = {
  Read: {},
  Write: limited("medium"),
  Execute: { ...argumentRules(dangerousArguments), ...limited("high") },
  Destructive: { action: "hide" },
  Financial: { action: "require_approval", reason: "Money moves only when a person agrees." },
  Other: { action: "require_approval", reason: "Nothing in its definition says what it does." },
};

/** A policy that says something about these categories and denies every tool of the others. */
export function categoryPolicy(categories: readonly RiskCategory[]): string {
  const document: PolicyDocument = {
    version: "1",
    default: "deny",
    categories: Object.fromEntries(
      riskCategories.filter((category) => categories.includes(category)).map((category) => [category, rules[category]]),
    ),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

export function categoriesOf(severity: Severity): RiskCategory[] {
  return riskCategories.filter((category) => severityOf[category] === severity);
}
