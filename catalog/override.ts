// The category that counts for a tool: the classifier's, or the one that its owner gave to this very definition.
import { precedence } from "./precedence.ts";
import { type RiskCategory, type Severity, severities, severityOf } from "./schema.ts";

/** How a tool was classified, and what its owner says. */
export type Judged = {
  category: RiskCategory;
  /** Of the accepted definition. */
  definitionHash: string;
  overrideCategory: RiskCategory | null;
  /** Of the definition that the owner looked at. */
  overrideHash: string | null;
};

/**
 * The one answer to "which category has this tool" wherever it matters: enforcement, editor, replay, display. An override
 * counts only while its hash is the accepted definition's.
 *
 * @param isChanged Whether the server serves another definition that nobody has accepted yet. Then nobody has looked at what
 *   is called, so an override can no longer make the tool more harmless; nor can the server rid itself of one that makes it
 *   more dangerous by changing a comma.
 */
export function effectiveCategory(tool: Judged, isChanged: boolean): RiskCategory {
  const { category, overrideCategory } = tool;
  if (overrideCategory === null || !isPinned(tool)) return category;
  return isChanged && gravity(overrideCategory) < gravity(category) ? category : overrideCategory;
}

/** How bad that can get. What the classifier found counts as it found it; an owner's category as bad as its kind. */
export function effectiveSeverity(tool: Judged & { severity: Severity }, isChanged: boolean): Severity {
  const category = effectiveCategory(tool, isChanged);
  return category === tool.category ? tool.severity : severityOf[category];
}

/** Whether the override was given to the accepted definition. */
export function isPinned({ definitionHash, overrideHash }: Pick<Judged, "definitionHash" | "overrideHash">): boolean {
  return overrideHash !== null && overrideHash === definitionHash;
}

/** Whether calling a tool `to` says less of its danger than calling it `from`. */
export function isLowered(from: RiskCategory, to: RiskCategory): boolean {
  return gravity(to) < gravity(from);
}

function gravity(category: RiskCategory): number {
  return severities.indexOf(severityOf[category]) * 10 + precedence(category);
}
