import type { Lexicon } from "./lexicon.ts";

/** What is worth a closer look; most texts have none of it. */
const suspicion = /delet|eras|destroy|wipe|purg|truncat|nuke|shred|undone|irrevers|permanent|lost/i;
/** How the text about a flag says what the flag does. */
const effectOfFlag =
  /\b(?:if (?:true|set|enabled|yes)|when (?:true|set|enabled)|set (?:to true )?to|whether to|true to|also|then|will)\W{1,3}(?:\w{1,12}\W{1,3}){0,2}(?:delete|erase|destroy|wipe|purge|truncate|nuke|shred)s?\b[^.]{0,40}/i;
/** Said of any argument, whatever its type: the call itself loses something. */
const effectOfCall =
  /\b(?:this|the) (?:tool|call|action|operation) (?:will |also |then ){0,3}(?:delete|erase|destroy|wipe|purge|truncate|nuke|shred)s?\b[^.]{0,40}/i;

/** The words with which the text about an argument admits a loss, or null. Linear: nothing in the patterns repeats unbounded. */
export function admissionIn(text: string, isFlag: boolean, lexicon: Lexicon): string | null {
  if (!suspicion.test(text)) return null;
  for (const { pattern, category } of lexicon.phrases) {
    const found = category === "Destructive" ? pattern.exec(text) : null;
    if (found) return found[0];
  }
  return (effectOfCall.exec(text) ?? (isFlag ? effectOfFlag.exec(text) : null))?.[0] ?? null;
}
