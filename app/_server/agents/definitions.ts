import { createHash } from "node:crypto";
import { classify } from "../../../catalog/classify.ts";
import { canonicalDefinition } from "../../../catalog/definition.ts";
import type { Classification, ToolDefinition } from "../../../catalog/schema.ts";
import type { RecommendedTool } from "../../../policy/recommend.ts";
import { Trouble } from "./agent-tool.ts";
import { quoted } from "./others-words.ts";
import { definitionBytesMax } from "./shapes.ts";

/** A definition that an agent sent, judged like any other. */
export type JudgedDefinition = { tool: RecommendedTool; classification: Classification; hash: string };

export function judge(definition: ToolDefinition): JudgedDefinition | Trouble {
  const text = JSON.stringify(definition);
  if (Buffer.byteLength(text) > definitionBytesMax) {
    return new Trouble(
      `The definition of ${quoted(definition.name)} is larger than ${definitionBytesMax / 1024} KiB. That alone is reason not to let a model read it.`,
    );
  }
  const hash = hashOf(text);
  if (hash === null) return new Trouble(`The definition of ${quoted(definition.name)} has half a character in it.`);
  const classification = classify(definition);
  const { category, severity } = classification;
  return {
    tool: { name: definition.name, category, severity, inputSchema: definition.inputSchema },
    classification,
    hash,
  };
}

/** As the catalog pins definitions. */
function hashOf(text: string): string | null {
  try {
    return createHash("sha256").update(canonicalDefinition(text)).digest("hex");
  } catch {
    return null;
  }
}
