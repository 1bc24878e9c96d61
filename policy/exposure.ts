import { type RiskCategory, type Severity, severities } from "../catalog/schema.ts";
import type { Policy } from "./compile.ts";
import { reachable } from "./reachable.ts";

/** How much of a server a grant can reach, in numbers of tools. */
export type Exposure = {
  /** Tools of which any call can go through: all but `never`. */
  callable: number;
  of: number;
  freely: number;
  underConditions: number;
  withApproval: number;
  never: number;
  /** The callable ones. */
  bySeverity: Record<Severity, number>;
};

const fields = {
  freely: "freely",
  under_conditions: "underConditions",
  with_approval: "withApproval",
  never: "never",
} as const;

export function exposure(
  policy: Policy,
  tools: readonly { name: string; category: RiskCategory; severity: Severity }[],
): Exposure {
  const counts = { freely: 0, underConditions: 0, withApproval: 0, never: 0 };
  const bySeverity = Object.fromEntries(severities.map((severity) => [severity, 0])) as Record<Severity, number>;
  const reaches = reachable(policy, tools);
  for (const [index, { severity }] of tools.entries()) {
    const reach = reaches[index]?.reach ?? "never";
    counts[fields[reach]] += 1;
    if (reach !== "never") bySeverity[severity] += 1;
  }
  return { callable: tools.length - counts.never, of: tools.length, ...counts, bySeverity };
}
