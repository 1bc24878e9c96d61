// One's own account: what it has, and which of its organisations a browser looks at.
import type * as z from "zod";
import { database } from "../../prisma/client.ts";
import type { AccountAnswer, joinedAnswer } from "../api/v1/member-schemas.ts";
import { auditAs } from "./audit.ts";
import { type Refusal, refuse } from "./refusals.ts";
import type { Account } from "./sessions.ts";

type Joined = z.input<typeof joinedAnswer>;

/** An account may make so many organisations of its own. */
const organisationsMax = 50;

export async function describeAccount(account: Account): Promise<AccountAnswer> {
  const user = await database().user.findUniqueOrThrow({
    where: { id: account.userId },
    include: { memberships: { orderBy: { createdAt: "asc" }, include: { organisation: true } } },
  });
  const session = await database().session.findUnique({ where: { id: account.sessionId } });
  const { memberships, totpSince } = user;
  const chosen = memberships.find(({ organisationId }) => organisationId === session?.organisationId) ?? memberships[0];
  return {
    user: { id: user.id, email: user.email },
    hasPassword: user.passwordHash !== null,
    twoFactor: {
      on: totpSince !== null,
      since: totpSince?.toISOString() ?? null,
      recoveryCodesLeft: totpSince === null ? 0 : user.recoveryHashes.length,
    },
    organisations: memberships.map(({ organisationId, organisation, role }) => ({
      id: organisationId,
      name: organisation.name,
      role,
      current: organisationId === chosen?.organisationId,
    })),
  };
}

/** This browser goes on in another organisation of the account; other browsers stay where they are. */
export async function chooseOrganisation(account: Account, organisationId: string): Promise<Refusal | undefined> {
  const key = { userId_organisationId: { userId: account.userId, organisationId } };
  if (!(await database().membership.findUnique({ where: key }))) return refuse("not_found");
  await database().session.updateMany({ where: { id: account.sessionId }, data: { organisationId } });
  return undefined;
}

/** With the account as its admin; the browser goes on there. */
export async function addOrganisation(account: Account, name: string): Promise<Joined | Refusal> {
  const { userId, email, address, sessionId } = account;
  return database().$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM "User" WHERE "id" = ${userId}::uuid FOR NO KEY UPDATE`;
    if ((await tx.membership.count({ where: { userId } })) >= organisationsMax) return refuse("too_many_organisations");
    const organisation = await tx.organisation.create({ data: { name } });
    const organisationId = organisation.id;
    await tx.membership.create({ data: { userId, organisationId, role: "admin" } });
    await tx.session.updateMany({ where: { id: sessionId }, data: { organisationId } });
    const actor = { kind: "member", id: userId, name: email, address } as const;
    const target = { kind: "organisation", id: organisationId, name } as const;
    await auditAs(tx, organisationId, actor, { action: "organisation.created", target, after: organisation });
    return { organisation: { id: organisationId, name }, role: "admin" as const };
  });
}
