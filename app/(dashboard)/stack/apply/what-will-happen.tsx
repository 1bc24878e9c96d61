import { Callout } from "@/components/ui/callout.tsx";
import type { Plan } from "./plan.ts";

const namedMax = 5;

/** Everything that a confirmation means, in words. */
export function WhatWillHappen({ plans, serverName }: { plans: readonly Plan[]; serverName: (id: string) => string }) {
  const made = plans.filter(({ target }) => target.kind === "new");
  const updated = plans.filter(({ target }) => target.kind === "update");
  const given = plans.filter(({ grants }) => grants.length > 0);
  const opened = given.filter(({ shadow }) => shadow);
  const list = (of: readonly Plan[], words: (plan: Plan) => string) => (
    <ul className="mt-1 grid gap-0.5 text-ink text-sm">
      {of.slice(0, namedMax).map((plan) => (
        <li key={plan.serverId} className="break-words">
          {words(plan)}
        </li>
      ))}
      {of.length > namedMax && <li>and {of.length - namedMax} more</li>}
    </ul>
  );
  return (
    <div className="grid gap-3">
      {updated.length > 0 && (
        <div>
          {updated.length === 1 ? "A version is published" : `${updated.length} versions are published`}
          {plans[0]?.shadow ? ", to be tried beside what is in force" : ", in force at once"}:
          {list(updated, ({ target, serverId }) => `${target.name} on ${serverName(serverId)}`)}
        </div>
      )}
      {made.length > 0 && (
        <div>
          {made.length === 1 ? "A policy is made" : `${made.length} policies are made`}:
          {list(made, ({ target, serverId }) => `${target.name} on ${serverName(serverId)}`)}
        </div>
      )}
      {given.length > 0 ? (
        <div>
          Grants that get the policy:
          {list(
            given,
            ({ grants, serverId }) => `${grants.map(({ label }) => label).join(", ")} on ${serverName(serverId)}`,
          )}
        </div>
      ) : (
        <p>No grant gets another policy than it has.</p>
      )}
      {opened.length > 0 && (
        <Callout tone="warn" title="A policy that is only watched lets every call through">
          These grants refuse everything now. Until you enforce their policy, their agents can call every tool.
        </Callout>
      )}
    </div>
  );
}
