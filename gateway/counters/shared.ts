// How a reservation is told to a store that several gateways share.
import { createHash } from "node:crypto";
import type { Reservation } from "../../policy/evaluate.ts";
import { unitsDown, unitsUp } from "../../policy/units.ts";

/** One hash slot for an organisation, so that all counters of a call are in one: a cluster runs a script in one slot only. */
export function sharedKey(organisationId: string, key: string): string {
  return `policylayer:{${organisationId}}:${createHash("sha256").update(key).digest("base64url").slice(0, 22)}`;
}

/** Kind, from, to: `s` with the window in ms, or `c` with the calendar window's start and end. */
export function windowOf({
  windowMs,
  calendarStart,
  calendarEnd,
}: Reservation): [kind: string, from: string, to: string] {
  return calendarStart === undefined || calendarEnd === undefined
    ? ["s", String(windowMs), "0"]
    : ["c", String(calendarStart), String(calendarEnd)];
}

export function amountText({ amount }: Reservation): string {
  return decimal(unitsUp(amount));
}

export function mostText({ max }: Reservation): string {
  return decimal(unitsDown(max));
}

const billion = 1_000_000_000n;
/** Beyond it a double skips whole numbers. More than that nobody is allowed. */
const wholeMax = BigInt(Number.MAX_SAFE_INTEGER - 1) / 2n;

/** Billionths as `whole.billionths`, nine digits: a decimal number, and each half exact as a double. */
function decimal(units: bigint): string {
  const whole = units / billion;
  return whole > wholeMax ? `${wholeMax}.000000000` : `${whole}.${String(units % billion).padStart(9, "0")}`;
}
