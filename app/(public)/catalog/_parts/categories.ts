import type { RiskCategory, Severity } from "../../../../catalog/schema.ts";

/** With its article, as a sentence needs it. */
export const aCategory: Record<RiskCategory, string> = {
  Read: "a Read tool",
  Write: "a Write tool",
  Execute: "an Execute tool",
  Destructive: "a Destructive tool",
  Financial: "a Financial tool",
  Other: "an unrecognised tool",
};

/** What such a tool can do: `it can …`. */
export const canDo: Record<RiskCategory, string> = {
  Read: "look things up without changing them",
  Write: "create things or change them, in ways that can be put right again",
  Execute: "trigger actions or run processes",
  Destructive: "delete, end or reset things for good",
  Financial: "move money, or create an obligation to pay",
  Other: "do anything: nothing in its definition says what",
};

export const advice: Record<RiskCategory, string> = {
  Read: "Allow it, and keep an eye on what it returns: that is somebody else's text in your agent's context.",
  Write: "Limit how often it is called.",
  Execute: "Limit how often it is called, and check the arguments.",
  Destructive: "Hide it from agents that do not need it, and let a person approve it for those that do.",
  Financial: "Let a person approve each call.",
  Other: "Let a person approve each call until you know what it does.",
};

export const severityWords: Record<Severity, string> = {
  low: "Low risk",
  medium: "Medium risk",
  high: "High risk",
  critical: "Critical risk",
};

export function riskPath(severity: Severity): string {
  return `/risk/${severity}`;
}

export function categoryPath(category: RiskCategory): string {
  return `/category/${category.toLowerCase()}`;
}
