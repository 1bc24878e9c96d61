// Which arguments of a server's calls are kept with their values: those that some version of some of its policies mentions.
import { mentionedPaths } from "../policy/mentioned.ts";
import { mentionsOf } from "../policy/recorded.ts";
import type { Snapshot } from "./snapshot.ts";

/** What the versions of a policy mention. A version never changes, so each is read once. */
export type Mentioned = {
  /** The newest version that was read. */
  through: number;
  paths: readonly string[];
};

export const nothingMentioned: Mentioned = { through: 0, paths: [] };

export function withVersions(
  before: Mentioned | null,
  versions: readonly { version: number; document: string }[],
): Mentioned {
  const known = before ?? nothingMentioned;
  const found = mentionedPaths(versions.map(({ document }) => document));
  const isNew = found.some((path) => !known.paths.includes(path));
  return {
    through: Math.max(known.through, ...versions.map(({ version }) => version)),
    paths: isNew ? [...new Set([...known.paths, ...found])].sort() : known.paths,
  };
}

/** Puts what is kept of their calls in force for one server, or for all; to be called when a policy or the server changed. */
export function putMentions(snapshot: Snapshot, serverId?: string): void {
  const paths = new Map<string, Set<string>>();
  for (const policy of snapshot.policies.values()) {
    if (serverId !== undefined && policy.serverId !== serverId) continue;
    const ofServer = paths.get(policy.serverId) ?? new Set();
    paths.set(policy.serverId, ofServer);
    for (const path of policy.mentioned.paths) ofServer.add(path);
  }
  const one = serverId === undefined ? undefined : snapshot.servers.get(serverId);
  for (const server of serverId === undefined ? snapshot.servers.values() : one ? [one] : []) {
    const mentioned = server.logsArgumentValues ? paths.get(server.id) : undefined;
    server.mentions = mentioned === undefined ? null : mentionsOf([...mentioned].sort());
  }
}
