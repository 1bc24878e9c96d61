import type { RiskCategory } from "./schema.ts";

const order = ["Other", "Read", "Write", "Execute", "Destructive", "Financial"] as const satisfies RiskCategory[];

/** When several categories fit, the one with the higher number is meant. */
export function precedence(category: RiskCategory): number {
  return order.indexOf(category);
}

export function worst<T extends { category: RiskCategory }>(candidates: readonly T[]): T | undefined {
  return candidates.reduce<T | undefined>(
    (found, next) => (found === undefined || precedence(next.category) > precedence(found.category) ? next : found),
    undefined,
  );
}
