// The password of somebody who is signed in: asked for before what a borrowed browser must not do, and changed.
import { database } from "../../prisma/client.ts";
import { countAttempt, ownPasswordLimits } from "./attempts.ts";
import { hashPassword, isCommonPassword, verifyPassword } from "./passwords.ts";
import { type Refusal, refuse } from "./refusals.ts";
import { type Account, auditAccount, endSessions } from "./sessions.ts";

/** @returns Null when it is theirs. */
export async function confirmPassword(account: Account, given: string, field = "password"): Promise<Refusal | null> {
  const { passwordHash } = await database().user.findUniqueOrThrow({ where: { id: account.userId } });
  if (passwordHash === null) return refuse("no_password");
  const attempt = await countAttempt(ownPasswordLimits(account.userId));
  if (!attempt.ok) return refuse("too_many_attempts", { headers: { "retry-after": String(attempt.retryAfterS) } });
  if (!(await verifyPassword(passwordHash, given))) {
    return refuse("password_wrong", { errors: [{ pointer: `/${field}`, message: "is not right" }] });
  }
  await attempt.forget();
  return null;
}

/** Ends every other session: whoever changes a password may do so because somebody else knows it. */
export async function changePassword(
  account: Account,
  { current, password }: { current: string; password: string },
): Promise<{ sessions: number } | Refusal> {
  const trouble = (await confirmPassword(account, current, "current")) ?? refuseCommon(password, account.email);
  if (trouble) return trouble;
  const passwordHash = await hashPassword(password);
  return database().$transaction(async (tx) => {
    await tx.user.update({ where: { id: account.userId }, data: { passwordHash } });
    // A link that was asked for under the old password must not undo this.
    await tx.passwordReset.deleteMany({ where: { userId: account.userId } });
    const sessions = await endSessions(tx, account.userId, { not: account.sessionId });
    await auditAccount(tx, account, { action: "account.password_changed", after: { sessions } });
    return { sessions };
  });
}

export function refuseCommon(password: string, email: string): Refusal | null {
  if (!isCommonPassword(password, email)) return null;
  const message = "is too easy to guess; a few unrelated words make a good one";
  return refuse("password_too_common", { errors: [{ pointer: "/password", message }] });
}
