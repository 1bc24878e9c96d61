// Browsers that are signed in. Each has a row whose id is in its cookie and is looked up at every request, so a session that
// was ended is worth nothing from the next request on, in every process.
import type * as z from "zod";
import { database, type Prisma } from "../../prisma/client.ts";
import type { sessionSchema } from "../api/v1/member-schemas.ts";
import { sourceOf } from "./attempts.ts";
import { auditAs } from "./audit.ts";
import { isId, readSession, type Session, sessionMaxAgeS } from "./session.ts";

type Headers = { get(name: string): string | null };

/** Somebody who is signed in, in whichever organisation, or in none any more. */
export type Account = { userId: string; email: string; sessionId: string; address: string };

/** The organisation that an account looks at, by its own choice or because it is the first. */
export type Place = {
  role: "admin" | "policy_manager" | "viewer";
  organisation: { id: string; name: string; frozen: boolean };
};

const maxAgeMs = sessionMaxAgeS * 1_000;
const noteEveryMs = 60_000;

/**
 * Begins a session for somebody whose password was right. Its id is new in any case: one that a browser brings along, or that
 * somebody planted there, is ended and never taken over.
 */
export async function startSession(userId: string, headers: Headers): Promise<string> {
  const brought = await readSession(headers);
  const browser = storableLine(headers.get("user-agent") ?? "");
  const address = sourceOf(headers);
  return database().$transaction(async (tx) => {
    await tx.session.deleteMany({ where: { userId, seenAt: { lt: new Date(Date.now() - maxAgeMs) } } });
    if (brought) await tx.session.deleteMany({ where: { id: brought.id } });
    const { id, user } = await tx.session.create({
      data: { userId, browser, address },
      include: { user: { select: { email: true } } },
    });
    await auditAccount(tx, { userId, email: user.email, address }, { action: "account.signed_in", after: { browser } });
    return id;
  });
}

const withPlaces = {
  user: {
    select: {
      email: true,
      memberships: { orderBy: { createdAt: "asc" }, include: { organisation: true } },
    },
  },
} satisfies Prisma.SessionInclude;

/** Whose session it is and where they are. Null when it has ended. `place` is null for somebody who is in no organisation. */
export async function lookUpSession(
  { id, userId }: Pick<Session, "id" | "userId">,
  headers: Headers,
): Promise<{ account: Account; place: Place | null } | null> {
  const row = await database().session.findFirst({
    where: { id, userId, seenAt: { gt: new Date(Date.now() - maxAgeMs) } },
    include: withPlaces,
  });
  if (!row) return null;
  const address = sourceOf(headers);
  if (Date.now() - row.seenAt.getTime() > noteEveryMs || row.address !== address) {
    await database().session.updateMany({ where: { id }, data: { seenAt: new Date(), address } });
  }
  const { email, memberships } = row.user;
  const chosen = memberships.find(({ organisationId }) => organisationId === row.organisationId) ?? memberships[0];
  return {
    account: { userId, email, sessionId: id, address },
    place: chosen ? placeOf(chosen) : null,
  };
}

type MembershipRow = { role: Place["role"]; organisation: { id: string; name: string; frozenAt: Date | null } };

export function placeOf({ role, organisation }: MembershipRow): Place {
  return {
    role,
    organisation: { id: organisation.id, name: organisation.name, frozen: organisation.frozenAt !== null },
  };
}

/** Whether the session of a token still stands. */
export async function isLive(id: unknown, userId: unknown): Promise<boolean> {
  if (!isId(id) || !isId(userId)) return false;
  return (await database().session.count({ where: { id, userId } })) === 1;
}

/** The one that is asked from first, then those that were seen last. */
export async function listSessions(
  account: Account,
): Promise<{ items: z.input<typeof sessionSchema>[]; nextCursor: null }> {
  const rows = await database().session.findMany({
    where: { userId: account.userId, seenAt: { gt: new Date(Date.now() - maxAgeMs) } },
    orderBy: [{ seenAt: "desc" }, { id: "desc" }],
    take: 200,
  });
  const items = rows.map(({ id, browser, address, createdAt, seenAt }) => ({
    id,
    browser,
    address,
    createdAt: createdAt.toISOString(),
    seenAt: seenAt.toISOString(),
    current: id === account.sessionId,
  }));
  return { items: items.sort((a, b) => Number(b.current) - Number(a.current)), nextCursor: null };
}

/** One of one's own sessions, or without an id all others. Ending what has ended is fine. */
export async function endOwnSessions(account: Account, id?: string): Promise<undefined> {
  await database().$transaction(async (tx) => {
    const sessions = await endSessions(tx, account.userId, id === undefined ? { not: account.sessionId } : id);
    if (sessions > 0) await auditAccount(tx, account, { action: "account.sessions_ended", after: { sessions } });
  });
}

/** Signing out. */
export async function endSession(id: unknown): Promise<void> {
  if (isId(id)) await database().session.deleteMany({ where: { id } });
}

/** @returns How many were ended. */
export async function endSessions(
  tx: Prisma.TransactionClient,
  userId: string,
  which?: string | { not: string },
): Promise<number> {
  const { count } = await tx.session.deleteMany({ where: { userId, id: which } });
  return count;
}

/** What somebody did to their own account concerns every organisation that they are in. */
export async function auditAccount(
  tx: Prisma.TransactionClient,
  { userId, email, address }: Pick<Account, "userId" | "email" | "address">,
  { action, after }: { action: Extract<Parameters<typeof auditAs>[3]["action"], `account.${string}`>; after?: object },
): Promise<void> {
  const actor = { kind: "member", id: userId, name: email, address } as const;
  const memberships = await tx.membership.findMany({ where: { userId }, select: { organisationId: true } });
  for (const { organisationId } of memberships) {
    await auditAs(tx, organisationId, actor, { action, target: { kind: "account", id: userId, name: email }, after });
  }
}

/** What a browser says of itself, on one line. */
function storableLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Surrogate}]/gu, " ")
    .trim()
    .slice(0, 300);
}
