// What an authenticator app does: RFC 6238, written anew so that it does not repeat a mistake of ours.
import { createHmac } from "node:crypto";

/** @param stepsAhead 1 for the code that the app shows next. */
export function authenticatorCode(secret: string, stepsAhead = 0): string {
  let bits = 0n;
  for (const letter of secret.replaceAll(" ", ""))
    bits = (bits << 5n) | BigInt("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter));
  const key = Buffer.from(bits.toString(16).padStart(40, "0"), "hex");
  const step = Math.floor(Date.now() / 30_000) + stepsAhead;
  const mac = createHmac("sha1", key)
    .update(Buffer.from(step.toString(16).padStart(16, "0"), "hex"))
    .digest();
  const at = mac[19] === undefined ? 0 : mac[19] % 16;
  return String((mac.readUInt32BE(at) % 2 ** 31) % 1_000_000).padStart(6, "0");
}
