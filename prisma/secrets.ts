// Secrets at rest: AES-256-GCM under keys derived from SECRET_KEY, with the key's id kept beside the text for rotation.
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomFillSync } from "node:crypto";

/** What a derived key is for. Each purpose has a key of its own, so a value sealed for one cannot be opened as another. */
export type SecretPurpose =
  | "upstream-headers"
  | "upstream-env"
  | "mcp-session"
  | "mcp-event"
  | "gateway-internal"
  | "second-factor"
  | "call-arguments"
  | "approval-arguments"
  | "approval-request-state"
  | "log-forward"
  | "notification-target"
  | "notification-secret";

/** The keys in force: the first seals, all open. From `SECRET_KEY`: one or more base64url keys of 32 bytes, comma-separated. */
export type SecretKeys = readonly { id: string; key: Buffer }[];

/**
 * @throws Error when `SECRET_KEY` is missing or one of its keys has not 32 bytes: without it nothing can be sealed or opened.
 */
export function readSecretKeys(secretKey: string | undefined): SecretKeys {
  const keys = (secretKey ?? "")
    .split(",")
    .map((text) => text.trim())
    .filter(Boolean)
    .map((text) => {
      const key = Buffer.from(text, "base64url");
      if (key.length !== 32)
        throw new Error("SECRET_KEY must be 32 bytes in base64url (43 characters); several are comma-separated");
      return { id: createHash("sha256").update(key).digest("hex").slice(0, 8), key };
    });
  if (keys.length === 0) throw new Error("SECRET_KEY is not set");
  return keys;
}

/** Deriving costs more than sealing, and some things are sealed for each call. */
const derivedKeys = new WeakMap<Buffer, Map<SecretPurpose, Buffer>>();

/** A 32-byte key for one purpose (HKDF-SHA256, RFC 5869). */
export function deriveKey(root: Buffer, purpose: SecretPurpose): Buffer {
  const ofRoot = derivedKeys.get(root) ?? new Map<SecretPurpose, Buffer>();
  derivedKeys.set(root, ofRoot);
  const derived = ofRoot.get(purpose) ?? Buffer.from(hkdfSync("sha256", root, "policylayer", purpose, 32));
  ofRoot.set(purpose, derived);
  return derived;
}

/** The token with which the web process speaks to a gateway's admin port. Both derive it; nobody stores it. */
export function internalToken(keys: SecretKeys): string {
  return deriveKey(newest(keys).key, "gateway-internal").toString("base64url");
}

/** Seals a text: `<key id>.<base64url of nonce, ciphertext and tag>`. `context` (e.g. a row's id) must be the same to open it. */
export function seal(keys: SecretKeys, purpose: SecretPurpose, text: string, context: string): string {
  const { id, key } = newest(keys);
  const nonce = freshNonce();
  const cipher = createCipheriv("aes-256-gcm", deriveKey(key, purpose), nonce);
  cipher.setAAD(Buffer.from(context));
  const ciphertext = cipher.update(text, "utf8");
  cipher.final(); // empty: this mode has no blocks to fill
  const tagAt = nonceLength + ciphertext.length;
  const length = tagAt + tagLength;
  const sealed = length <= room.length ? room : Buffer.allocUnsafe(length);
  sealed.set(nonce);
  sealed.set(ciphertext, nonceLength);
  sealed.set(cipher.getAuthTag(), tagAt);
  return `${id}.${sealed.toString("base64url", 0, length)}`;
}

/** Where what is sealed is put together when it fits, which it does for each call: memory of its own costs more than to fill it. */
const room = Buffer.allocUnsafeSlow(16 * 1024);

/** Opens what `seal` made. Null when the key is unknown, or the text, purpose or context is not the one that was sealed. */
export function open(keys: SecretKeys, purpose: SecretPurpose, sealed: string, context: string): string | null {
  const [id, body] = sealed.split(".");
  const known = keys.find((candidate) => candidate.id === id);
  const bytes = Buffer.from(body ?? "", "base64url");
  if (!known || bytes.length < 28) return null;
  try {
    const decipher = createDecipheriv("aes-256-gcm", deriveKey(known.key, purpose), bytes.subarray(0, 12));
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString("utf8");
  } catch {
    return null; // not what we sealed: the caller must treat it as absent, never as empty
  }
}

const nonceLength = 12;
const tagLength = 16;
/** Random bytes in stock: asking for them costs more than the twelve that one seal needs. */
const stock = Buffer.allocUnsafe(nonceLength * 256);
let used = stock.length;

/** Never the same twice; to be used before the next one is asked for. */
function freshNonce(): Buffer {
  if (used === stock.length) {
    randomFillSync(stock);
    used = 0;
  }
  used += nonceLength;
  return stock.subarray(used - nonceLength, used);
}

function newest(keys: SecretKeys): { id: string; key: Buffer } {
  const first = keys[0];
  if (!first) throw new Error("no secret key");
  return first;
}
