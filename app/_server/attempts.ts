// Counts what may be tried only so often: signing in, signing up and writing to us. In Postgres, so that several web processes count together.
import ipaddr from "ipaddr.js";
import { database } from "../../prisma/client.ts";
import { settings } from "./environment.ts";

export type AttemptLimit = { key: string; max: number; windowMs: number };

const minuteMs = 60_000;

/** Wrong passwords: few for one account, more for one address, behind which many people may sit. */
export function signInLimits(email: string, address: string): AttemptLimit[] {
  return [
    { key: `login:${email}`, max: 10, windowMs: 15 * minuteMs },
    { key: `login:${address}`, max: 100, windowMs: 15 * minuteMs },
  ];
}

/** On one's own machine there is only one address, that of its owner and their scripts. */
export function signUpLimits(address: string): AttemptLimit[] {
  return [{ key: `signup:${address}`, max: settings().hosted ? 20 : 300, windowMs: 60 * minuteMs }];
}

/** Codes of a second factor and recovery codes, asked for after the right password: six digits are few. */
export function secondFactorLimits(userId: string): AttemptLimit[] {
  return [
    { key: `second-factor:${userId}`, max: 5, windowMs: 15 * minuteMs },
    { key: `second-factor-day:${userId}`, max: 30, windowMs: 24 * 60 * minuteMs },
  ];
}

/** The password of somebody who is signed in already, asked for again. */
export function ownPasswordLimits(userId: string): AttemptLimit[] {
  return [{ key: `own-password:${userId}`, max: 10, windowMs: 15 * minuteMs }];
}

/** Links that were sent or handed over: nobody guesses one, and nobody may try for long. */
export function linkLimits(address: string): AttemptLimit[] {
  return [{ key: `link:${address}`, max: settings().hosted ? 60 : 600, windowMs: 15 * minuteMs }];
}

/** Mails with invites: nobody is to be made a sender of mail to strangers. */
export function inviteMailLimits(organisationId: string): AttemptLimit[] {
  return [{ key: `invite-mail:${organisationId}`, max: 30, windowMs: 60 * minuteMs }];
}

/** Mails that set a new password: few for one account, so that nobody's mailbox is filled. */
export function resetMailLimits(email: string, address: string): AttemptLimit[] {
  return [
    { key: `reset:${email}`, max: 3, windowMs: 60 * minuteMs },
    { key: `reset:${address}`, max: 30, windowMs: 60 * minuteMs },
  ];
}

/** Messages of strangers: few from one address, and in total no more than somebody could read. */
export function contactLimits(address: string): AttemptLimit[] {
  return [
    { key: `contact:${address}`, max: settings().hosted ? 5 : 60, windowMs: 60 * minuteMs },
    { key: "contact", max: 300, windowMs: 60 * minuteMs },
  ];
}

/** An attempt that was counted. `forget` takes it back, because it turned out well. */
export type Attempt = { ok: true; forget: () => Promise<void> } | { ok: false; retryAfterS: number };

/**
 * Counts an attempt under every limit before it is made: attempts that come at the same moment see each other, so no burst
 * gets past. One that is refused does not count, so a limit is over when its window is.
 */
export async function countAttempt(limits: AttemptLimit[]): Promise<Attempt> {
  const db = database();
  await removeOld();
  const rows = await db.attempt.createManyAndReturn({ data: limits.map(({ key }) => ({ key })), select: { id: true } });
  const forget = async () => {
    await db.attempt.deleteMany({ where: { id: { in: rows.map(({ id }) => id) } } });
  };
  for (const { key, max, windowMs } of limits) {
    const where = { key, at: { gt: new Date(Date.now() - windowMs) } };
    if ((await db.attempt.count({ where })) <= max) continue;
    await forget();
    const oldest = await db.attempt.findFirst({ where, orderBy: { at: "asc" } });
    const freeInMs = (oldest?.at.getTime() ?? Date.now()) + windowMs - Date.now();
    return { ok: false, retryAfterS: Math.max(1, Math.ceil(freeInMs / 1_000)) };
  }
  return { ok: true, forget };
}

/** After a right password the wrong ones before it no longer count against the account. */
export async function forgetAttempts(key: string): Promise<void> {
  await database().attempt.deleteMany({ where: { key } });
}

/** Now and then is enough: rows are small, and old ones are never counted. */
async function removeOld(): Promise<void> {
  if (Math.random() < 0.02)
    await database().attempt.deleteMany({ where: { at: { lt: new Date(Date.now() - 24 * 60 * minuteMs) } } });
}

/** Where a request came from, as far as it can be known: web.ts writes this header itself. */
export function sourceOf(headers: { get(name: string): string | null }): string {
  return headers.get("x-forwarded-for")?.split(",").at(-1)?.trim().slice(0, 64) || "unknown";
}

/**
 * The same, for counting. Of an IPv6 address the /64 that one
 * customer has: within it, everybody may take a new address for each attempt.
 */
export function addressOf(headers: { get(name: string): string | null }): string {
  const address = sourceOf(headers);
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString();
  const network = parsed.parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(":")}::/64`;
}
