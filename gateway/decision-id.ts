import { randomFillSync } from "node:crypto";

const pool = Buffer.alloc(4_096);
let used = pool.length;
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const hexDigit = "0123456789abcdef";

let lastMs = Number.NaN;
/** The part of the id that says it. */
let lastTime = "";
/** How many ids of this millisecond there were before, in the 12 bits behind the time (RFC 9562, method 1). */
let place = 0;
const placeMax = 0xfff;

/**
 * A UUID of version 7 (RFC 9562). Those of one process sort in the order they were made in, as long as time does not go back: a
 * backtest counts limits in the order that the gateway did.
 */
export function newDecisionId(now: number): string {
  if (used + 8 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const ms = Math.floor(now);
  if (ms === lastMs) {
    place = Math.min(place + 1, placeMax);
  } else {
    const time = ms.toString(16).padStart(12, "0");
    lastTime = `${time.slice(0, 8)}-${time.slice(8)}`;
    lastMs = ms;
    place = 0;
  }
  const at = (i: number) => pool[used + i] ?? 0;
  const variant = 0x80 | (at(0) & 0x3f);
  let rest = "";
  for (let i = 2; i < 8; i += 1) rest += hex[at(i)];
  const id = `${lastTime}-7${hexDigit[place >> 8]}${hex[place & 0xff]}-${hex[variant]}${hex[at(1)]}-${rest}`;
  used += 8;
  return id;
}
