// Codes of an authenticator app: RFC 6238 (HMAC-SHA-1, six digits, 30 seconds), which is what every such app speaks.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const stepS = 30;
const digits = 6;
/** RFC 4226 asks for 160 bits. */
const secretBytes = 20;
/** A clock may be one step ahead or behind. */
const drift = 1;

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** A new secret in base32 (RFC 4648), as a person can type it. */
export function newTotpSecret(): string {
  return base32(randomBytes(secretBytes));
}

/** The step of the clock that a time lies in. */
export function stepAt(ms: number): number {
  return Math.floor(ms / 1_000 / stepS);
}

/** The code of one step. */
export function totpCode(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", fromBase32(secret)).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits).padStart(digits, "0");
}

/**
 * The step whose code was given, of those that may be meant now.
 *
 * @returns Null when it is none of their codes. Whether it was used before is for the caller to ask, in one statement.
 */
export function matchingStep(secret: string, code: string, nowMs: number): number | null {
  const given = Buffer.from(code.replaceAll(/\s/g, ""));
  if (given.length !== digits) return null;
  const now = stepAt(nowMs);
  let found: number | null = null;
  // All are compared, so that the time it takes says nothing.
  for (let step = now - drift; step <= now + drift; step += 1) {
    if (timingSafeEqual(given, Buffer.from(totpCode(secret, step)))) found = step;
  }
  return found;
}

/** What a QR code of an authenticator app says: short, so that it is easy to scan. SHA-1, six digits and 30 seconds are what goes without saying. */
export function totpUri(secret: string, email: string, host: string): string {
  const issuer = host === "" ? "PolicyLayer" : `PolicyLayer (${host})`;
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(email)}`;
  const query = new URLSearchParams({ secret, issuer });
  return `otpauth://totp/${label}?${query.toString().replaceAll("+", "%20")}`;
}

/** Ten codes, 80 bits each: too many to guess, so their plain hash is enough. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: 10 }, () => {
    const text = base32(randomBytes(10)).toLowerCase();
    return (text.match(/.{4}/g) ?? []).join("-");
  });
}

/** However it was typed. */
export function plainRecoveryCode(code: string): string {
  return code.toLowerCase().replaceAll(/[\s-]/g, "");
}

function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet.charAt(Number.parseInt(five, 2))).join("");
}

function fromBase32(text: string): Buffer {
  const bits = [...text].map((character) => alphabet.indexOf(character).toString(2).padStart(5, "0")).join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
