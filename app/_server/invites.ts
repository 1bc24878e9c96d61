// Invites: a link by which somebody joins an organisation, once, within a week. The link is all it takes, so it is kept as a
// hash and shown only to who made it.
import type * as z from "zod";
import { database, Prisma } from "../../prisma/client.ts";
import { credentialHash, isCredential, mintCredential } from "../../prisma/credentials.ts";
import type {
  InviteAnswer,
  inviteBody,
  inviteCreated,
  inviteSignupBody,
  joinedAnswer,
} from "../api/v1/member-schemas.ts";
import { addressOf, countAttempt, inviteMailLimits, linkLimits, signUpLimits, sourceOf } from "./attempts.ts";
import { audit, auditAs } from "./audit.ts";
import { settings } from "./environment.ts";
import { sendMail, sendsMail } from "./mail.ts";
import type { Member } from "./member.ts";
import { findAsAdmin, lockMembers } from "./members.ts";
import { refuseCommon } from "./own-password.ts";
import { hashPassword } from "./passwords.ts";
import { Refusal, refuse } from "./refusals.ts";
import { report } from "./report.ts";
import type { Account } from "./sessions.ts";

type Headers = { get(name: string): string | null };
type Joined = z.input<typeof joinedAnswer>;

const lifeMs = 7 * 24 * 60 * 60_000;
const openMax = 100;

export async function createInvite(
  member: Member,
  { email = null, role }: { email?: string | null | undefined; role: z.output<typeof inviteBody>["role"] },
): Promise<z.input<typeof inviteCreated> | Refusal> {
  const { token, hash } = mintCredential("pli_");
  const organisationId = member.organisation.id;
  const made = await database().$transaction(async (tx) => {
    await lockMembers(tx, organisationId);
    const still = await findAsAdmin(tx, member, member.userId);
    if (still instanceof Refusal) return still;
    const open = await tx.invite.count({ where: { organisationId, acceptedAt: null, expiresAt: { gt: new Date() } } });
    if (open >= openMax) return refuse("too_many_invites");
    const row = await tx.invite.create({
      data: {
        ...{ organisationId, email, role },
        tokenHash: hash,
        createdById: member.userId,
        expiresAt: new Date(Date.now() + lifeMs),
      },
    });
    await audit(tx, member, {
      action: "invite.created",
      target: { kind: "invite", id: row.id },
      after: row,
    });
    return row;
  });
  if (made instanceof Refusal) return made;
  const url = `${settings().publicUrl}/invite/${token}`;
  const mailed = email !== null && (await mailInvite(member, email, url));
  return { ...view(made, new Map([[member.userId, member.email]])), url, mailed };
}

/** Besides the link that is shown: that it could not be mailed stops nothing. */
async function mailInvite({ email: from, organisation }: Member, to: string, url: string): Promise<boolean> {
  if (!sendsMail() || !(await countAttempt(inviteMailLimits(organisation.id))).ok) return false;
  const text = `${from} invites you to work on "${organisation.name}" in PolicyLayer.\n\nOpen this link within a week. It works once, for this e-mail address:\n\n${url}\n\nIf you do not know what this is about, do nothing.\n`;
  try {
    await sendMail({ to, subject: `An invite to ${organisation.name} in PolicyLayer`, text });
    return true;
  } catch (cause) {
    report("mail with an invite", cause);
    return false;
  }
}

/** The open ones and those that were taken, the newest first. */
export async function listInvites(member: Member): Promise<{ items: InviteAnswer[]; nextCursor: null }> {
  const rows = await database().invite.findMany({
    where: { organisationId: member.organisation.id },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: 200,
  });
  const ids = rows.flatMap(({ createdById, acceptedById }) => [createdById, ...(acceptedById ? [acceptedById] : [])]);
  const users = await database().user.findMany({ where: { id: { in: ids } }, select: { id: true, email: true } });
  const emails = new Map(users.map(({ id, email }) => [id, email]));
  return { items: rows.map((row) => view(row, emails)), nextCursor: null };
}

/** The link works no more. Of an invite that was taken, only its line goes: the member stays. */
export async function deleteInvite(member: Member, id: string): Promise<undefined> {
  await database().$transaction(async (tx) => {
    const own = { id, organisationId: member.organisation.id };
    const [before] = await tx.invite.findMany({ where: own });
    const { count } = await tx.invite.deleteMany({ where: own });
    if (!before || count === 0) return;
    await audit(tx, member, { action: "invite.revoked", target: { kind: "invite", id }, before });
  });
}

/** What the page of the link shows before somebody takes it. */
export async function readInvite(
  token: string,
  headers: Headers,
): Promise<
  | { organisation: { id: string; name: string }; role: Joined["role"]; email: string | null; invitedBy: string | null }
  | Refusal
> {
  const invite = await findOpen(token, headers);
  if (invite instanceof Refusal) return invite;
  const { organisation, role, email, createdById } = invite;
  const by = await database().user.findUnique({ where: { id: createdById }, select: { email: true } });
  return { organisation: { id: organisation.id, name: organisation.name }, role, email, invitedBy: by?.email ?? null };
}

/** Somebody who is signed in joins, and their browser goes on in that organisation. */
export async function acceptInvite(account: Account, token: string, headers: Headers): Promise<Joined | Refusal> {
  const invite = await findOpen(token, headers);
  if (invite instanceof Refusal) return invite;
  return orRefusal(() =>
    database().$transaction(async (tx) => {
      const joined = await join(tx, invite.id, account);
      const { organisation } = joined;
      await tx.session.updateMany({ where: { id: account.sessionId }, data: { organisationId: organisation.id } });
      return joined;
    }),
  );
}

/** Somebody new joins: an account without an organisation or API key of its own. */
export async function signUpByInvite(
  { token, email, password }: z.output<typeof inviteSignupBody>,
  headers: Headers,
): Promise<Joined | Refusal> {
  const invite = await findOpen(token, headers);
  if (invite instanceof Refusal) return invite;
  // Before the account is looked up: the link says nothing of who has an account but the one it was made for.
  if (invite.email !== null && invite.email !== email) return refuse("invite_other_email");
  const common = refuseCommon(password, email);
  if (common) return common;
  const attempt = await countAttempt(signUpLimits(addressOf(headers)));
  if (!attempt.ok) return refuse("too_many_attempts", { headers: { "retry-after": String(attempt.retryAfterS) } });
  const passwordHash = await hashPassword(password);
  return orRefusal(async () => {
    try {
      return await database().$transaction(async (tx) => {
        const user = await tx.user.create({ data: { email, passwordHash } });
        return join(tx, invite.id, { userId: user.id, email, address: sourceOf(headers) });
      });
    } catch (cause) {
      if (cause instanceof Prisma.PrismaClientKnownRequestError && cause.code === "P2002") {
        throw refuse("email_taken", { errors: [{ pointer: "/email", message: "has an account already; sign in" }] });
      }
      throw cause;
    }
  });
}

type Joining = Pick<Account, "userId" | "email" | "address">;

/** One statement takes the invite, so of two who hold the same link one gets in. @throws Refusal, which takes all back */
async function join(tx: Prisma.TransactionClient, inviteId: string, who: Joining): Promise<Joined> {
  const now = new Date();
  const { count } = await tx.invite.updateMany({
    where: { id: inviteId, acceptedAt: null, expiresAt: { gt: now }, OR: [{ email: null }, { email: who.email }] },
    data: { acceptedAt: now, acceptedById: who.userId },
  });
  const invite = await tx.invite.findUnique({ where: { id: inviteId }, include: { organisation: true } });
  if (!invite) throw refuse("invite_gone");
  if (count === 0) throw refuse(invite.acceptedAt || invite.expiresAt <= now ? "invite_gone" : "invite_other_email");
  const { organisationId, organisation, role } = invite;
  const known = await tx.membership.count({ where: { userId: who.userId, organisationId } });
  if (known > 0) throw refuse("already_member");
  await tx.membership.create({ data: { userId: who.userId, organisationId, role } });
  const actor = { kind: "member", id: who.userId, name: who.email, address: who.address } as const;
  const target = { kind: "member", id: who.userId, name: who.email } as const;
  await auditAs(tx, organisationId, actor, { action: "invite.accepted", target, after: { email: who.email, role } });
  return { organisation: { id: organisation.id, name: organisation.name }, role };
}

async function orRefusal<T>(work: () => Promise<T>): Promise<T | Refusal> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown;
    throw thrown;
  }
}

const withOrganisation = { organisation: true } satisfies Prisma.InviteInclude;

/** Unknown, used, taken back and expired are one answer. */
async function findOpen(
  token: string,
  headers: Headers,
): Promise<Prisma.InviteGetPayload<{ include: typeof withOrganisation }> | Refusal> {
  const attempt = await countAttempt(linkLimits(addressOf(headers)));
  if (!attempt.ok) return refuse("too_many_attempts", { headers: { "retry-after": String(attempt.retryAfterS) } });
  if (!isCredential(token, "pli_")) return refuse("invite_gone");
  const invite = await database().invite.findFirst({
    where: { tokenHash: credentialHash(token), acceptedAt: null, expiresAt: { gt: new Date() } },
    include: withOrganisation,
  });
  if (!invite) return refuse("invite_gone");
  await attempt.forget();
  return invite;
}

type InviteRow = Prisma.InviteGetPayload<object>;

function view(row: InviteRow, emails: ReadonlyMap<string, string>): InviteAnswer {
  const { id, email, role, createdById, acceptedById, acceptedAt, createdAt, expiresAt } = row;
  return {
    id,
    email,
    role,
    status: acceptedAt ? "accepted" : expiresAt.getTime() <= Date.now() ? "expired" : "open",
    createdBy: emails.get(createdById) ?? null,
    acceptedBy: acceptedById ? (emails.get(acceptedById) ?? null) : null,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  };
}
