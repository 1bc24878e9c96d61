// The shape of a chain of evidence: canonical lines, heads of links, signatures.
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

export const format = "policylayer-evidence/1";
/** What the first link names as the one before it. */
export const noHash = "0".repeat(64);

export type Head = {
  format: typeof format;
  organisationId: string;
  sequence: number;
  previousHash: string;
  recordsHash: string;
  indexHash: string;
  count: number;
  firstAt: string;
  lastAt: string;
  sealedAt: string;
};

/** `key` and `signature` are base64url. */
export type SignedHead = Head & { hash: string; key: string; signature: string };

/** The first line of an export. */
export type ExportLine = {
  kind: "export";
  format: typeof format;
  organisationId: string;
  from: string | null;
  to: string | null;
  /** Records from before may be gone. */
  keptFrom: string;
  /** The link that this goes on from; null when it begins with the first. */
  anchor: SignedHead | null;
  exportedAt: string;
};
export type BatchLine = { kind: "batch"; head: SignedHead; index: string[] };
/** The last line: how far the export goes, so that nobody can cut it. */
export type EndLine = {
  kind: "end";
  format: typeof format;
  organisationId: string;
  from: string | null;
  to: string | null;
  keptFrom: string;
  anchorHash: string;
  sequence: number;
  hash: string;
  records: number;
  exportedAt: string;
  key: string;
  signature: string;
};

/** One value in one text: keys in order of their UTF-16 units, no white space (RFC 8785). */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join()}}`;
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** SHA-256 over lines, each with its line feed. */
export function hashOfLines(lines: Iterable<string>): string {
  const hash = createHash("sha256");
  for (const line of lines) hash.update(line).update("\n");
  return hash.digest("hex");
}

/** What is hashed and signed. */
export function headText(head: Head): string {
  const { organisationId, sequence, previousHash, recordsHash, indexHash, count, firstAt, lastAt, sealedAt } = head;
  const named = { organisationId, sequence, previousHash, recordsHash, indexHash, count, firstAt, lastAt, sealedAt };
  return canonicalJson({ format, ...named });
}

export function endText(end: Omit<EndLine, "key" | "signature">): string {
  const { kind, organisationId, from, to, keptFrom, anchorHash, sequence, hash, records, exportedAt } = end;
  const named = { kind, organisationId, from, to, keptFrom, anchorHash, sequence, hash, records, exportedAt };
  return canonicalJson({ format, ...named });
}

/** The lines of an export besides its records. Written in one way only, so that there is nothing in them that is not signed. */
export function exportText({ organisationId, from, to, keptFrom, anchor, exportedAt }: ExportLine): string {
  const named = { organisationId, from, to, keptFrom, anchor: anchor && namedHead(anchor), exportedAt };
  return JSON.stringify({ kind: "export", format, ...named });
}

export function batchText({ head, index }: BatchLine): string {
  return JSON.stringify({ kind: "batch", head: namedHead(head), index });
}

export function endLineText(end: EndLine): string {
  const { organisationId, from, to, keptFrom, anchorHash, sequence, hash, records, exportedAt, key, signature } = end;
  const named = { organisationId, from, to, keptFrom, anchorHash, sequence, hash, records, exportedAt, key, signature };
  return JSON.stringify({ kind: "end", format, ...named });
}

function namedHead(head: SignedHead): SignedHead {
  const { organisationId, sequence, previousHash, recordsHash, indexHash, count, firstAt, lastAt, sealedAt } = head;
  const named = { organisationId, sequence, previousHash, recordsHash, indexHash, count, firstAt, lastAt, sealedAt };
  return { format, ...named, hash: head.hash, key: head.key, signature: head.signature };
}

export type Signer = { key: string; sign(text: string): string };

const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");
const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex");

/** @param seed 32 bytes in base64url. @throws Error when it is none. */
export function signerOf(seed: string): Signer {
  const bytes = Buffer.from(seed, "base64url");
  if (bytes.length !== 32) throw new Error("the key of the evidence must be 32 bytes in base64url (43 characters)");
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, bytes]), format: "der", type: "pkcs8" });
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return {
    key: spki.subarray(spkiPrefix.length).toString("base64url"),
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString("base64url"),
  };
}

export function publicPem(key: string): string {
  return String(publicKeyOf(key)?.export({ format: "pem", type: "spki" }) ?? "");
}

/** A raw key in base64url; null when it is none. */
export function publicKeyOf(key: string): KeyObject | null {
  const bytes = Buffer.from(key, "base64url");
  if (bytes.length !== 32) return null;
  return createPublicKey({ key: Buffer.concat([spkiPrefix, bytes]), format: "der", type: "spki" });
}

/** The raw key of a PEM text, of JSON with a `key`, or as it stands; null when there is none in it. */
export function readKey(text: string): string | null {
  const trimmed = text.trim();
  try {
    if (trimmed.startsWith("-----BEGIN")) {
      const spki = createPublicKey(trimmed).export({ format: "der", type: "spki" });
      return spki.subarray(0, spkiPrefix.length).equals(spkiPrefix)
        ? spki.subarray(spkiPrefix.length).toString("base64url")
        : null;
    }
    const key: unknown = trimmed.startsWith("{") ? (JSON.parse(trimmed) as { key?: unknown }).key : trimmed;
    return typeof key === "string" && publicKeyOf(key) ? key : null;
  } catch {
    return null;
  }
}

export function isSigned(text: string, key: string, signature: string): boolean {
  const publicKey = publicKeyOf(key);
  if (!publicKey) return false;
  try {
    return verify(null, Buffer.from(text), publicKey, Buffer.from(signature, "base64url"));
  } catch {
    return false;
  }
}

/** Seals records (their lines) as the link after another. */
export function sealLink(
  lines: readonly string[],
  about: Pick<Head, "organisationId" | "sequence" | "previousHash" | "firstAt" | "lastAt" | "sealedAt">,
  signer: Signer,
): { head: SignedHead; index: string[] } {
  const index = lines.map(sha256);
  const { organisationId, sequence, previousHash, firstAt, lastAt, sealedAt } = about;
  const head: Head = {
    ...{ format, organisationId, sequence, previousHash, firstAt, lastAt, sealedAt },
    recordsHash: hashOfLines(lines),
    indexHash: hashOfLines(index),
    count: lines.length,
  };
  const text = headText(head);
  return { head: { ...head, hash: sha256(text), key: signer.key, signature: signer.sign(text) }, index };
}
