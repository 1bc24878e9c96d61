import type { PolicyDocument, WindowName } from "../../policy/schema.ts";

export type SimpleLimit = { max: number; window: WindowName | number };

/** The one limit of a tool's own rule, as the control beside the tool shows it. Null when there is none or more than one. */
export function currentLimit(document: PolicyDocument, tool: string): SimpleLimit | null {
  const rules = document.tools;
  const rule = rules && Object.hasOwn(rules, tool) ? rules[tool] : undefined;
  if (!rule) return null;
  if (rule.rate_limit && !rule.limits?.length) return rule.rate_limit;
  const [first, ...more] = rule.limits ?? [];
  if (!first || more.length > 0 || rule.rate_limit) return null;
  return { max: first.max, window: first.window };
}

/** "a minute", "in 90 s". */
export function windowWords(window: WindowName | number): string {
  return typeof window === "number" ? `in ${window} s` : `a ${window}`.replace("a hour", "an hour");
}
