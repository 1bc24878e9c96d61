// The classes of risk, by themselves: pages that only name them need no schemas.

/** What a tool can do to the world, from least to most precedence after `Other` (catalog/README.md). */
export const riskCategories = ["Read", "Write", "Execute", "Destructive", "Financial", "Other"] as const;
export type RiskCategory = (typeof riskCategories)[number];

export const severities = ["low", "medium", "high", "critical"] as const;
export type Severity = (typeof severities)[number];

export const severityOf = {
  Read: "low",
  Write: "medium",
  Execute: "high",
  Destructive: "critical",
  Financial: "critical",
  // Nothing to go on: treated as Execute, never as Read.
  Other: "high",
} as const satisfies Record<RiskCategory, Severity>;
