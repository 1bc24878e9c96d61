import { precedence } from "./precedence.ts";
import type { Classification, Finding, Signal, ToolDefinition } from "./schema.ts";
import { harmlessClaim } from "./signals/phrases.ts";

/** What a person should look at: promises of harmlessness on a tool that other words speak against. */
export function findingsOf(
  definition: ToolDefinition,
  category: Classification["category"],
  signals: readonly Signal[],
): Finding[] {
  const against = signals.find((signal) => signal.category === category && signal.source !== "annotation");
  if (against === undefined || precedence(category) <= precedence("Read")) return [];
  const hints: Record<string, unknown> = Object(definition.annotations);
  const findings: Finding[] = [];
  const contradicts = (hint: string) => {
    const message = `the hint \`${hint}\` contradicts \`${against.quote}\`; the tool counts as ${category}`;
    findings.push({ code: "hint_contradicts_text", message, quote: hint });
  };
  if (hints.readOnlyHint === true) contradicts("readOnlyHint: true");
  if (hints.destructiveHint === false && category === "Destructive") contradicts("destructiveHint: false");
  const claim = typeof definition.description === "string" ? harmlessClaim.exec(definition.description) : null;
  if (claim) {
    const message = `the description claims \`${claim[0]}\`, but \`${against.quote}\` speaks for ${category}`;
    findings.push({ code: "text_claims_harmless", message, quote: claim[0] });
  }
  return findings;
}
