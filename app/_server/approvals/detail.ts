// One approval with all that a person needs to decide it.
import { openApprovalArguments } from "../../../prisma/approval-arguments.ts";
import { database, type Prisma } from "../../../prisma/client.ts";
import type { ApprovalDetail, RevealAnswer } from "../../api/v1/approval-schemas.ts";
import { secretKeys } from "../environment.ts";
import type { Member } from "../member.ts";
import { isPermitted } from "../permissions.ts";
import { type Refusal, refuse } from "../refusals.ts";
import { consequenceOf, type Outlook } from "./consequence.ts";
import { maskArguments } from "./mask.ts";
import { type ApprovalRow, approvalViews } from "./view.ts";

/** @returns `not_found` for another organisation's. */
export async function readApproval(member: Member, id: string): Promise<ApprovalDetail | Refusal> {
  const db = database();
  const row = await db.approval.findFirst({ where: { id, organisationId: member.organisation.id } });
  const [view] = row ? await approvalViews([row]) : [];
  if (!row || !view) return refuse("not_found");
  const mayDecide = isPermitted(member.role, "approval.decide");
  const [around, last] = await Promise.all([readAround(row), mayDecide ? lastApproved(row) : null]);
  const original = openArguments(row);
  const { category } = view;
  return {
    ...view,
    ...(mayDecide ? shownArguments(original) : shownArguments(null)),
    editedText: mayDecide ? (maskedText(openEdited(row)) ?? null) : null,
    definition: around.definition,
    definitionHash: row.definitionHash,
    policyName: around.policyName,
    lastApproved: last,
    consequence: consequenceOf({
      ...{ tool: row.tool, category, serverName: view.serverName, clientName: row.clientName },
      ...{ heldUntil: row.heldUntil, now: new Date(), moved: around.moved, readable: original !== null },
    }),
    mayDecide,
  };
}

/** As JSON text; null when they were sealed with a key that is gone. */
export function openArguments({ id, sealedArguments }: ApprovalRow): string | null {
  return openApprovalArguments(secretKeys(), sealedArguments, id);
}

function openEdited({ id, sealedEdited }: ApprovalRow): string | null {
  return sealedEdited === null ? null : openApprovalArguments(secretKeys(), sealedEdited, id);
}

export function shownArguments(json: string | null, revealed: ReadonlySet<string> | "all" = new Set()): RevealAnswer {
  if (json === null) return { arguments: null, argumentsText: null, masked: [] };
  const { text, hidden } = maskArguments(json, revealed);
  return { arguments: JSON.parse(text), argumentsText: text, masked: hidden };
}

function maskedText(json: string | null): string | null {
  return json === null ? null : maskArguments(json).text;
}

async function lastApproved(row: ApprovalRow): Promise<ApprovalDetail["lastApproved"]> {
  const { organisationId, serverId, tool, id } = row;
  const decidedAt: Prisma.DateTimeNullableFilter = row.decidedAt === null ? { not: null } : { lt: row.decidedAt };
  const last = await database().approval.findFirst({
    where: { organisationId, serverId, tool, id: { not: id }, status: { in: ["approved", "used"] }, decidedAt },
    orderBy: { id: "desc" },
  });
  const json = last && (openEdited(last) ?? openArguments(last));
  if (!last?.decidedAt || json === null) return null;
  const { text } = maskArguments(json);
  return { arguments: JSON.parse(text), argumentsText: text, at: last.decidedAt.toISOString() };
}

type Around = { definition: string | null; policyName: string | null; moved: Outlook["moved"] };

/** What it hangs on, as it is now. */
async function readAround(row: ApprovalRow): Promise<Around> {
  const db = database();
  const { serverId, organisationId, tool: name } = row;
  const [server, tool, grant, policy] = await Promise.all([
    db.server.findFirst({ where: { id: serverId, organisationId }, include: { organisation: true } }),
    db.tool.findUnique({ where: { serverId_name: { serverId, name } } }),
    db.grant.findFirst({ where: { id: row.grantId, organisationId } }),
    db.policy.findFirst({ where: { id: row.policyId, organisationId }, select: { name: true, activeVersion: true } }),
  ]);
  const isSame = tool !== null && tool.definitionHash === row.definitionHash;
  const isGone = !server || !grant || grant.revokedAt !== null || (grant.expiresAt && grant.expiresAt <= new Date());
  const isFrozen = server?.frozenAt || server?.organisation.frozenAt || grant?.frozenAt;
  const moved = isGone
    ? "grant"
    : grant.policyId !== row.policyId || policy?.activeVersion !== row.policyVersion
      ? "policy"
      : row.definitionHash !== null && !isSame
        ? "definition"
        : isFrozen
          ? "frozen"
          : null;
  return { definition: isSame ? tool.definition : null, policyName: policy?.name ?? null, moved };
}
