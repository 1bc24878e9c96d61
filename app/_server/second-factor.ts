// The second factor of an account: codes of an authenticator app, and recovery codes for when it is lost. Every code works
// once. Asked for at sign-in, after the password; API keys have none.
import { database, type Prisma } from "../../prisma/client.ts";
import { credentialHash } from "../../prisma/credentials.ts";
import { open, seal } from "../../prisma/secrets.ts";
import { countAttempt, secondFactorLimits } from "./attempts.ts";
import { secretKeys, settings } from "./environment.ts";
import { confirmPassword } from "./own-password.ts";
import { type Refusal, refuse } from "./refusals.ts";
import { type Account, auditAccount } from "./sessions.ts";
import { matchingStep, newRecoveryCodes, newTotpSecret, plainRecoveryCode, totpUri } from "./totp.ts";

const purpose = "second-factor";

/** What an account has without a second factor. */
export const noSecondFactor = {
  sealedTotp: null,
  totpSince: null,
  totpStep: null,
  recoveryHashes: [],
} satisfies Prisma.UserUpdateInput;

/** Judges a code of somebody who gave the right password. A right one is used up by it. */
export async function checkSecondFactor(
  userId: string,
  code: string,
  address: string,
): Promise<"right" | "wrong" | "rate_limited"> {
  const attempt = await countAttempt(secondFactorLimits(userId));
  if (!attempt.ok) return "rate_limited";
  const isRight = (await takeCode(userId, code)) || (await takeRecoveryCode(userId, code, address));
  if (isRight) await attempt.forget();
  return isRight ? "right" : "wrong";
}

/** One statement decides, so a code that two send at once is taken from one of them. */
async function takeCode(userId: string, code: string): Promise<boolean> {
  const user = await database().user.findUnique({
    where: { id: userId },
    select: { sealedTotp: true, totpSince: true },
  });
  if (!user?.sealedTotp || !user.totpSince) return false;
  const secret = open(secretKeys(), purpose, user.sealedTotp, userId);
  const step = secret === null ? null : matchingStep(secret, code, Date.now());
  if (step === null) return false;
  const { sealedTotp } = user;
  const { count } = await database().user.updateMany({
    where: { id: userId, sealedTotp, OR: [{ totpStep: null }, { totpStep: { lt: step } }] },
    data: { totpStep: step },
  });
  return count === 1;
}

async function takeRecoveryCode(userId: string, code: string, address: string): Promise<boolean> {
  const hash = credentialHash(plainRecoveryCode(code));
  return database().$transaction(async (tx) => {
    const rows = await tx.$queryRaw<{ email: string }[]>`
      UPDATE "User" SET "recoveryHashes" = array_remove("recoveryHashes", ${hash})
      WHERE "id" = ${userId}::uuid AND "totpSince" IS NOT NULL AND ${hash} = ANY("recoveryHashes") RETURNING "email"`;
    const email = rows[0]?.email;
    if (email === undefined) return false;
    await auditAccount(tx, { userId, email, address }, { action: "account.recovery_code_used" });
    return true;
  });
}

/** Makes a secret that does not count before a code of it was seen. Beginning again makes another. */
export async function beginSecondFactor(
  account: Account,
  password: string,
): Promise<{ secret: string; uri: string } | Refusal> {
  const trouble = await confirmPassword(account, password);
  if (trouble) return trouble;
  const secret = newTotpSecret();
  const { count } = await database().user.updateMany({
    where: { id: account.userId, totpSince: null },
    data: { ...noSecondFactor, sealedTotp: seal(secretKeys(), purpose, secret, account.userId) },
  });
  if (count === 0) return refuse("second_factor_on");
  return { secret, uri: totpUri(secret, account.email, new URL(settings().publicUrl).host) };
}

/** Turns it on: the app has the secret, which its code proves. */
export async function confirmSecondFactor(
  account: Account,
  code: string,
): Promise<{ recoveryCodes: string[] } | Refusal> {
  const attempt = await countAttempt(secondFactorLimits(account.userId));
  if (!attempt.ok) return tooMany(attempt.retryAfterS);
  const user = await database().user.findUniqueOrThrow({ where: { id: account.userId } });
  if (user.totpSince) return refuse("second_factor_on");
  const { sealedTotp } = user;
  if (!sealedTotp) return refuse("second_factor_off");
  const secret = open(secretKeys(), purpose, sealedTotp, account.userId);
  const step = secret === null ? null : matchingStep(secret, code, Date.now());
  if (step === null) return wrongCode();
  await attempt.forget();
  const { codes, hashes } = recoveryCodes();
  const isOn = await database().$transaction(async (tx) => {
    const { count } = await tx.user.updateMany({
      where: { id: account.userId, totpSince: null, sealedTotp },
      data: { totpSince: new Date(), totpStep: step, recoveryHashes: hashes },
    });
    if (count === 1) await auditAccount(tx, account, { action: "account.two_factor_on", after: { twoFactor: true } });
    return count === 1;
  });
  return isOn ? { recoveryCodes: codes } : refuse("second_factor_on");
}

/** Takes the place of the recovery codes that are left. */
export async function renewRecoveryCodes(
  account: Account,
  proof: { password: string; code: string },
): Promise<{ recoveryCodes: string[] } | Refusal> {
  const trouble = await confirmBoth(account, proof);
  if (trouble) return trouble;
  const { codes, hashes } = recoveryCodes();
  await database().$transaction(async (tx) => {
    await tx.user.updateMany({
      where: { id: account.userId, totpSince: { not: null } },
      data: { recoveryHashes: hashes },
    });
    await auditAccount(tx, account, { action: "account.recovery_codes_made" });
  });
  return { recoveryCodes: codes };
}

export async function endSecondFactor(
  account: Account,
  proof: { password: string; code: string },
): Promise<Refusal | undefined> {
  const trouble = await confirmBoth(account, proof);
  if (trouble) return trouble;
  await database().$transaction(async (tx) => {
    await tx.user.update({ where: { id: account.userId }, data: noSecondFactor });
    await auditAccount(tx, account, { action: "account.two_factor_off", after: { twoFactor: false } });
  });
  return undefined;
}

async function confirmBoth(account: Account, proof: { password: string; code: string }): Promise<Refusal | null> {
  const wrongPassword = await confirmPassword(account, proof.password);
  if (wrongPassword) return wrongPassword;
  const user = await database().user.findUniqueOrThrow({ where: { id: account.userId }, select: { totpSince: true } });
  if (!user.totpSince) return refuse("second_factor_off");
  const judged = await checkSecondFactor(account.userId, proof.code, account.address);
  if (judged === "rate_limited") return tooMany(15 * 60);
  return judged === "wrong" ? wrongCode() : null;
}

function wrongCode(): Refusal {
  const errors = [{ pointer: "/code", message: "is not right, or was used already; wait for the next one" }];
  return refuse("second_factor_wrong", { errors });
}

function tooMany(retryAfterS: number): Refusal {
  return refuse("too_many_attempts", { headers: { "retry-after": String(retryAfterS) } });
}

function recoveryCodes(): { codes: string[]; hashes: string[] } {
  const codes = newRecoveryCodes();
  return { codes, hashes: codes.map((code) => credentialHash(plainRecoveryCode(code))) };
}
