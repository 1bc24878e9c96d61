// An approval as the API shows it, with the names of what it speaks of. What was deleted meanwhile has none.
import { database, type Prisma } from "../../../prisma/client.ts";
import { type ApprovalAnswer, approvalSchema } from "../../api/v1/approval-schemas.ts";

export type ApprovalRow = Prisma.ApprovalGetPayload<object>;

const shapes = approvalSchema.pick({ category: true, severity: true, scope: true, status: true });

export async function approvalViews(rows: readonly ApprovalRow[]): Promise<ApprovalAnswer[]> {
  const db = database();
  const inAny = <T>(ids: readonly T[]) => ({ where: { id: { in: [...new Set(ids)] } } });
  const [servers, grants, users] = await Promise.all([
    db.server.findMany({ ...inAny(rows.map(({ serverId }) => serverId)), select: { id: true, name: true } }),
    db.grant.findMany({ ...inAny(rows.map(({ grantId }) => grantId)), select: { id: true, label: true } }),
    db.user.findMany({
      ...inAny(rows.flatMap(({ decidedById }) => decidedById ?? [])),
      select: { id: true, email: true },
    }),
  ]);
  const serverNames = new Map(servers.map(({ id, name }) => [id, name]));
  const grantLabels = new Map(grants.map(({ id, label }) => [id, label]));
  const emails = new Map(users.map(({ id, email }) => [id, email]));
  const now = Date.now();
  return rows.map((row) => {
    const { id, serverId, grantId, clientName, tool, rule, message, policyId, policyVersion, argumentKeys } = row;
    const { category, severity, scope } = row;
    const email = row.decidedById === null ? undefined : emails.get(row.decidedById);
    return {
      ...shapes.parse({ category, severity, scope, status: statusOf(row, now) }),
      ...{ id, serverId, grantId, clientName, tool, rule, message, policyId, policyVersion, argumentKeys },
      serverName: serverNames.get(serverId) ?? null,
      grantLabel: grantLabels.get(grantId) ?? null,
      sessionId: row.sessionTag,
      createdAt: row.createdAt.toISOString(),
      expiresAt: row.expiresAt.toISOString(),
      heldUntil: row.heldUntil?.toISOString() ?? null,
      attempts: row.attempts,
      decidedAt: row.decidedAt?.toISOString() ?? null,
      decidedBy: row.decidedById === null ? null : { id: row.decidedById, email: email ?? "somebody who left" },
      reason: row.reason,
      sessionUntil: row.sessionUntil?.toISOString() ?? null,
      useBy: row.useBy?.toISOString() ?? null,
      usedAt: row.usedAt?.toISOString() ?? null,
      edited: row.sealedEdited !== null,
      callId: row.callId,
    };
  });
}

/** That its time is up is known before anybody has noted it. */
export function statusOf({ status, expiresAt }: Pick<ApprovalRow, "status" | "expiresAt">, now: number): string {
  return status === "pending" && expiresAt.getTime() <= now ? "expired" : status;
}
