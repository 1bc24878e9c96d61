// The answers that are being given: those that are event streams are kept alive, and all end with the token of their request.
import type { ServerResponse } from "node:http";
import type { Snapshot } from "./snapshot.ts";

/** The response of each, the hash of its token, and whether it is a stream of events. */
export type OpenStreams = Map<ServerResponse, { tokenHash: string; isEvents: boolean }>;

/** Ends the streams whose token was revoked, rotated away or has expired: it hears nothing more, also where it is listening. */
export function endStreams(streams: OpenStreams, snapshot: Snapshot, now: number): void {
  for (const [stream, { tokenHash }] of streams) {
    const grant = snapshot.grantsByHash.get(tokenHash);
    if (grant === undefined || (grant.expiresAt !== null && grant.expiresAt <= now)) stream.destroy();
  }
}
