// Bearer credentials of ours: how they are made, recognised and stored. The same form serves grant tokens and API keys.
import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

/**
 * `plg_` is a grant's token (an agent's), `pla_` an API key (a person's script), `pli_` an invite and `plr_` what sets a new
 * password (both in links).
 */
export type CredentialPrefix = "plg_" | "pla_" | "pli_" | "plr_";

const randomLength = 43; // 32 bytes in base64url
const checksumLength = 6; // 32 bits in base64url

/**
 * Makes a credential: the prefix, 32 random bytes in base64url, and a checksum of both in 6 more characters. The prefix
 * lets secret scanners find a leaked one; the checksum lets us refuse a typing error without asking anything.
 */
export function mintCredential(prefix: CredentialPrefix): { token: string; hash: string; hint: string } {
  const body = prefix + randomBytes(32).toString("base64url");
  const token = body + checksum(body);
  return { token, hash: credentialHash(token), hint: token.slice(-4) };
}

/** Whether the text has the form of a credential of ours, checksum included. Says nothing of whether it is in use. */
export function isCredential(token: string, prefix: CredentialPrefix): boolean {
  if (token.length !== prefix.length + randomLength + checksumLength || !token.startsWith(prefix)) return false;
  const body = token.slice(0, -checksumLength);
  return token.slice(-checksumLength) === checksum(body);
}

/** What is stored and looked up: SHA-256, hex. Enough for 256 random bits; a slow hash is for passwords. */
export function credentialHash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

function checksum(body: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString("base64url");
}
