// The event streams that are open: to be kept alive, and ended with the token that each was opened with.
import type { ServerResponse } from "node:http";
import type { Snapshot } from "./snapshot.ts";

/** The response of each stream, and the hash of its token. */
export type OpenStreams = Map<ServerResponse, string>;

/** Ends the streams whose token was revoked, rotated away or has expired: it hears nothing more, also where it is listening. */
export function endStreams(streams: OpenStreams, snapshot: Snapshot, now: number): void {
  for (const [stream, tokenHash] of streams) {
    const grant = snapshot.grantsByHash.get(tokenHash);
    if (grant === undefined || (grant.expiresAt !== null && grant.expiresAt <= now)) stream.destroy();
  }
}
