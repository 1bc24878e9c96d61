// The audit log as its readers see it.
import * as z from "zod";
import { database, type Prisma } from "../../prisma/client.ts";
import { type AuditEventAnswer, auditEventSchema, type auditQuery } from "../api/v1/member-schemas.ts";
import { type Page, pageOf, readCursor, refuseCursor } from "./catalog/cursor.ts";
import type { Member } from "./member.ts";
import type { Refusal } from "./refusals.ts";

/** One page, the newest first. The id begins with the time, so it is the order and the place where a page ends. */
export async function listAudit(
  member: Member,
  { action, targetKind, targetId, actorId, from, to, cursor, limit }: z.output<typeof auditQuery>,
): Promise<Page<AuditEventAnswer> | Refusal> {
  const after = cursor === undefined ? undefined : readCursor(cursor, z.uuid());
  if (after === null) return refuseCursor();
  const rows = await database().auditEvent.findMany({
    where: {
      organisationId: member.organisation.id,
      ...{ action, targetKind, targetId, actorId },
      at: { gte: from, lt: to },
      id: { lt: after },
    },
    orderBy: { id: "desc" },
    take: limit + 1,
  });
  return pageOf(rows, limit, view, ({ id }) => id);
}

const shapes = auditEventSchema.shape;

function view(row: Prisma.AuditEventGetPayload<object>): AuditEventAnswer {
  const { id, at, actorKind, actorId, actorName, action, targetKind, targetId, targetName, address } = row;
  return {
    id,
    at: at.toISOString(),
    actor: { kind: shapes.actor.shape.kind.parse(actorKind), id: actorId, name: actorName },
    action,
    target: { kind: targetKind, id: targetId, name: targetName },
    before: shapes.before.parse(row.before),
    after: shapes.after.parse(row.after),
    address,
  };
}
