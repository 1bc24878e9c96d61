// The audit log: who changed what. Written in the transaction of the change, so that there is no change without its record
// and no record of what did not happen.
import { createHash } from "node:crypto";
import type { Prisma } from "../../prisma/client.ts";
import { type AuditAction, type AuditTargetKind, auditedFields } from "../api/v1/audit-actions.ts";
import type { Member } from "./member.ts";
import { storable } from "./tools.ts";

/** Of a target, what the log may keep. A whole row may be handed over: what is not named for its kind is left out. */
export type Audited<Kind extends AuditTargetKind> = {
  readonly [Field in (typeof auditedFields)[Kind][number]]?: unknown;
};

export type AuditEntry<Kind extends AuditTargetKind = AuditTargetKind> = {
  action: AuditAction;
  target: { kind: Kind; id: string; name?: string | null };
  /** As it was; left out where it is new. */
  before?: Audited<Kind>;
  /** As it is now; left out where it is gone. */
  after?: Audited<Kind>;
};

/** Who acts, where it is not a member who asks: somebody who signs in, or the product itself. */
export type Actor = { kind: "member" | "api_key" | "system"; id: string | null; name: string; address: string | null };

/** Writes one event, in the transaction of the change that it speaks of. */
export async function audit<Kind extends AuditTargetKind>(
  tx: Prisma.TransactionClient,
  member: Member,
  entry: AuditEntry<Kind>,
): Promise<void> {
  await auditAs(tx, member.organisation.id, actorOf(member), entry);
}

/** The same for somebody who is not a member in a request of theirs. */
export async function auditAs<Kind extends AuditTargetKind>(
  tx: Prisma.TransactionClient,
  organisationId: string,
  actor: Actor,
  { action, target, before, after }: AuditEntry<Kind>,
): Promise<void> {
  const difference = differing(kept(target.kind, before), kept(target.kind, after));
  await tx.auditEvent.create({
    data: {
      organisationId,
      actorKind: actor.kind,
      actorId: actor.id,
      actorName: actor.name,
      address: actor.address,
      action,
      targetKind: target.kind,
      targetId: target.id,
      targetName: target.name?.slice(0, 500) ?? null,
      before: difference.before ?? undefined,
      after: difference.after ?? undefined,
    },
  });
}

/** A key is named with its owner: its own name was chosen by them and says little. */
export function actorOf({ userId, email, via, address }: Member): Actor {
  return via.kind === "api_key"
    ? { kind: "api_key", id: via.id, name: `${via.name} (${email})`, address }
    : { kind: "member", id: userId, name: email, address };
}

/** A document stands in the log by its hash: SHA-256, hex. Its text is kept with its version. */
export function documentHash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

type Kept = Record<string, Prisma.InputJsonValue | null>;

function kept(kind: AuditTargetKind, row: Readonly<Record<string, unknown>> | undefined): Kept | null {
  if (!row) return null;
  const fields = auditedFields[kind].filter((field) => row[field] !== undefined);
  return Object.fromEntries(fields.map((field) => [field, plain(row[field])]));
}

/** As JSON keeps it: a date is text, what is too long is cut. */
function plain(value: unknown): Prisma.InputJsonValue | null {
  const text = JSON.stringify(value, (_key, part) => (typeof part === "string" ? storable(part) : part));
  if (text === undefined) return null;
  return JSON.parse(text.length <= valueLengthMax ? text : JSON.stringify(`${text.slice(0, valueLengthMax)}…`));
}

const valueLengthMax = 16_384;

/** What is the same before and after is no news. */
function differing(before: Kept | null, after: Kept | null): { before: Kept | null; after: Kept | null } {
  if (!before || !after) return { before, after };
  const isSame = (name: string) => JSON.stringify(before[name]) === JSON.stringify(after[name]);
  const only = (row: Kept) => Object.fromEntries(Object.entries(row).filter(([name]) => !isSame(name)));
  return { before: only(before), after: only(after) };
}
