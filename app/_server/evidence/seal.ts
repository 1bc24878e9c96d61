// Seals what waits, organisation by organisation, as the next link of its chain.
import { noHash, type Signer, sealLink } from "../../../evidence/format.ts";
import { database, type Prisma } from "../../../prisma/client.ts";
import { type Leader, startLeader } from "../leader.ts";
import { report } from "../report.ts";
import { evidenceSigner } from "./heads.ts";
import { keyOf, type Member, packMembers, type RecordKind, readLines } from "./records.ts";

const lockKey = [0x706c6379, 21] as const;
/** Of a link: enough to be cheap, and few enough to be rebuilt in one go. */
const recordsMax = 1_000;

const shared = globalThis as typeof globalThis & { policylayerSealer?: Leader };

/** Once in a process; it works where it holds the lock. */
export function startSealing(databaseUrl: string, everyMs = 5_000): Leader {
  shared.policylayerSealer ??= startLeader({
    databaseUrl,
    name: "sealing the evidence",
    lockKey,
    everyMs,
    round: sealAll,
  });
  return shared.policylayerSealer;
}

/** Until nothing waits. */
export async function sealAll(signal?: AbortSignal): Promise<void> {
  const signer = evidenceSigner();
  if (!signer) return;
  for (const organisationId of await waiting()) {
    try {
      while (!signal?.aborted && (await sealNext(organisationId, signer)) === recordsMax);
    } catch (cause) {
      // The others' chains are not held up by it.
      report("sealing the evidence of an organisation", cause);
    }
  }
}

/** The organisations that something waits of, found without counting it. */
async function waiting(): Promise<string[]> {
  const rows = await database().$queryRaw<{ organisationId: string }[]>`
    WITH RECURSIVE found AS (
      (SELECT "organisationId" FROM "EvidencePending" ORDER BY 1 LIMIT 1)
      UNION ALL
      SELECT (SELECT p."organisationId" FROM "EvidencePending" p WHERE p."organisationId" > found."organisationId" ORDER BY 1 LIMIT 1)
      FROM found WHERE found."organisationId" IS NOT NULL
    )
    SELECT "organisationId" FROM found WHERE "organisationId" IS NOT NULL`;
  return rows.map(({ organisationId }) => organisationId);
}

type Pending = { id: bigint; kind: RecordKind; recordId: string };

/** One link, or none. Two that seal at once would make the same link, and one of them fails. @returns How many waited. */
async function sealNext(organisationId: string, signer: Signer): Promise<number> {
  return database().$transaction(async (tx) => {
    const pending = await tx.$queryRaw<Pending[]>`
      SELECT "id", "kind", "recordId" FROM "EvidencePending" WHERE "organisationId" = ${organisationId}::uuid
      ORDER BY "id" LIMIT ${recordsMax}`;
    if (pending.length === 0) return 0;
    const named = pending.map(({ kind, recordId }) => ({ kind, id: recordId }));
    const lines = await readLines(tx, organisationId, named);
    // What retention dropped before it was sealed is no evidence of anything.
    const found = named.flatMap((one) => {
      const line = lines.get(keyOf(one));
      return line ? [{ ...one, ...line }] : [];
    });
    if (found.length > 0) await append(tx, organisationId, signer, found);
    await tx.evidencePending.deleteMany({ where: { id: { in: pending.map(({ id }) => id) } } });
    return pending.length;
  }, patience);
}

/** A machine that is busy with calls seals slowly, but it must get on. */
const patience = { maxWait: 10_000, timeout: 60_000 };

type Found = { kind: RecordKind; id: string; line: string; at: Date };

async function append(
  tx: Prisma.TransactionClient,
  organisationId: string,
  signer: Signer,
  found: readonly Found[],
): Promise<void> {
  const last = await tx.evidenceBatch.findFirst({
    where: { organisationId },
    orderBy: { sequence: "desc" },
    select: { sequence: true, hash: true },
  });
  const times = found.map(({ at }) => at.getTime());
  const iso = (ms: number) => new Date(ms).toISOString();
  const { head, index } = sealLink(
    found.map(({ line }) => line),
    {
      organisationId,
      sequence: (last?.sequence ?? 0) + 1,
      previousHash: last?.hash ?? noHash,
      firstAt: iso(Math.min(...times)),
      lastAt: iso(Math.max(...times)),
      sealedAt: iso(Date.now()),
    },
    signer,
  );
  const members: Member[] = found.map(({ kind, id }, i) => ({ kind, id, hash: index[i] ?? "" }));
  const { format: _, ...columns } = head;
  await tx.evidenceBatch.create({ data: { ...columns, members: new Uint8Array(packMembers(members)) } });
}
