// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) of texts, by libsodium. Its nonce is long enough to be drawn at random for as many
// texts as there will ever be, and some are sealed for each call; and it works where it is told to, while a cipher of node:crypto is
// an object of its own that takes thrice the time to be made.
import { randomFillSync } from "node:crypto";
import loadSodium from "libsodium";

const sodium = await loadSodium();
const encrypt = sodium._crypto_aead_xchacha20poly1305_ietf_encrypt;
const decrypt = sodium._crypto_aead_xchacha20poly1305_ietf_decrypt;

const keyLength = 32;
const nonceLength = 24;
const tagLength = 16;
/** A character takes no more of UTF-8. */
const bytesOfCharacterMax = 3;

/** Where all but the longest texts are worked on: to ask for memory costs more than to use it. */
const room = { at: takeMemory(64 * 1024), length: 64 * 1024 };
const keyAt = takeMemory(keyLength);
/** The key that lies at `keyAt`. */
let keyThere: Buffer | null = null;

let memory = Buffer.from(sodium.HEAPU8.buffer);

/**
 * Seals a text under a key of 32 bytes.
 *
 * @param context Must be the same to open it.
 * @returns base64url of nonce, ciphertext and tag. Never the same twice.
 */
export function sealText(key: Buffer, text: string, context: string): string {
  return withMemory(nonceLength + tagLength + bytesOfCharacterMax * (text.length + context.length), (at) => {
    placeKey(key);
    placeNonce(at);
    const plainAt = at + nonceLength;
    const length = memory.write(text, plainAt);
    const sealedLength = length + tagLength;
    const contextAt = plainAt + sealedLength;
    const contextLength = memory.write(context, contextAt);
    // In place: the ciphertext lies where the text lay.
    encrypt(plainAt, 0, plainAt, length, 0, contextAt, contextLength, 0, 0, at, keyAt);
    return memory.toString("base64url", at, contextAt);
  });
}

/** Opens what `sealText` made. Null when the key or the context is another, or the text was changed. */
export function openText(key: Buffer, sealed: string, context: string): string | null {
  return withMemory(sealed.length + bytesOfCharacterMax * context.length, (at) => {
    placeKey(key);
    const length = memory.write(sealed, at, "base64url") - nonceLength;
    if (length < tagLength) return null;
    const sealedAt = at + nonceLength;
    const contextAt = sealedAt + length;
    const contextLength = memory.write(context, contextAt);
    const answer = decrypt(sealedAt, 0, 0, sealedAt, length, 0, contextAt, contextLength, 0, at, keyAt);
    return answer === 0 ? memory.toString("utf8", sealedAt, contextAt - tagLength) : null;
  });
}

function withMemory<T>(length: number, use: (at: number) => T): T {
  if (length <= room.length) return use(room.at);
  const at = takeMemory(length);
  try {
    memory = Buffer.from(sodium.HEAPU8.buffer);
    return use(at);
  } finally {
    sodium._free(at);
  }
}

function takeMemory(length: number): number {
  const at = sodium._malloc(length);
  if (at === 0) throw new Error("no memory to seal or open a text of this length");
  return at;
}

function placeKey(key: Buffer): void {
  if (key === keyThere) return;
  if (key.length !== keyLength) throw new Error("a key has 32 bytes");
  memory.set(key, keyAt);
  keyThere = key;
}

/** Random bytes in stock: asking for them costs more than the few that one text needs. */
const stock = Buffer.allocUnsafeSlow(nonceLength * 256);
let used = stock.length;

function placeNonce(at: number): void {
  if (used === stock.length) {
    randomFillSync(stock);
    used = 0;
  }
  stock.copy(memory, at, used, used + nonceLength);
  used += nonceLength;
}
