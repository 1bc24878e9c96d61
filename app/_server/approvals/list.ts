import type * as z from "zod";
import { database, type Prisma } from "../../../prisma/client.ts";
import type { ApprovalAnswer, approvalsQuery } from "../../api/v1/approval-schemas.ts";
import type { Member } from "../member.ts";
import { type Refusal, refuse } from "../refusals.ts";
import { approvalViews } from "./view.ts";

/** One page. Those that wait come in the order in which they were asked, everything else newest first. */
export async function listApprovals(
  member: Member,
  { status, serverId, cursor, limit }: z.output<typeof approvalsQuery>,
): Promise<{ items: ApprovalAnswer[]; nextCursor: string | null } | Refusal> {
  const organisationId = member.organisation.id;
  const after = cursor === undefined ? null : readCursor(cursor);
  if (cursor !== undefined && after === null) {
    return refuse("invalid_query", { errors: [{ pointer: "/cursor", message: "is not a `nextCursor` of ours" }] });
  }
  if (serverId !== undefined && (await isForeign(organisationId, serverId))) return refuse("not_found");
  // Ids are of version 7, so they sort by time.
  const direction = status === "pending" ? "asc" : "desc";
  const beyond = after === null ? {} : { id: direction === "asc" ? { gt: after } : { lt: after } };
  const where: Prisma.ApprovalWhereInput = { organisationId, serverId, ...beyond, ...inStatus(status, new Date()) };
  const rows = await database().approval.findMany({ where, orderBy: { id: direction }, take: limit + 1 });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const nextCursor = rows.length > limit && last ? Buffer.from(last.id).toString("base64url") : null;
  return { items: await approvalViews(page), nextCursor };
}

/** How many wait now. */
export async function countPending(organisationId: string): Promise<number> {
  return database().approval.count({ where: { organisationId, ...inStatus("pending", new Date()) } });
}

function inStatus(status: z.output<typeof approvalsQuery>["status"], now: Date): Prisma.ApprovalWhereInput {
  const isOver = { status: "pending", expiresAt: { lte: now } };
  switch (status) {
    case undefined:
      return {};
    case "pending":
      return { status, expiresAt: { gt: now } };
    case "expired":
      return { OR: [{ status }, isOver] };
    case "decided":
      return { OR: [{ status: { not: "pending" } }, isOver] };
    default:
      return { status };
  }
}

function readCursor(text: string): string | null {
  const id = Buffer.from(text, "base64url").toString();
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id : null;
}

/** A deleted server's approvals stay readable. */
async function isForeign(organisationId: string, serverId: string): Promise<boolean> {
  const db = database();
  if ((await db.server.count({ where: { id: serverId, organisationId } })) > 0) return false;
  return (await db.approval.findFirst({ where: { organisationId, serverId }, select: { id: true } })) === null;
}
