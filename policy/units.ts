// Amounts are counted in whole billionths, because sums of doubles drift: ten times 0.1 would not be 1.

const decimals = 9;
const scale = 10n ** BigInt(decimals);
const one = scale;

/** An amount in billionths, rounded up, so that nothing is free. Finite and 0 or more. */
export function unitsUp(amount: number): bigint {
  if (amount === 1) return one;
  const [units, rounded] = toUnits(amount);
  return rounded < amount ? units + 1n : units;
}

/** A bound in billionths, rounded down. Finite and 0 or more. */
export function unitsDown(bound: number): bigint {
  const [units, rounded] = toUnits(bound);
  return rounded > bound ? units - 1n : units;
}

/** Amounts and bounds come again with every call. */
const known = new Map<number, [units: bigint, rounded: number]>();
const knownMax = 1_000;

function toUnits(value: number): [units: bigint, rounded: number] {
  let units = known.get(value);
  if (units === undefined) {
    units = converted(value);
    if (known.size >= knownMax) known.clear();
    known.set(value, units);
  }
  return units;
}

function converted(value: number): [units: bigint, rounded: number] {
  if (Number.isInteger(value)) return [BigInt(value) * scale, value];
  // Not whole, so below 2^53, where toFixed is exact decimal text.
  const text = value.toFixed(decimals);
  return [BigInt(text.replace(".", "")), Number(text)];
}
