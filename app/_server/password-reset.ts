// Links that set a new password: one that an admin makes for a member, or one that is mailed to whoever asks, where mail is
// sent at all. A link works once, for an hour, and a newer one ends it.
import type * as z from "zod";
import { database, type Prisma } from "../../prisma/client.ts";
import { credentialHash, isCredential, mintCredential } from "../../prisma/credentials.ts";
import type { resetLinkAnswer } from "../api/v1/member-schemas.ts";
import { addressOf, countAttempt, forgetAttempts, linkLimits, resetMailLimits, sourceOf } from "./attempts.ts";
import { audit } from "./audit.ts";
import { settings } from "./environment.ts";
import { sendMail, sendsMail } from "./mail.ts";
import type { Member } from "./member.ts";
import { findAsAdmin, refuseElsewhere } from "./members.ts";
import { refuseCommon } from "./own-password.ts";
import { hashPassword } from "./passwords.ts";
import { Refusal, refuse } from "./refusals.ts";
import { report } from "./report.ts";
import { auditAccount, endSessions } from "./sessions.ts";

type Headers = { get(name: string): string | null };

const lifeMs = 60 * 60_000;

/** For a member who cannot sign in. The admin hands the link over; that they made it is on record. */
export async function makeResetLink(
  member: Member,
  userId: string,
): Promise<z.input<typeof resetLinkAnswer> | Refusal> {
  return database().$transaction(async (tx) => {
    const row = await findAsAdmin(tx, member, userId);
    if (row instanceof Refusal) return row;
    const elsewhere = await refuseElsewhere(tx, member, userId);
    if (elsewhere) return elsewhere;
    if (row.user.passwordHash === null) return refuse("no_password");
    const { url, expiresAt } = await makeLink(tx, userId, member.userId);
    await audit(tx, member, {
      action: "member.reset_link_made",
      target: { kind: "member", id: userId, name: row.user.email },
      after: { expiresAt },
    });
    return { url, expiresAt: expiresAt.toISOString() };
  });
}

/** The answer is the same, and as quick, whether there is such an account or not. */
export async function askForReset(email: string, headers: Headers): Promise<Refusal | undefined> {
  if (!sendsMail()) return refuse("mail_unavailable");
  const attempt = await countAttempt(resetMailLimits(email, addressOf(headers)));
  if (!attempt.ok) return refuse("too_many_attempts", { headers: { "retry-after": String(attempt.retryAfterS) } });
  const address = sourceOf(headers);
  void sendLink(email, address).catch((cause: unknown) => report("mail that sets a new password", cause));
  return undefined;

  async function sendLink(to: string, from: string): Promise<void> {
    const user = await database().user.findUnique({ where: { email: to } });
    if (!user || user.passwordHash === null) return;
    const { url } = await database().$transaction((tx) => makeLink(tx, user.id, null));
    await sendMail({
      to,
      subject: "Set a new password for PolicyLayer",
      text: `Somebody, at ${from}, asked to set a new password for your PolicyLayer account.\n\nTo do so, open this link within an hour. It works once:\n\n${url}\n\nIf it was not you, do nothing: your password stays as it is.\n`,
    });
  }
}

/** @returns The address of the account, for the page. */
export async function readReset(token: string, headers: Headers): Promise<{ email: string } | Refusal> {
  const reset = await findOpen(token, headers);
  return reset instanceof Refusal ? reset : { email: reset.user.email };
}

/** Sets the password and ends every session. A second factor stays: it is asked for at the next sign-in. */
export async function setPasswordByLink(
  { token, password }: { token: string; password: string },
  headers: Headers,
): Promise<Refusal | undefined> {
  const reset = await findOpen(token, headers);
  if (reset instanceof Refusal) return reset;
  const { id, userId, createdById } = reset;
  const { email } = reset.user;
  const common = refuseCommon(password, email);
  if (common) return common;
  const passwordHash = await hashPassword(password);
  const refusal = await database().$transaction(async (tx) => {
    const now = new Date();
    const { count } = await tx.passwordReset.updateMany({
      where: { id, usedAt: null, expiresAt: { gt: now } },
      data: { usedAt: now },
    });
    if (count === 0) return refuse("reset_gone");
    await tx.user.update({ where: { id: userId }, data: { passwordHash } });
    await tx.passwordReset.deleteMany({ where: { userId, id: { not: id } } });
    const sessions = await endSessions(tx, userId);
    const by = createdById ? "a link of an admin" : "a link in a mail";
    const who = { userId, email, address: sourceOf(headers) };
    await auditAccount(tx, who, { action: "account.password_reset", after: { sessions, by } });
    return undefined;
  });
  if (!refusal) await forgetAttempts(`login:${email}`);
  return refusal;
}

async function makeLink(
  tx: Prisma.TransactionClient,
  userId: string,
  createdById: string | null,
): Promise<{ url: string; expiresAt: Date }> {
  const { token, hash } = mintCredential("plr_");
  const expiresAt = new Date(Date.now() + lifeMs);
  await tx.passwordReset.deleteMany({ where: { userId } });
  await tx.passwordReset.create({ data: { userId, tokenHash: hash, createdById, expiresAt } });
  return { url: `${settings().publicUrl}/reset/${token}`, expiresAt };
}

const withEmail = { user: { select: { email: true } } } satisfies Prisma.PasswordResetInclude;

/** Unknown, used, replaced and expired are one answer. */
async function findOpen(
  token: string,
  headers: Headers,
): Promise<Prisma.PasswordResetGetPayload<{ include: typeof withEmail }> | Refusal> {
  const attempt = await countAttempt(linkLimits(addressOf(headers)));
  if (!attempt.ok) return refuse("too_many_attempts", { headers: { "retry-after": String(attempt.retryAfterS) } });
  if (!isCredential(token, "plr_")) return refuse("reset_gone");
  const reset = await database().passwordReset.findFirst({
    where: { tokenHash: credentialHash(token), usedAt: null, expiresAt: { gt: new Date() } },
    include: withEmail,
  });
  if (!reset) return refuse("reset_gone");
  await attempt.forget();
  return reset;
}
