// An export of a chain, link by link: what `policylayer verify` reads.
import type * as z from "zod";
import {
  type BatchLine,
  batchText,
  type EndLine,
  type ExportLine,
  endLineText,
  endText,
  exportText,
  format,
  noHash,
  type SignedHead,
  type Signer,
} from "../../../evidence/format.ts";
import { droppedLine } from "../../../evidence/verify.ts";
import { database } from "../../../prisma/client.ts";
import type { evidenceExportQuery } from "../../api/v1/schemas.ts";
import type { Member } from "../member.ts";
import { type Refusal, refuse } from "../refusals.ts";
import { evidenceSigner, headColumns, headOf } from "./heads.ts";
import { keyOf, readLines, unpackMembers } from "./records.ts";

/** Streams every link that holds something of the time asked for, and those between. */
export async function exportEvidence(
  member: Member,
  { from, to }: z.output<typeof evidenceExportQuery>,
): Promise<Response | Refusal> {
  const signer = evidenceSigner();
  if (!signer) return refuse("evidence_off");
  const organisationId = member.organisation.id;
  const range = await rangeOf(organisationId, from ?? null, to ?? null);
  const lines = exportLines(organisationId, range, { from: from ?? null, to: to ?? null }, signer);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await lines.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      } catch (cause) {
        controller.error(cause);
      }
    },
    async cancel() {
      await lines.return(undefined);
    },
  });
  const name = `evidence-${new Date().toISOString().slice(0, 10)}.jsonl`;
  return new Response(body, { headers: { "content-disposition": `attachment; filename="${name}"` } });
}

type Range = { first: number; last: number };

/** The links from the first to the last that holds something of that time. */
async function rangeOf(organisationId: string, from: string | null, to: string | null): Promise<Range> {
  const { _min, _max } = await database().evidenceBatch.aggregate({
    where: {
      organisationId,
      ...(from === null ? {} : { lastAt: { gte: from } }),
      ...(to === null ? {} : { firstAt: { lte: to } }),
    },
    _min: { sequence: true },
    _max: { sequence: true },
  });
  return { first: _min.sequence ?? 1, last: _max.sequence ?? 0 };
}

/** Text of about one link at a time. */
async function* exportLines(
  organisationId: string,
  { first, last }: Range,
  asked: { from: string | null; to: string | null },
  signer: Signer,
): AsyncGenerator<string, void> {
  const db = database();
  const before = await db.evidenceBatch.findUnique({
    where: { organisationId_sequence: { organisationId, sequence: first - 1 } },
    select: headColumns,
  });
  const anchor = before && headOf(before);
  const exportedAt = new Date().toISOString();
  const keptFrom = await keptFromOf(organisationId);
  const start: ExportLine = { kind: "export", format, organisationId, ...asked, keptFrom, anchor, exportedAt };
  yield `${exportText(start)}\n`;
  let head: SignedHead | null = anchor;
  let records = 0;
  for (let sequence = first; sequence <= last; sequence++) {
    const link = await readLink(organisationId, sequence, keptFrom);
    if (!link) continue; // which `verify` will name
    head = link.head;
    records += link.head.count;
    yield link.text;
  }
  const end: Omit<EndLine, "key" | "signature"> = {
    ...{ kind: "end", format, organisationId, ...asked, keptFrom, exportedAt, records },
    ...{ anchorHash: anchor?.hash ?? noHash, sequence: head?.sequence ?? 0, hash: head?.hash ?? noHash },
  };
  yield `${endLineText({ ...end, key: signer.key, signature: signer.sign(endText(end)) })}\n`;
}

/** Calls from before may have been dropped: by what is set now, or by what was set before and kept fewer. */
export async function keptFromOf(organisationId: string): Promise<string> {
  const [now, changes] = await Promise.all([
    database().organisation.findUniqueOrThrow({
      where: { id: organisationId },
      select: { callRetentionDays: true },
    }),
    database().auditEvent.findMany({
      where: { organisationId, action: "organisation.changed", targetKind: "organisation" },
      select: { at: true, before: true },
    }),
  ]);
  const horizons = changes.flatMap(({ at, before }) => {
    const days = (before as { callRetentionDays?: unknown } | null)?.callRetentionDays;
    return typeof days === "number" ? [at.getTime() - days * dayMs] : [];
  });
  return new Date(Math.max(Date.now() - now.callRetentionDays * dayMs, ...horizons)).toISOString();
}

const dayMs = 86_400_000;

/** One link with its records as the tables have them now: whether those are the ones that were sealed is for `verify` to say. */
export async function readLink(
  organisationId: string,
  sequence: number,
  keptFrom: string,
): Promise<{ head: SignedHead; text: string } | null> {
  const row = await database().evidenceBatch.findUnique({
    where: { organisationId_sequence: { organisationId, sequence } },
  });
  if (!row) return null;
  const members = unpackMembers(row.members);
  const lines = await readLines(database(), organisationId, members);
  const head = headOf(row);
  const batch: BatchLine = { kind: "batch", head, index: members.map(({ hash }) => hash) };
  const mayDrop = head.firstAt < keptFrom;
  const texts = members.flatMap((member) => {
    const line = lines.get(keyOf(member))?.line;
    return line ?? (mayDrop && member.kind !== "audit" ? droppedLine(member.hash) : []);
  });
  return { head, text: `${[batchText(batch), ...texts].join("\n")}\n` };
}
