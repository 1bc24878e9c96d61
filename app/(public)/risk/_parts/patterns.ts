import { type RiskCategory, riskCategories, type Severity, severityOf } from "../../../../catalog/schema.ts";
import { firstLimit } from "../../../../policy/new-block.ts";
import type { PolicyDocument, ToolRule } from "../../../../policy/schema.ts";

// The rule that we recommend for a whole category, as documents that can be pasted.

/** Each tool of the category has a counter of its own. */
function limited(severity: Severity): ToolRule {
  const { window, max } = firstLimit[severity];
  return { limits: [{ counter: "calls", window, max, scope: "grant", key: "tool.name" }] };
}

const rules: Record<RiskCategory, ToolRule> = {
  Read: {},
  Write: limited("medium"),
  Execute: {
    ...limited("high"),
    approve_if: [
      {
        conditions: [{ path: "args.command", op: "exists", value: true }],
        message: "A command can do anything; read it first.",
      },
    ],
  },
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
