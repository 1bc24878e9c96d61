import type { RiskCategory, Severity } from "../../catalog/schema.ts";

/** A tool of the server, as everything in the editor knows it. */
export type EditorTool = {
  name: string;
  description: string | null;
  category: RiskCategory;
  severity: Severity;
  /** Whether its definition is the one that was accepted, another, or no longer listed. */
  state: "accepted" | "changed" | "gone";
  /** JSON Schema as the server sent it, untrusted. */
  inputSchema?: unknown;
};
