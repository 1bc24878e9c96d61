// Who asks: a user in one organisation, with the role they have there. Functions that touch an organisation's rows take a
// member, so they cannot be called without an organisation to stay inside.

import { database } from "../../prisma/client.ts";
import { credentialHash, isCredential } from "../../prisma/credentials.ts";
import { addressOf } from "./attempts.ts";
import type { Role } from "./permissions.ts";
import { type Refusal, refuse } from "./refusals.ts";
import { readSession } from "./session.ts";

export type Member = {
  userId: string;
  email: string;
  role: Role;
  organisation: { id: string; name: string; frozen: boolean };
  /** By what they ask, and from where. */
  via: Via;
  address: string;
};

type Via = { kind: "session" } | { kind: "api_key"; id: string; name: string };

export type Authenticated = {
  member: Member /** A `Set-Cookie` that prolongs the session, when it is due. */;
  renewal: string | null;
};

type Headers = { get(name: string): string | null };

/** By API key when there is a bearer credential, else by session cookie. Other schemes are for a proxy in front of us. */
export async function authenticate(headers: Headers): Promise<Authenticated | Refusal> {
  const bearer = /^Bearer +(\S*)$/i.exec(headers.get("authorization") ?? "");
  if (bearer) {
    const member = await memberOfApiKey(bearer[1] ?? "", addressOf(headers));
    return member ? { member, renewal: null } : refuse("invalid_credential");
  }
  const session = await readSession(headers);
  if (!session) return refuse("not_signed_in");
  const member = await memberOfUser(session.userId, { via: { kind: "session" }, address: addressOf(headers) });
  return member ? { member, renewal: session.renewal } : refuse("invalid_credential");
}

async function memberOfApiKey(apiKey: string, address: string): Promise<Member | null> {
  if (!isCredential(apiKey, "pla_")) return null;
  const row = await database().apiKey.findUnique({ where: { keyHash: credentialHash(apiKey) } });
  if (!row) return null;
  // Once a minute is enough for a person who wonders whether a key is still in use.
  if (Date.now() - (row.lastUsedAt?.getTime() ?? 0) > 60_000) {
    await database().apiKey.updateMany({ where: { id: row.id }, data: { lastUsedAt: new Date() } });
  }
  const { id, name } = row;
  return memberOfUser(row.userId, { via: { kind: "api_key", id, name }, address }, row.organisationId);
}

async function memberOfUser(
  userId: string,
  how: Pick<Member, "via" | "address">,
  organisationId?: string,
): Promise<Member | null> {
  const membership = await database().membership.findFirst({
    where: { userId, organisationId },
    orderBy: { createdAt: "asc" },
    include: { user: true, organisation: true },
  });
  if (!membership) return null;
  const { user, organisation, role } = membership;
  return {
    userId,
    email: user.email,
    role,
    organisation: { id: organisation.id, name: organisation.name, frozen: organisation.frozenAt !== null },
    ...how,
  };
}
