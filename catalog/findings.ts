import { precedence } from "./precedence.ts";
import type { Classification, Finding, Signal, ToolDefinition } from "./schema.ts";
import { harmlessClaim } from "./signals/phrases.ts";
import { isAscii } from "./words.ts";

/** What a person should look at: promises of harmlessness on a tool that other words speak against. */
export function findingsOf(
  definition: ToolDefinition,
  category: Classification["category"],
  signals: readonly Signal[],
): Finding[] {
  const findings = hiddenCharacters(definition);
  const against = signals.find((signal) => signal.category === category && signal.source !== "annotation");
  if (against === undefined || precedence(category) <= precedence("Read")) return findings;
  const hints: Record<string, unknown> = Object(definition.annotations);
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

/** What turns text around or hides inside a word, and words that mix the letters of two scripts. */
const disguises =
  /[\u202a-\u202e\u2066-\u2069]|\p{Script=Latin}\p{Cf}+\p{Script=Latin}|\p{Script=Latin}\p{Script=Cyrillic}|\p{Script=Cyrillic}\p{Script=Latin}/u;
const around = 20;
const lookedAtMax = 50_000;

/** A name or a description that does not say what a person reads in it. */
function hiddenCharacters({ name, title, description }: ToolDefinition): Finding[] {
  for (const text of [name, title, description]) {
    const found = typeof text === "string" && !isAscii(text) ? disguises.exec(text.slice(0, lookedAtMax)) : null;
    if (!found) continue;
    const before =
      /[\p{L}\p{N}_-]*$/u.exec(found.input.slice(Math.max(0, found.index - around), found.index))?.[0] ?? "";
    const after =
      /^[\p{L}\p{N}_-]*/u.exec(found.input.slice(found.index + found[0].length).slice(0, around))?.[0] ?? "";
    const quote = `${before}${found[0]}${after}`.replace(/\p{Cf}/gu, escaped);
    return [{ code: "hidden_characters", message: `\`${quote}\` is not what it looks like`, quote }];
  }
  return [];
}

function escaped(character: string): string {
  return `\\u${character.codePointAt(0)?.toString(16).padStart(4, "0")}`;
}
