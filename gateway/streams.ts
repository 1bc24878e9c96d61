// What is being answered at this moment: event streams are kept alive, all ends with the token of its request, and a freeze cuts it.
import type { ServerResponse } from "node:http";
import { callerOfGrant } from "./caller.ts";
import type { Roster } from "./roster.ts";
import type { GrantInForce, Snapshot } from "./snapshot.ts";

/** The response of each, the hash of its token, and whether it is a stream of events. */
export type OpenStreams = Roster<ServerResponse, { tokenHash: string; isEvents: boolean }>;

/** An exchange with an upstream that has not ended. */
export type UnderWay = {
  readonly tokenHash: string;
  /** Ends it and tells the client why. @returns `false` when it is one of those that go on while frozen. */
  cut(): boolean;
};

/** Ends the streams whose token was revoked, rotated away or has expired: it hears nothing more, also where it is listening. */
export function endStreams(streams: OpenStreams, snapshot: Snapshot, now: number): void {
  for (const [stream, { tokenHash }] of streams) {
    const grant = snapshot.grantsByHash.get(tokenHash);
    if (grant === undefined || (grant.expiresAt !== null && grant.expiresAt <= now)) stream.destroy();
  }
}

/** Cuts what is under way for grants that are frozen now. @returns How many. */
export function cutFrozen(underWay: Roster<UnderWay>, snapshot: Snapshot): number {
  let cut = 0;
  for (const [one] of underWay) {
    const grant = snapshot.grantsByHash.get(one.tokenHash);
    if (grant !== undefined && callerOfGrant(grant, snapshot)?.frozen === true && one.cut()) cut += 1;
  }
  return cut;
}

/** What a brake would take hold of: all of an organisation, or one server or grant of it. */
export type BrakeScope = { organisationId: string; serverId?: string | undefined; grantId?: string | undefined };

export function isInScope({ organisationId, serverId, grantId }: BrakeScope, grant: GrantInForce): boolean {
  if (grant.organisationId !== organisationId) return false;
  return (serverId === undefined || grant.serverId === serverId) && (grantId === undefined || grant.id === grantId);
}

/** How many event streams are open there. */
export function countStreams(streams: OpenStreams, snapshot: Snapshot, scope: BrakeScope): number {
  let count = 0;
  for (const [, { tokenHash, isEvents }] of streams) {
    const grant = snapshot.grantsByHash.get(tokenHash);
    if (isEvents && grant !== undefined && isInScope(scope, grant)) count += 1;
  }
  return count;
}
