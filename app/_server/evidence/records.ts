// Records of the log as lines of evidence, and which of them a link holds.
import { canonicalJson, sha256 } from "../../../evidence/format.ts";
import type { database, Prisma } from "../../../prisma/client.ts";

export type RecordKind = "call" | "outcome" | "audit";
export type Member = { kind: RecordKind; id: string; hash: string };
export type Named = { kind: RecordKind; id: string };

type Reader = Pick<Prisma.TransactionClient, "$queryRaw"> | ReturnType<typeof database>;

/** The lines of records as the tables have them now. What is gone is not in the answer. */
export async function readLines(
  db: Reader,
  organisationId: string,
  records: readonly Named[],
): Promise<Map<string, { line: string; at: Date }>> {
  const lines = new Map<string, { line: string; at: Date }>();
  const idsOf = (kinds: readonly RecordKind[]) => [
    ...new Set(records.filter(({ kind }) => kinds.includes(kind)).map(({ id }) => id)),
  ];
  const callIds = idsOf(["call", "outcome"]);
  const auditIds = idsOf(["audit"]);
  const wanted = new Set(records.map(keyOf));
  if (callIds.length > 0) {
    for (const row of await db.$queryRaw<CallRow[]>`
      SELECT "id", "serverId", "grantId", "sessionId", "at", "method", "tool", "policyId", "policyVersion", "code", "rule",
        "message", "wouldDeny", "argumentKeys", "sealedArguments", "shadowVersion", "shadowCode", "shadowRule", "clientName",
        "approvalId", "traceparent", "outcome", "upstreamStatus", "upstreamMs", "gatewayMs"
      FROM "Call" WHERE "id" = ANY(${callIds}::uuid[]) AND "organisationId" = ${organisationId}::uuid`) {
      put("call", row.id, row.at, callRecord(organisationId, row));
      put("outcome", row.id, row.at, outcomeRecord(organisationId, row));
    }
  }
  if (auditIds.length > 0) {
    for (const row of await db.$queryRaw<AuditRow[]>`
      SELECT "id", "at", "actorKind", "actorId", "actorName", "action", "targetKind", "targetId", "targetName", "before",
        "after", "address"
      FROM "AuditEvent" WHERE "id" = ANY(${auditIds}::uuid[]) AND "organisationId" = ${organisationId}::uuid`) {
      put("audit", row.id, row.at, { kind: "audit", organisationId, ...row, at: row.at.toISOString() });
    }
  }
  return lines;

  function put(kind: RecordKind, id: string, at: Date, record: object): void {
    const key = keyOf({ kind, id });
    if (wanted.has(key)) lines.set(key, { line: canonicalJson(record), at });
  }
}

export function keyOf({ kind, id }: Named): string {
  return `${kind} ${id}`;
}

type CallRow = {
  id: string;
  serverId: string;
  grantId: string | null;
  sessionId: string | null;
  at: Date;
  method: string;
  tool: string | null;
  policyId: string | null;
  policyVersion: number | null;
  code: string;
  rule: string;
  message: string;
  wouldDeny: boolean;
  argumentKeys: string[];
  sealedArguments: string | null;
  shadowVersion: number | null;
  shadowCode: string | null;
  shadowRule: string | null;
  clientName: string | null;
  approvalId: string | null;
  traceparent: string | null;
  outcome: string;
  upstreamStatus: number | null;
  upstreamMs: number | null;
  gatewayMs: number | null;
};

type AuditRow = { id: string; at: Date } & Record<string, unknown>;

/** A decision as it was when it was made: what came of it may not be known yet. */
function callRecord(organisationId: string, row: CallRow): object {
  const { sealedArguments, at, outcome: _, upstreamStatus: __, upstreamMs: ___, gatewayMs: ____, ...decision } = row;
  return {
    kind: "call",
    organisationId,
    ...decision,
    at: at.toISOString(),
    argumentsHash: sealedArguments === null ? null : sha256(sealedArguments),
  };
}

function outcomeRecord(
  organisationId: string,
  { id, outcome, upstreamStatus, upstreamMs, gatewayMs }: CallRow,
): object {
  return { kind: "outcome", organisationId, id, outcome, upstreamStatus, upstreamMs, gatewayMs };
}

const kinds: readonly RecordKind[] = ["call", "outcome", "audit"];
const memberLength = 49;

/** Kind, id and hash of each record: what a link needs to be rebuilt. */
export function packMembers(members: readonly Member[]): Buffer {
  const packed = Buffer.alloc(members.length * memberLength);
  for (const [i, { kind, id, hash }] of members.entries()) {
    packed[i * memberLength] = kinds.indexOf(kind);
    packed.write(id.replaceAll("-", ""), i * memberLength + 1, "hex");
    packed.write(hash, i * memberLength + 17, "hex");
  }
  return packed;
}

export function unpackMembers(packed: Uint8Array): Member[] {
  const bytes = Buffer.from(packed);
  return Array.from({ length: Math.floor(bytes.length / memberLength) }, (_, i) => {
    const at = i * memberLength;
    const hex = bytes.toString("hex", at + 1, at + 17);
    const id = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
    return { kind: kinds[bytes[at] ?? 0] ?? "call", id, hash: bytes.toString("hex", at + 17, at + memberLength) };
  });
}
