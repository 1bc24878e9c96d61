// What a definition is pinned by, and the hashes of definitions that were seen before: an unchanged list is not read anew.
import { createHash } from "node:crypto";
import { canonicalDefinition } from "../catalog/definition.ts";

/** A longer one is as good as unreadable: nobody could review it. */
export const definitionLengthMax = 256 * 1024;
const hashesKeptMax = 10_000;

/** SHA-256 (hex) of the canonical form of a raw definition; null when it can be read in more than one way, or is too long. */
export function definitionHash(raw: string): string | null {
  if (raw.length > definitionLengthMax) return null;
  try {
    return digest(canonicalDefinition(raw));
  } catch {
    return null; // duplicate keys, half a character, too deep
  }
}

/**
 * Remembers hashes by the bytes of the definitions. By a digest of them and not the text itself: what a server sends must not
 * stay in memory for being sent.
 */
export function rememberHashes(): (raw: string) => string | null {
  const hashes = new Map<string, string | null>();
  return (raw) => {
    const key = digest(raw);
    const known = hashes.get(key);
    if (known !== undefined) return known;
    const hash = definitionHash(raw);
    if (hashes.size >= hashesKeptMax) hashes.clear();
    hashes.set(key, hash);
    return hash;
  };
}

export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
