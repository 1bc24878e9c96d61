// What the API and the pages ask about the chain of evidence.
import type * as z from "zod";
import { publicPem } from "../../../evidence/format.ts";
import { database } from "../../../prisma/client.ts";
import type { evidenceHeadsAnswer, evidenceHeadsQuery, evidenceKeyAnswer } from "../../api/v1/schemas.ts";
import type { Member } from "../member.ts";
import { type Refusal, refuse } from "../refusals.ts";
import { evidenceSigner, headColumns, headOf } from "./heads.ts";

/** The key that signs from now on. Earlier ones are in the heads that they signed. */
export async function readEvidenceKey(): Promise<z.input<typeof evidenceKeyAnswer> | Refusal> {
  const signer = evidenceSigner();
  return signer ? { algorithm: "Ed25519", key: signer.key, pem: publicPem(signer.key) } : refuse("evidence_off");
}

const waitingMax = 10_000;

/** The newest heads first, and how much waits to be sealed. */
export async function listHeads(
  member: Member,
  { limit, before }: z.output<typeof evidenceHeadsQuery>,
): Promise<z.input<typeof evidenceHeadsAnswer>> {
  const organisationId = member.organisation.id;
  const rows = await database().evidenceBatch.findMany({
    where: { organisationId, ...(before === undefined ? {} : { sequence: { lt: before } }) },
    orderBy: { sequence: "desc" },
    take: limit + 1,
    select: headColumns,
  });
  const waiting = await database().evidencePending.findMany({
    where: { organisationId },
    select: { id: true },
    take: waitingMax,
  });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(headOf),
    nextCursor: rows.length > limit && last ? String(last.sequence) : null,
    waiting: waiting.length,
    on: evidenceSigner() !== null,
  };
}
