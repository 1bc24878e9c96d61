// The way from an empty account to the first decision on record, worked out from what there is.

export type StepId = "register" | "policy" | "grant" | "connect";
export type Step = { id: StepId; state: "done" | "next" | "later" /** Where to go for it. */; href: string };

export type Inventory = {
  servers: readonly { id: string; name: string; createdAt: string }[];
  policies: readonly { id: string; serverId: string }[];
  grants: readonly { id: string; serverId: string; policyId: string | null; status: string }[];
  /** Whether any call is on record. */
  anyCall: boolean;
};

/**
 * The four steps. The first that is not done is `next`; a later one can be done already. A revoked or expired grant, or one
 * without a policy, does not count: an agent could not work with it.
 */
export function onboardingSteps({ servers, policies, grants, anyCall }: Inventory): Step[] {
  const server = servers[0];
  const policy = policies[0];
  const usable = grants.find(
    (grant) => grant.policyId !== null && (grant.status === "active" || grant.status === "frozen"),
  );
  const steps: { id: StepId; done: boolean; href: string }[] = [
    { id: "register", done: server !== undefined, href: "/servers/new" },
    { id: "policy", done: policy !== undefined, href: server ? `/servers/${server.id}?tab=policies` : "/policies" },
    {
      id: "grant",
      done: usable !== undefined,
      href: (policy ?? server) ? `/servers/${policy?.serverId ?? server?.id}?tab=grants` : "/grants",
    },
    { id: "connect", done: anyCall, href: "/calls" },
  ];
  const next = steps.find((step) => !step.done);
  return steps.map(({ id, done, href }) => ({ id, href, state: done ? "done" : id === next?.id ? "next" : "later" }));
}
