// Grants: the bearer token of one agent for one server, and the policy that decides its calls.
import type * as z from "zod";
import { database, type Prisma } from "../../prisma/client.ts";
import { mintCredential } from "../../prisma/credentials.ts";
import type { GrantAnswer, grantBody, grantCreated, grantPatchBody } from "../api/v1/schemas.ts";
import { audit } from "./audit.ts";
import { clientConfigs } from "./client-configs.ts";
import { gatewayUrlOf } from "./environment.ts";
import { freezing } from "./frozen.ts";
import { changeAndEnforce } from "./gateways.ts";
import type { Member } from "./member.ts";
import { isPermitted } from "./permissions.ts";
import { Refusal, refuse } from "./refusals.ts";

type GrantCreated = z.input<typeof grantCreated>;

/** Makes a grant that the gateways accept when this answers. Without a policy every call is refused with `no_policy`. */
export async function createGrant(
  member: Member,
  serverId: string,
  { label, policyId, expiresAt }: z.output<typeof grantBody>,
): Promise<GrantCreated | Refusal> {
  if (expiresAt && Date.parse(expiresAt) <= Date.now()) {
    return refuse("invalid_body", { errors: [{ pointer: "/expiresAt", message: "must be in the future" }] });
  }
  const { token, hash, hint } = mintCredential("plg_");
  const organisationId = member.organisation.id;
  const changed = await changeAndEnforce(async (tx) => {
    const server = await tx.server.findFirst({ where: { id: serverId, organisationId } });
    if (!server) return refuse("not_found");
    const misfit = policyId ? await refusePolicy(tx, organisationId, serverId, policyId) : null;
    if (misfit) return misfit;
    const row = await tx.grant.create({
      data: { organisationId, serverId, policyId, label, expiresAt, tokenHash: hash, hint },
    });
    const { id } = row;
    const after = { ...row, server: server.name, policy: await policyNameOf(tx, row.policyId) };
    await audit(tx, member, { action: "grant.created", target: { kind: "grant", id, name: label }, after });
    return { result: { id, serverName: server.name }, announce: { kind: "grant", id } };
  });
  if (changed instanceof Refusal) return changed;
  return createdView(changed.result.id, serverId, changed.result.serverName, token);
}

/** A new token; the old one is refused from the next call on. */
export async function rotateGrant(member: Member, id: string): Promise<GrantCreated | Refusal> {
  const { token, hash, hint } = mintCredential("plg_");
  const changed = await changeAndEnforce(async (tx) => {
    const grant = await lockGrant(tx, member, id);
    if (grant instanceof Refusal) return grant;
    const after = await tx.grant.update({ where: { id }, data: { tokenHash: hash, hint, rotatedAt: new Date() } });
    const target = { kind: "grant", id, name: grant.label } as const;
    await audit(tx, member, { action: "grant.rotated", target, before: grant, after });
    const server = await tx.server.findUniqueOrThrow({ where: { id: grant.serverId } });
    return { result: server, announce: { kind: "grant", id } };
  });
  if (changed instanceof Refusal) return changed;
  return createdView(id, changed.result.id, changed.result.name, token);
}

function createdView(id: string, serverId: string, serverName: string, token: string): GrantCreated {
  const gatewayUrl = gatewayUrlOf(serverId);
  return { id, token, gatewayUrl, clientConfigs: clientConfigs(serverName, gatewayUrl, token) };
}

/** Who writes policies may say which one applies; name and freeze are for those who manage grants. */
export async function patchGrant(
  member: Member,
  id: string,
  { policyId, label, frozen, reason }: z.output<typeof grantPatchBody>,
): Promise<GrantAnswer | Refusal> {
  if ((label !== undefined || frozen !== undefined) && !isPermitted(member.role, "grant.manage")) {
    return refuse("forbidden", { detail: `Your role is ${member.role}: you may set \`policyId\` only.` });
  }
  const changed = await changeAndEnforce(async (tx) => {
    const grant = await lockGrant(tx, member, id);
    if (grant instanceof Refusal) return grant;
    const misfit = policyId ? await refusePolicy(tx, member.organisation.id, grant.serverId, policyId) : null;
    if (misfit) return misfit;
    const brake = freezing(member, grant, frozen, reason);
    if (brake instanceof Refusal) return brake;
    const after = await tx.grant.update({ where: { id }, data: { policyId, label, ...brake } });
    if (brake) {
      await audit(tx, member, {
        action: frozen ? "brake.frozen" : "brake.unfrozen",
        target: { kind: "grant", id, name: after.label },
        before: { frozenAt: grant.frozenAt, reason: grant.frozenReason },
        after: { frozenAt: after.frozenAt, reason },
      });
    }
    const isMore = policyId !== undefined || label !== undefined;
    if (!brake || isMore)
      await audit(tx, member, {
        action: "grant.changed",
        target: { kind: "grant", id, name: after.label },
        before: { ...grant, policy: await policyNameOf(tx, grant.policyId) },
        after: { ...after, policy: await policyNameOf(tx, after.policyId) },
      });
    return { result: undefined, announce: { kind: "grant", id } };
  });
  return changed instanceof Refusal ? changed : readGrant(member, id);
}

/** For good. Revoking what is revoked is fine. */
export async function revokeGrant(member: Member, id: string): Promise<Refusal | undefined> {
  const changed = await changeAndEnforce(async (tx) => {
    const where = { id, organisationId: member.organisation.id };
    const before = await tx.grant.findFirst({ where });
    if (!before) return refuse("not_found");
    const revokedAt = new Date();
    const { count } = await tx.grant.updateMany({ where: { ...where, revokedAt: null }, data: { revokedAt } });
    if (count > 0) {
      const target = { kind: "grant", id, name: before.label } as const;
      await audit(tx, member, { action: "grant.revoked", target, before, after: { ...before, revokedAt } });
    }
    return { result: undefined, announce: { kind: "grant", id } };
  });
  return changed instanceof Refusal ? changed : undefined;
}

const withPolicy = { policy: { select: { name: true } } } satisfies Prisma.GrantInclude;

/** Those for one server, or all of the organisation; revoked ones too, so that a log's grant can be told. */
export async function listGrants(
  member: Member,
  serverId?: string,
): Promise<{ items: GrantAnswer[]; nextCursor: null }> {
  const rows = await database().grant.findMany({
    where: { serverId, organisationId: member.organisation.id },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    include: withPolicy,
  });
  return { items: rows.map(view), nextCursor: null };
}

export async function readGrant(member: Member, id: string): Promise<GrantAnswer | Refusal> {
  const row = await database().grant.findFirst({
    where: { id, organisationId: member.organisation.id },
    include: withPolicy,
  });
  return row ? view(row) : refuse("not_found");
}

/** The row, held until the transaction ends, so that a revocation cannot come in between. */
async function lockGrant(tx: Prisma.TransactionClient, member: Member, id: string) {
  await tx.$queryRaw`SELECT 1 FROM "Grant" WHERE "id" = ${id}::uuid FOR UPDATE`;
  const grant = await tx.grant.findFirst({ where: { id, organisationId: member.organisation.id } });
  if (!grant) return refuse("not_found");
  return grant.revokedAt ? refuse("grant_revoked") : grant;
}

async function policyNameOf(tx: Prisma.TransactionClient, id: string | null): Promise<string | null> {
  if (id === null) return null;
  return (await tx.policy.findUnique({ where: { id }, select: { name: true } }))?.name ?? null;
}

async function refusePolicy(
  tx: Prisma.TransactionClient,
  organisationId: string,
  serverId: string,
  policyId: string,
): Promise<Refusal | null> {
  const policy = await tx.policy.findFirst({ where: { id: policyId, organisationId } });
  if (!policy) return refuse("not_found");
  return policy.serverId === serverId ? null : refuse("policy_of_another_server");
}

function view(row: Prisma.GrantGetPayload<{ include: typeof withPolicy }>): GrantAnswer {
  const { id, serverId, policyId, label, hint } = row;
  return {
    id,
    serverId,
    policyId,
    policyName: row.policy?.name ?? null,
    label,
    hint,
    status: statusOf(row),
    frozen: row.frozenAt !== null,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    rotatedAt: row.rotatedAt?.toISOString() ?? null,
  };
}

function statusOf({
  revokedAt,
  expiresAt,
  frozenAt,
}: {
  revokedAt: Date | null;
  expiresAt: Date | null;
  frozenAt: Date | null;
}) {
  if (revokedAt) return "revoked";
  if (expiresAt && expiresAt.getTime() <= Date.now()) return "expired";
  return frozenAt ? "frozen" : "active";
}
