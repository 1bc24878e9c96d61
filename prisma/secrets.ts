// Secrets at rest: sealed (aead.ts) under keys derived from SECRET_KEY, with the key's id kept beside the text for rotation.
import { createDecipheriv, createHash, hkdfSync } from "node:crypto";
import { openText, sealText } from "./aead.ts";

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

type DerivedKeys = WeakMap<Buffer, Map<SecretPurpose, Buffer>>;
/** Deriving costs more than sealing, and some things are sealed for each call. */
const [derivedKeys, sealingKeys]: [DerivedKeys, DerivedKeys] = [new WeakMap(), new WeakMap()];

/** A 32-byte key for one purpose (HKDF-SHA256, RFC 5869). */
export function deriveKey(root: Buffer, purpose: SecretPurpose): Buffer {
  return derived(derivedKeys, root, purpose, "");
}

/** What `seal` seals with. What was sealed before has another key: none serves two ciphers. */
function sealingKey(root: Buffer, purpose: SecretPurpose): Buffer {
  return derived(sealingKeys, root, purpose, " xchacha20-poly1305");
}

function derived(known: DerivedKeys, root: Buffer, purpose: SecretPurpose, cipher: string): Buffer {
  const ofRoot = known.get(root) ?? new Map<SecretPurpose, Buffer>();
  known.set(root, ofRoot);
  const key = ofRoot.get(purpose) ?? Buffer.from(hkdfSync("sha256", root, "policylayer", `${purpose}${cipher}`, 32));
  ofRoot.set(purpose, key);
  return key;
}

/** The token with which the web process speaks to a gateway's admin port. Both derive it; nobody stores it. */
export function internalToken(keys: SecretKeys): string {
  return deriveKey(newest(keys).key, "gateway-internal").toString("base64url");
}

/** Stands where a text was sealed by aead.ts; one that was sealed before has nothing there. */
const mark = "x";

/** Seals a text: `<key id>.x.<base64url>`. `context` (e.g. a row's id) must be the same to open it. */
export function seal(keys: SecretKeys, purpose: SecretPurpose, text: string, context: string): string {
  const { id, key } = newest(keys);
  return `${id}.${mark}.${sealText(sealingKey(key, purpose), text, context)}`;
}

/** Opens what `seal` made. Null when the key is unknown, or the text, purpose or context is not the one that was sealed. */
export function open(keys: SecretKeys, purpose: SecretPurpose, sealed: string, context: string): string | null {
  const [id, ...rest] = sealed.split(".");
  const known = keys.find((candidate) => candidate.id === id);
  if (known === undefined) return null;
  // Whoever gets null must treat it as absent, never as empty.
  const [first = "", second = ""] = rest;
  if (rest.length === 2 && first === mark) {
    return openText(sealingKey(known.key, purpose), second, context);
  }
  return rest.length === 1 ? openAesGcm(deriveKey(known.key, purpose), first, context) : null;
}

/** As texts were sealed until November 2026: nonce (12 bytes), ciphertext and tag of AES-256-GCM. */
function openAesGcm(key: Buffer, sealed: string, context: string): string | null {
  const bytes = Buffer.from(sealed, "base64url");
  if (bytes.length < 28) return null;
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString("utf8");
  } catch {
    return null;
  }
}

function newest(keys: SecretKeys): { id: string; key: Buffer } {
  const first = keys[0];
  if (!first) throw new Error("no secret key");
  return first;
}
