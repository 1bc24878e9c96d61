// How far the grants of an organisation get with its tools, by the policies that are in force.

import type { Policy } from "../../policy/compile.ts";
import { parsePolicy } from "../../policy/parse.ts";
import type { KnownTool, Reach } from "../../policy/reachable.ts";
import { reachable } from "../../policy/reachable.ts";
import { database } from "../../prisma/client.ts";

export type StackGrant = {
  id: string;
  label: string;
  frozen: boolean;
  policyId: string | null;
  policyName: string | null;
  mode: "enforce" | "shadow" | null;
};

/** The grants of a server that share a policy. What they reach is the same. */
export type GrantGroup = { grants: StackGrant[]; reachOf(tool: KnownTool): Reach };

/** By server: grants in use, grouped by their policy. A revoked or expired grant reaches nothing and is left out. */
export async function grantGroups(organisationId: string, now: Date): Promise<Map<string, GrantGroup[]>> {
  const rows = await database().grant.findMany({
    where: { organisationId, revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    select: {
      id: true,
      label: true,
      serverId: true,
      policyId: true,
      frozenAt: true,
      server: { select: { frozenAt: true } },
      policy: { select: { name: true, mode: true, activeVersion: true } },
    },
  });
  const policies = await compiledPolicies(
    rows.flatMap(({ policyId, policy }) => (policyId && policy ? [{ policyId, version: policy.activeVersion }] : [])),
  );
  const groups = new Map<string, GrantGroup[]>();
  const byPolicy = new Map<string, GrantGroup>();
  for (const { id, label, serverId, policyId, frozenAt, server, policy } of rows) {
    const key = `${serverId} ${policyId}`;
    let group = byPolicy.get(key);
    if (group === undefined) {
      const compiled = policyId === null ? null : (policies.get(policyId) ?? null);
      group = { grants: [], reachOf: policy?.mode === "shadow" ? () => "freely" : reachWith(compiled) };
      byPolicy.set(key, group);
      groups.set(serverId, [...(groups.get(serverId) ?? []), group]);
    }
    const frozen = frozenAt !== null || server.frozenAt !== null;
    group.grants.push({ id, label, frozen, policyId, policyName: policy?.name ?? null, mode: policy?.mode ?? null });
  }
  return groups;
}

/** Without a policy, or with one that cannot be read, everything is refused. */
function reachWith(policy: Policy | null): GrantGroup["reachOf"] {
  return (tool) => (policy === null ? "never" : (reachable(policy, [tool])[0]?.reach ?? "never"));
}

/** A published version never changes, so a compiled one is good for ever. The oldest make room. */
const compiledMax = 500;
const compiled = new Map<string, Policy | null>();

async function compiledPolicies(wanted: { policyId: string; version: number }[]): Promise<Map<string, Policy | null>> {
  const unique = [...new Map(wanted.map((one) => [one.policyId, one])).values()];
  const missing = unique.filter(({ policyId, version }) => !compiled.has(`${policyId} ${version}`));
  const rows = await database().policyVersion.findMany({ where: { OR: missing } });
  for (const { policyId, version, document } of rows) {
    const parsed = parsePolicy(document);
    compiled.set(`${policyId} ${version}`, parsed.ok ? parsed.policy : null);
  }
  const found = unique.map(
    ({ policyId, version }) => [policyId, compiled.get(`${policyId} ${version}`) ?? null] as const,
  );
  for (const key of compiled.keys()) {
    if (compiled.size <= compiledMax) break;
    compiled.delete(key);
  }
  return new Map(found);
}
