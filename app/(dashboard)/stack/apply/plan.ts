// What is to be done to one server: which policy gets the recommended document, and which grants get the policy.
import type { GrantAnswer, PolicySummary } from "@/app/api/v1/schemas.ts";

/** Which of a server's grants the policy is given to, besides those that have it. */
export type Attach = "none" | "without_policy" | "all";

export type Target = { kind: "new"; name: string } | { kind: "update"; policyId: string; name: string };

export type Plan = {
  serverId: string;
  target: Target;
  /** The recommended document as text. */
  text: string;
  /** On record only: beside the version in force, or, for a new policy, as a policy that is only watched. */
  shadow: boolean;
  grants: { id: string; label: string }[];
};

/** The policy that most grants use; a new one where there is none, or where its draft holds somebody's work. */
export function firstTarget(policies: readonly PolicySummary[]): Target {
  const [used] = [...policies].sort((one, other) => other.grantCount - one.grantCount);
  return used === undefined || used.draftDiffers
    ? { kind: "new", name: newName(policies) }
    : { kind: "update", policyId: used.id, name: used.name };
}

export function newName(policies: readonly Pick<PolicySummary, "name">[]): string {
  const taken = new Set(policies.map(({ name }) => name));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? "Recommended" : `Recommended ${number}`;
    if (!taken.has(name)) return name;
  }
}

/**
 * The grants that get the policy. Never takes a policy in force away from a grant for one that is only watched, and gives no
 * grant an existing policy in the name of a trial: the version in force would apply to it at once.
 */
export function grantsToAttach(
  grants: readonly GrantAnswer[],
  target: Target,
  { attach, shadow }: { attach: Attach; shadow: boolean },
): GrantAnswer[] {
  if (attach === "none" || (shadow && target.kind === "update")) return [];
  const inUse = grants.filter(({ status }) => status === "active" || status === "frozen");
  if (attach === "without_policy" || shadow) return inUse.filter(({ policyId }) => policyId === null);
  return inUse.filter(({ policyId }) => target.kind === "new" || policyId !== target.policyId);
}
