import { type Severity, severities } from "../../catalog/schema.ts";
import type { Exposure } from "../../policy/exposure.ts";

export const worstFirst: readonly Severity[] = [...severities].reverse();

/** Like: 4 of 26 callable, 1 critical. Of the severities only the worst, and none when it is a low one. */
export function exposureWords({ callable, of, bySeverity }: Exposure): string {
  const total = `${callable} of ${of} callable`;
  const worst = worstFirst.find((severity) => bySeverity[severity] > 0);
  return worst === undefined || worst === "low" ? total : `${total}, ${bySeverity[worst]} ${worst}`;
}
