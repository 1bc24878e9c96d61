import { readJson } from "./read-json.ts";
import { readNumber } from "./typed-number.ts";
import type { ItemType } from "./value-control.ts";

/** A typed item as a value of its type. */
export function itemOf(typed: string, item: ItemType): { ok: true; value: unknown } | { ok: false; message: string } {
  const text = typed.trim();
  if (item === "number") return readNumber(text);
  if (item === "text") return { ok: true, value: text };
  const read = readJson(text);
  if (read.ok) return read;
  // Something that begins like JSON and is none was meant to be.
  return /^["[{]/.test(text) ? read : { ok: true, value: text };
}
