import { isExactNumber } from "../../../policy/number.ts";

/** What a number field may hold. */
export type NumberBounds = { min?: number; max?: number; whole?: boolean };

/** A typed number, or a sentence on why it is none. The text stays in the field until it is one. */
export function readNumber(
  text: string,
  { min, max, whole }: NumberBounds = {},
): { ok: true; value: number } | { ok: false; message: string } {
  const literal = text.trim().replace(/^\+/, "");
  if (literal === "") return { ok: false, message: "Enter a number" };
  if (!/^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(literal)) return { ok: false, message: "This is no number" };
  if (!isExactNumber(literal)) return { ok: false, message: "This number has too many digits" };
  const value = Number(literal);
  if (whole && !Number.isInteger(value)) return { ok: false, message: "Enter a whole number" };
  if (min !== undefined && value < min) return { ok: false, message: `Enter ${min} or more` };
  if (max !== undefined && value > max) return { ok: false, message: `Enter ${max} or less` };
  return { ok: true, value };
}

/** `readNumber` as a field's check. */
export function numberProblem(bounds?: NumberBounds): (text: string) => string | null {
  return (text) => {
    const read = readNumber(text, bounds);
    return read.ok ? null : read.message;
  };
}
