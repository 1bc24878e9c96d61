import type { Attack } from "./attacks/attack.ts";
import type { ToolParameter } from "./facts.ts";
import type { RiskCategory, Severity } from "./schema.ts";

export type { Attack } from "./attacks/attack.ts";

/** The library of attack patterns. */
export const attacks: readonly Attack[] = [];

/** What is looked at of a tool. */
export type AttackedTool = {
  name: string;
  category: RiskCategory;
  severity: Severity;
  parameters: readonly ToolParameter[];
  signals: readonly { id: string; category: RiskCategory }[];
};

/** The patterns that abuse such a tool: at most 5, the most fitting first. Never empty for high and critical. */
export function attacksFor(_tool: AttackedTool): Attack[] {
  return [];
}

export function findAttack(slug: string): Attack | undefined {
  return attacks.find((attack) => attack.slug === slug);
}
