// What was sent, what waits to be sent again, and what was given up.
import type * as z from "zod";
import { database, type Prisma } from "../../../prisma/client.ts";
import { type DeliveryAnswer, type deliveriesQuery, deliverySchema } from "../../api/v1/approval-schemas.ts";
import type { Member } from "../member.ts";
import { type Refusal, refuse } from "../refusals.ts";

type Row = Prisma.NotificationDeliveryGetPayload<{ include: { endpoint: true } }>;

/** Newest first. */
export async function listDeliveries(
  member: Member,
  { status, cursor, limit }: z.output<typeof deliveriesQuery>,
): Promise<{ items: DeliveryAnswer[]; nextCursor: string | null } | Refusal> {
  const after = cursor === undefined ? null : readCursor(cursor);
  if (cursor !== undefined && after === null) {
    return refuse("invalid_query", { errors: [{ pointer: "/cursor", message: "is not a `nextCursor` of ours" }] });
  }
  const beyond = after && { OR: [{ createdAt: { lt: after.at } }, { createdAt: after.at, id: { lt: after.id } }] };
  const rows = await database().notificationDelivery.findMany({
    where: { organisationId: member.organisation.id, status, ...beyond },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: limit + 1,
    include: { endpoint: true },
  });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const nextCursor = rows.length > limit && last ? writeCursor(last) : null;
  return { items: page.map(deliveryView), nextCursor };
}

/** Takes one that was given up and tries it again, as often as a new one. */
export async function retryDelivery(member: Member, id: string): Promise<DeliveryAnswer | Refusal> {
  const where = { id, organisationId: member.organisation.id };
  const { count } = await database().notificationDelivery.updateMany({
    where: { ...where, status: "dead" },
    data: { status: "pending", attempts: 0, nextAt: new Date(), endedAt: null },
  });
  const row = await database().notificationDelivery.findFirst({ where, include: { endpoint: true } });
  if (!row) return refuse("not_found");
  return count === 1 ? deliveryView(row) : refuse("delivery_alive");
}

export function deliveryView(row: Row): DeliveryAnswer {
  const { id, endpointId, event, approvalId, status, attempts, lastStatus, lastTrouble } = row;
  return deliverySchema.parse({
    ...{ id, endpointId, event, approvalId, status, attempts, lastStatus, lastTrouble },
    kind: row.endpoint.kind,
    target: row.endpoint.shown,
    nextAt: status === "pending" ? row.nextAt.toISOString() : null,
    createdAt: row.createdAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  });
}

function writeCursor({ createdAt, id }: { createdAt: Date; id: string }): string {
  return Buffer.from(`${createdAt.getTime()} ${id}`).toString("base64url");
}

function readCursor(text: string): { at: Date; id: string } | null {
  const [, ms, id] =
    /^(\d{1,15}) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(Buffer.from(text, "base64url").toString()) ?? [];
  return ms !== undefined && id !== undefined ? { at: new Date(Number(ms)), id } : null;
}
