import { canonicalDefinition } from "./definition.ts";

/**
 * A definition laid out for people, two spaces deep: keys in order, numbers and escapes as they are. What can be read in more
 * than one way stays as it was sent, because laying it out would decide for one of them.
 */
export function layOut(rawJson: string): string {
  let canonical: string;
  try {
    canonical = canonicalDefinition(rawJson);
  } catch {
    return rawJson;
  }
  let out = "";
  let depth = 0;
  const newLine = () => `\n${"  ".repeat(depth)}`;
  for (const [token] of canonical.matchAll(/"(?:[^"\\]|\\.)*"|\{\}|\[\]|[{}[\],:]|[^"{}[\],:]+/g)) {
    if (token === "{" || token === "[") {
      depth += 1;
      out += token + newLine();
    } else if (token === "}" || token === "]") {
      depth -= 1;
      out += newLine() + token;
    } else if (token === ",") {
      out += token + newLine();
    } else {
      out += token === ":" ? ": " : token;
    }
  }
  return out;
}
