import type { Finding } from "../../../catalog/schema.ts";

const words: Record<Finding["code"], string> = {
  hint_contradicts_text: "One of its hints promises less than the rest of its definition says.",
  hidden_characters: "It holds characters that make it look like something else than it says.",
  text_claims_harmless: "Its description claims to be harmless, and the rest of its definition speaks against that.",
};

/** A finding without the words that it is about. */
export function findingWords(code: string): string {
  const known: Record<string, string> = words;
  return Object.hasOwn(known, code) ? (known[code] ?? "") : `There is something to look at: ${code}.`;
}
