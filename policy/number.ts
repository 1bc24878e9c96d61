/**
 * Whether a double holds the number that a JSON literal writes: reading it and writing it again gives the same value.
 * `0.1` and `1e3` do; `9007199254740993`, `1e400` and a 20-digit fraction do not.
 *
 * @param literal A JSON number literal.
 */
export function isExactNumber(literal: string): boolean {
  const value = Number(literal);
  if (!Number.isFinite(value)) return false;
  // Short whole numbers are the usual case.
  if (literal.length <= 15 && /^-?\d+$/.test(literal)) return true;
  const written = decimal(literal);
  const held = decimal(String(value));
  return written.digits === held.digits && (written.digits === "" || written.exponent === held.exponent);
}

/** `digits` × 10^`exponent`, without leading and trailing zeros; zero has no digits. */
function decimal(literal: string): { digits: string; exponent: number } {
  const [mantissa = "", exponent = "0"] = literal.replace(/^-/, "").split(/[eE]/);
  const [whole = "", fraction = ""] = mantissa.split(".");
  const all = `${whole}${fraction}`.replace(/^0+/, "");
  const digits = withoutTrailingZeros(all);
  const sign = /[eE]-/.test(literal) ? -1 : 1;
  const power = sign * Number(exponent.replace(/^[+-]/, ""));
  return { digits, exponent: power - fraction.length + (all.length - digits.length) };
}

function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === "0") end -= 1;
  return digits.slice(0, end);
}
