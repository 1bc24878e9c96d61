// Who asks: a user in one organisation, with the role they have there. Functions that touch an organisation's rows take a
// member, so they cannot be called without an organisation to stay inside.

import { database } from "../../prisma/client.ts";
import { credentialHash, isCredential } from "../../prisma/credentials.ts";
import { sourceOf } from "./attempts.ts";
import type { Role } from "./permissions.ts";
import { type Refusal, refuse } from "./refusals.ts";
import { goneCookie, readSession } from "./session.ts";
import { type Account, lookUpSession, placeOf } from "./sessions.ts";

export type Member = {
  userId: string;
  email: string;
  role: Role;
  organisation: { id: string; name: string; frozen: boolean };
  /** By what they ask, and from where. */
  via: Via;
  address: string;
};

type Via = { kind: "session"; id: string } | { kind: "api_key"; id: string; name: string };

export type Authenticated = {
  member: Member;
  /** A `Set-Cookie` that prolongs the session, when it is due. */
  renewal: string | null;
};

type Headers = { get(name: string): string | null };

/** By API key when there is a bearer credential, else by session cookie. Other schemes are for a proxy in front of us. */
export async function authenticate(headers: Headers): Promise<Authenticated | Refusal> {
  const apiKey = bearerOf(headers);
  if (apiKey !== null) {
    const member = await memberOfApiKey(apiKey, sourceOf(headers));
    return member ? { member, renewal: null } : refuse("invalid_credential");
  }
  const signedIn = await signedInBy(headers);
  if (!("account" in signedIn)) return signedIn;
  const { account, place, renewal } = signedIn;
  if (!place) return refuse("no_organisation");
  const { userId, email, sessionId, address } = account;
  return { member: { userId, email, ...place, via: { kind: "session", id: sessionId }, address }, renewal };
}

/** Somebody signed in at a browser, whatever they are in. What concerns an account is not for its API keys to change. */
export async function authenticateAccount(
  headers: Headers,
): Promise<{ account: Account; renewal: string | null } | Refusal> {
  const apiKey = bearerOf(headers);
  if (apiKey === null) return signedInBy(headers);
  const member = await memberOfApiKey(apiKey, sourceOf(headers));
  return refuse(member ? "session_needed" : "invalid_credential");
}

function bearerOf(headers: Headers): string | null {
  const bearer = /^Bearer +(\S*)$/i.exec(headers.get("authorization") ?? "");
  return bearer ? (bearer[1] ?? "") : null;
}

async function signedInBy(headers: Headers) {
  const session = await readSession(headers);
  if (!session) return refuse("not_signed_in");
  const found = await lookUpSession(session, headers);
  return found
    ? { ...found, renewal: session.renewal }
    : refuse("invalid_credential", { headers: { "set-cookie": goneCookie() } });
}

async function memberOfApiKey(apiKey: string, address: string): Promise<Member | null> {
  if (!isCredential(apiKey, "pla_")) return null;
  const row = await database().apiKey.findUnique({ where: { keyHash: credentialHash(apiKey) } });
  if (!row) return null;
  // Once a minute is enough for a person who wonders whether a key is still in use.
  if (Date.now() - (row.lastUsedAt?.getTime() ?? 0) > 60_000) {
    await database().apiKey.updateMany({ where: { id: row.id }, data: { lastUsedAt: new Date() } });
  }
  const { id, name, userId, organisationId } = row;
  const membership = await database().membership.findUnique({
    where: { userId_organisationId: { userId, organisationId } },
    include: { user: true, organisation: true },
  });
  if (!membership) return null;
  const { email } = membership.user;
  return { userId, email, ...placeOf(membership), via: { kind: "api_key", id, name }, address };
}
