// Whose token this is, and what it is held to.
import { credentialHash, isCredential } from "../prisma/credentials.ts";
import type { Policies } from "./policies.ts";
import type { GrantInForce, PolicyInForce, ServerInForce, Snapshot } from "./snapshot.ts";

export type Caller = {
  grant: GrantInForce;
  server: ServerInForce;
  /** The grant, its server or its organisation is frozen. */
  frozen: boolean;
  /** `none`: the grant has no policy. `unavailable`: it has one that cannot be read, so nothing is allowed. */
  policy: PolicyInForce | "none" | "unavailable";
};

/** Hashes of tokens that were seen to be in use, by their `Authorization` headers. What a hash stands for is always asked of the snapshot. */
export type TokenHashes = Map<string, string>;

const tokensKeptMax = 10_000;
/** A token may stand behind kilobytes of blanks. */
const authorizationKeptMax = 200;

/**
 * Finds the grant of a bearer token for one server. Null for every reason alike: no token, not one of ours, unknown, revoked,
 * expired, or of another server's grant.
 */
export function callerOf(
  authorization: string | null,
  serverId: string,
  snapshot: Snapshot,
  now: number,
  tokens: TokenHashes,
): Caller | null {
  if (authorization === null) return null;
  const seen = tokens.get(authorization);
  const hash = seen ?? hashOf(authorization);
  if (hash === null) return null;
  const grant = snapshot.grantsByHash.get(hash);
  if (grant === undefined || grant.serverId !== serverId) return null;
  if (grant.expiresAt !== null && grant.expiresAt <= now) return null;
  if (seen === undefined && authorization.length <= authorizationKeptMax) {
    if (tokens.size >= tokensKeptMax) tokens.clear();
    tokens.set(authorization, hash);
  }
  return callerOfGrant(grant, snapshot);
}

/** What a grant is held to now. Null when its server is gone. */
export function callerOfGrant(grant: GrantInForce, snapshot: Snapshot): Caller | null {
  const server = snapshot.servers.get(grant.serverId);
  const organisation = snapshot.organisations.get(grant.organisationId);
  if (server === undefined || organisation === undefined) return null;
  return {
    grant,
    server,
    frozen: grant.frozen || server.frozen || organisation.frozen,
    policy: policyOf(grant, snapshot),
  };
}

/** The same caller by what is in force now. Null when nobody can say, or its grant is gone. */
export function callerNow({ grant: { id } }: Caller, { snapshot, isFresh }: Policies): Caller | null {
  const grant = snapshot?.grants.get(id);
  return snapshot && grant && isFresh() ? callerOfGrant(grant, snapshot) : null;
}

/** Why a call that was allowed a moment ago must not leave. */
export function obstacleTo(caller: Caller, policies: Policies): "policy_unavailable" | "frozen" | null {
  const current = callerNow(caller, policies);
  if (current === null) return "policy_unavailable";
  return current.frozen ? "frozen" : null;
}

function policyOf(grant: GrantInForce, snapshot: Snapshot): Caller["policy"] {
  if (grant.policyId === null) return "none";
  const policy = snapshot.policies.get(grant.policyId);
  return policy === undefined || policy.policy === null ? "unavailable" : policy;
}

/** Null for what is no bearer token of ours. */
function hashOf(authorization: string): string | null {
  if (authorization.slice(0, 7).toLowerCase() !== "bearer ") return null;
  const token = authorization.slice(7).trim();
  return isCredential(token, "plg_") ? credentialHash(token) : null;
}
