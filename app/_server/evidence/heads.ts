// The heads of an organisation's chain, as the table has them.
import { format, type SignedHead, type Signer, signerOf } from "../../../evidence/format.ts";
import type { Prisma } from "../../../prisma/client.ts";
import { report } from "../report.ts";

let known: { seed: string | undefined; signer: Signer | null } | undefined;

/** What signs the evidence of this installation; null where this process was given no key. */
export function evidenceSigner(): Signer | null {
  const seed = process.env.EVIDENCE_KEY;
  if (known?.seed === seed && known) return known.signer;
  known = { seed, signer: null };
  try {
    if (seed) known.signer = signerOf(seed);
  } catch (cause) {
    report("reading EVIDENCE_KEY", cause);
  }
  return known.signer;
}

export const headColumns = {
  organisationId: true,
  sequence: true,
  previousHash: true,
  hash: true,
  recordsHash: true,
  indexHash: true,
  count: true,
  firstAt: true,
  lastAt: true,
  sealedAt: true,
  key: true,
  signature: true,
} as const;

export function headOf(row: Prisma.EvidenceBatchGetPayload<{ select: typeof headColumns }>): SignedHead {
  return {
    format,
    organisationId: row.organisationId,
    sequence: row.sequence,
    previousHash: row.previousHash,
    recordsHash: row.recordsHash,
    indexHash: row.indexHash,
    count: row.count,
    firstAt: row.firstAt.toISOString(),
    lastAt: row.lastAt.toISOString(),
    sealedAt: row.sealedAt.toISOString(),
    hash: row.hash,
    key: row.key,
    signature: row.signature,
  };
}
