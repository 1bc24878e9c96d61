import { randomFillSync } from "node:crypto";

const pool = Buffer.alloc(4_096);
let used = pool.length;
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** A UUID of version 7 (RFC 9562): sorts by the time it was made at. */
export function newDecisionId(now: number): string {
  if (used + 10 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const time = Math.floor(now).toString(16).padStart(12, "0");
  const at = (i: number) => pool[used + i] ?? 0;
  const version = 0x70 | (at(0) & 0x0f);
  const variant = 0x80 | (at(2) & 0x3f);
  let rest = "";
  for (let i = 4; i < 10; i += 1) rest += hex[at(i)];
  const id = `${time.slice(0, 8)}-${time.slice(8)}-${hex[version]}${hex[at(1)]}-${hex[variant]}${hex[at(3)]}-${rest}`;
  used += 10;
  return id;
}
