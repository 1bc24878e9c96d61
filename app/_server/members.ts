// The members of an organisation: who they are, what they may do, and that there is always an admin.
import { database, type Prisma } from "../../prisma/client.ts";
import type { MemberAnswer } from "../api/v1/member-schemas.ts";
import { type Actor, actorOf, audit, auditAs } from "./audit.ts";
import type { Member } from "./member.ts";
import type { Role } from "./permissions.ts";
import { Refusal, refuse } from "./refusals.ts";
import { noSecondFactor } from "./second-factor.ts";
import { sessionMaxAgeS } from "./session.ts";
import { type Account, endSessions } from "./sessions.ts";

/** Admins first, then by address. */
export async function listMembers(member: Member): Promise<{ items: MemberAnswer[]; nextCursor: null }> {
  const recent = { seenAt: { gt: new Date(Date.now() - sessionMaxAgeS * 1_000) } };
  const rows = await database().membership.findMany({
    where: { organisationId: member.organisation.id },
    orderBy: [{ role: "asc" }, { user: { email: "asc" } }],
    include: {
      user: { include: { sessions: { where: recent, orderBy: { seenAt: "desc" }, select: { seenAt: true } } } },
    },
  });
  const items = rows.map(({ userId, role, createdAt, user }) => ({
    userId,
    email: user.email,
    name: user.name,
    role,
    joinedAt: createdAt.toISOString(),
    seenAt: user.sessions[0]?.seenAt.toISOString() ?? null,
    sessions: user.sessions.length,
    twoFactor: user.totpSince !== null,
    you: userId === member.userId,
  }));
  return { items, nextCursor: null };
}

async function readMember(member: Member, userId: string): Promise<MemberAnswer | Refusal> {
  const { items } = await listMembers(member);
  return items.find((item) => item.userId === userId) ?? refuse("not_found");
}

/** Takes effect at the next request of theirs, that of an API key of theirs too. */
export async function changeRole(member: Member, userId: string, role: Role): Promise<MemberAnswer | Refusal> {
  const refusal = await inOrder(member.organisation.id, async (tx) => {
    const before = await findAsAdmin(tx, member, userId);
    if (before instanceof Refusal) return before;
    if (before.role === role) return undefined;
    const lastAdmin = await refuseLastAdmin(tx, before);
    if (lastAdmin) return lastAdmin;
    await tx.membership.update({ where: keyOf(before), data: { role } });
    if (before.role === "admin") await takeBackInvites(tx, before);
    await audit(tx, member, {
      action: "member.role_changed",
      target: { kind: "member", id: userId, name: before.user.email },
      before: { role: before.role },
      after: { role },
    });
    return undefined;
  });
  return refusal ?? readMember(member, userId);
}

/** With their API keys for this organisation and the invites that they made. The account stays, and other organisations. */
export function removeMember(member: Member, userId: string): Promise<Refusal | undefined> {
  return inOrder(member.organisation.id, async (tx) => {
    const row = await findAsAdmin(tx, member, userId);
    return row instanceof Refusal ? row : remove(tx, row, "member.removed", actorOf(member));
  });
}

/** What everybody may do, whatever their role; but the last admin stays. */
export function leave(account: Account, organisationId: string): Promise<Refusal | undefined> {
  return inOrder(organisationId, async (tx) => {
    const row = await find(tx, organisationId, account.userId);
    if (!row) return refuse("not_found");
    const actor = { kind: "member", id: account.userId, name: account.email, address: account.address } as const;
    return remove(tx, row, "account.left", actor);
  });
}

/** Signs them out of every browser. */
export async function endSessionsOf(member: Member, userId: string): Promise<{ sessions: number } | Refusal> {
  return database().$transaction(async (tx) => {
    const row = await findAsAdmin(tx, member, userId);
    if (row instanceof Refusal) return row;
    const sessions = await endSessions(tx, userId);
    await audit(tx, member, {
      action: "member.sessions_ended",
      target: { kind: "member", id: userId, name: row.user.email },
      after: { sessions },
    });
    return { sessions };
  });
}

/** For somebody who has lost both their authenticator and their recovery codes. */
export async function removeSecondFactor(member: Member, userId: string): Promise<Refusal | undefined> {
  return database().$transaction(async (tx) => {
    const row = await findAsAdmin(tx, member, userId);
    if (row instanceof Refusal) return row;
    const elsewhere = await refuseElsewhere(tx, member, userId);
    if (elsewhere) return elsewhere;
    if (row.user.totpSince === null) return refuse("second_factor_off");
    await tx.user.update({ where: { id: userId }, data: noSecondFactor });
    await audit(tx, member, {
      action: "member.two_factor_removed",
      target: { kind: "member", id: userId, name: row.user.email },
      before: { twoFactor: true },
      after: { twoFactor: false },
    });
    return undefined;
  });
}

type Row = Prisma.MembershipGetPayload<{ include: { user: true } }>;

/** Changes of one organisation's members come one after the other, so that none is made by what another has just ended. */
async function inOrder(
  organisationId: string,
  work: (tx: Prisma.TransactionClient) => Promise<Refusal | undefined>,
): Promise<Refusal | undefined> {
  return database().$transaction(async (tx) => {
    await lockMembers(tx, organisationId);
    return work(tx);
  });
}

/** Held until the transaction ends. Rows that refer to the organisation can still be written meanwhile. */
export async function lockMembers(tx: Prisma.TransactionClient, organisationId: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM "Organisation" WHERE "id" = ${organisationId}::uuid FOR NO KEY UPDATE`;
}

/** The member who is meant, as long as the one who asks is still an admin: another admin may have said otherwise meanwhile. */
export async function findAsAdmin(
  tx: Prisma.TransactionClient,
  member: Member,
  userId: string,
): Promise<Row | Refusal> {
  const asking = await find(tx, member.organisation.id, member.userId);
  if (asking?.role !== "admin") return refuse("forbidden", { detail: "You are no admin any more." });
  return (await find(tx, member.organisation.id, userId)) ?? refuse("not_found");
}

function find(tx: Prisma.TransactionClient, organisationId: string, userId: string): Promise<Row | null> {
  return tx.membership.findUnique({
    where: { userId_organisationId: { userId, organisationId } },
    include: { user: true },
  });
}

function keyOf({ userId, organisationId }: Row) {
  return { userId_organisationId: { userId, organisationId } };
}

async function refuseLastAdmin(tx: Prisma.TransactionClient, { organisationId, role }: Row): Promise<Refusal | null> {
  if (role !== "admin") return null;
  const admins = await tx.membership.count({ where: { organisationId, role: "admin" } });
  return admins > 1 ? null : refuse("last_admin");
}

async function remove(
  tx: Prisma.TransactionClient,
  row: Row,
  action: "member.removed" | "account.left",
  actor: Actor,
): Promise<Refusal | undefined> {
  const lastAdmin = await refuseLastAdmin(tx, row);
  if (lastAdmin) return lastAdmin;
  const { userId, organisationId, role, user } = row;
  await tx.membership.delete({ where: keyOf(row) });
  await tx.apiKey.deleteMany({ where: { userId, organisationId } });
  await tx.session.updateMany({ where: { userId, organisationId }, data: { organisationId: null } });
  await takeBackInvites(tx, row);
  const target = { kind: "member", id: userId, name: user.email } as const;
  await auditAs(tx, organisationId, actor, { action, target, before: { email: user.email, role } });
  return undefined;
}

/** An invite says what its maker may say: it does not outlive that. */
async function takeBackInvites(tx: Prisma.TransactionClient, { userId, organisationId }: Row): Promise<void> {
  await tx.invite.deleteMany({ where: { organisationId, createdById: userId, acceptedAt: null } });
}

/**
 * An account is its user's in every organisation. An admin may only get at it when that gets them into no organisation in
 * which they are no admin.
 */
export async function refuseElsewhere(
  tx: Prisma.TransactionClient,
  member: Member,
  userId: string,
): Promise<Refusal | null> {
  const elsewhere = await tx.membership.count({
    where: {
      userId,
      organisation: { memberships: { none: { userId: member.userId, role: "admin" } } },
    },
  });
  return elsewhere > 0 ? refuse("member_elsewhere") : null;
}
