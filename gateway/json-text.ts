// What two JSON parsers may disagree on: which number a literal is. Which keys are the same is policy/fold.ts.

const literalLengthMax = 1_000;

/**
 * Whether every reader gets the same number from a JSON literal: the double it reads as, written the shortest way, is the
 * same decimal number. `0.1` is; `9007199254740993`, `1e400` and `0.10000000000000000001` are not.
 */
export function isExactNumber(literal: string): boolean {
  if (literal.length > literalLengthMax) return false;
  const value = Number(literal);
  return Number.isFinite(value) && decimal(literal) === decimal(String(value));
}

const numberParts = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** A decimal number in one form: its digits without zeros at either end, and the power of ten. */
function decimal(literal: string): string {
  const [, whole = "", fraction = "", exponent = "0"] = numberParts.exec(literal) ?? [];
  const digits = whole + fraction;
  let first = 0;
  let last = digits.length;
  while (first < last && digits[first] === "0") first += 1;
  while (last > first && digits[last - 1] === "0") last -= 1;
  if (first === last) return "0";
  return `${digits.slice(first, last)}e${Number(exponent) - fraction.length + digits.length - last}`;
}
