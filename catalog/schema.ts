import * as z from "zod";
import { type RiskCategory, riskCategories, type Severity } from "./risk.ts";

export { type RiskCategory, riskCategories, type Severity, severities, severityOf } from "./risk.ts";

/** What a signal can speak for. */
export type SpokenCategory = Exclude<RiskCategory, "Other">;

export const signalSources = ["name", "title", "description", "argument", "annotation"] as const;

/** One piece of evidence: what in the definition speaks for a category. */
export const signalSchema = z.strictObject({
  /** Stable id of the row in the signals table, e.g. `verb.delete`. */
  id: z.string(),
  category: z.enum(riskCategories),
  source: z.enum(signalSources),
  /** The words of the definition themselves. */
  quote: z.string(),
  /** How much it counts, 0 to 1. */
  weight: z.number().min(0).max(1),
});
export type Signal = z.infer<typeof signalSchema>;

/** The part of an MCP `Tool` that a classification reads. Everything is untrusted text; unknown fields are ignored. */
export type ToolDefinition = {
  name: string;
  title?: unknown;
  description?: unknown;
  inputSchema?: unknown;
  annotations?: unknown;
};

/** Something a person should look at, e.g. a `readOnlyHint` on a tool whose name says delete. */
export type Finding = {
  code: "hint_contradicts_text" | "text_claims_harmless" | "hidden_characters";
  message: string;
  quote: string;
};

export type Classification = {
  category: RiskCategory;
  severity: Severity;
  /** 0 to 1. */
  confidence: number;
  signals: Signal[];
  findings: Finding[];
};
