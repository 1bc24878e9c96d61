"use client";
import { useQueryClient } from "@tanstack/react-query";
import { ShieldPlus } from "lucide-react";
import Link from "next/link";
import { useCallback, useRef, useState } from "react";
import { send, troubleIn } from "@/app/_client/api.ts";
import { reloadAll, useGrants, useMe, usePolicies, useServers } from "@/app/_client/queries.ts";
import type { ServerSummary } from "@/app/api/v1/schemas.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Card } from "@/components/ui/card.tsx";
import { ChoiceCards } from "@/components/ui/choice-cards.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { PageHeader } from "../../page-header.tsx";
import { type Attach, firstTarget, type Plan, type Target } from "./plan.ts";
import { carryOut } from "./run.ts";
import { type Progress, ServerPlan } from "./server-plan.tsx";
import { WhatWillHappen } from "./what-will-happen.tsx";

/** The recommended policy for many servers at once: choose, look at what changes, apply. */
export function ApplyPanel() {
  const [servers, policies, grants] = [useServers(), usePolicies(), useGrants()];
  const failed = [servers, policies, grants].find((query) => query.isError);
  const header = (
    <PageHeader
      title="Apply recommended policies"
      trail={[{ href: "/stack", label: "Your stack" }]}
      description="Made for each server from what its tools can do: reading is free, writing and running are limited, money and the unknown ask a person, destruction is hidden."
    />
  );
  if (failed) {
    return (
      <>
        {header}
        <Card>
          <ErrorState
            title="Your servers could not be loaded"
            detail={troubleIn(failed.error).detail}
            onRetry={() => void failed.refetch()}
          />
        </Card>
      </>
    );
  }
  if (!servers.data || !policies.data || !grants.data) {
    return (
      <>
        {header}
        <Card>
          <SkeletonRows label="Loading your servers" />
        </Card>
      </>
    );
  }
  const withTools = servers.data.filter(({ toolCount }) => toolCount > 0);
  if (withTools.length === 0) {
    return (
      <>
        {header}
        <Card>
          <EmptyState icon={<ShieldPlus />} title="No server has tools yet">
            Register a server first; then its tools make its policy.
          </EmptyState>
        </Card>
      </>
    );
  }
  return (
    <>
      {header}
      <Chooser servers={withTools} policies={policies.data} grants={grants.data} />
    </>
  );
}

type Loaded = {
  servers: readonly ServerSummary[];
  policies: NonNullable<ReturnType<typeof usePolicies>["data"]>;
  grants: NonNullable<ReturnType<typeof useGrants>["data"]>;
};

function Chooser({ servers, policies, grants }: Loaded) {
  const client = useQueryClient();
  const role = useMe().data?.role;
  const mayApply = role === "admin" || role === "policy_manager";
  // A server with policies has somebody's thoughts in it: those are chosen by hand.
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    () => new Set(servers.filter(({ policyCount }) => policyCount === 0).map(({ id }) => id)),
  );
  const [targets, setTargets] = useState<ReadonlyMap<string, Target>>(new Map());
  const [plans, setPlans] = useState<ReadonlyMap<string, Plan>>(new Map());
  const [mode, setMode] = useState<"enforce" | "shadow">("enforce");
  const [attach, setAttach] = useState<Attach>("without_policy");
  const [progress, setProgress] = useState<ReadonlyMap<string, Progress>>(new Map());
  const [asking, setAsking] = useState(false);
  const [running, setRunning] = useState(false);
  const stopped = useRef(false);

  const settled = { attach: mode === "shadow" && attach === "all" ? ("without_policy" as const) : attach, mode };
  const isDone = (id: string) => progress.get(id)?.state === "done";
  const ready = servers.flatMap(({ id }) => (chosen.has(id) && !isDone(id) ? (plans.get(id) ?? []) : []));
  const waiting = servers.filter(({ id }) => chosen.has(id) && !isDone(id)).length;
  const serverName = (id: string) => servers.find((server) => server.id === id)?.name ?? "";

  function choose(ids: readonly string[], isChosen: boolean): void {
    setChosen((before) => {
      const after = new Set(before);
      for (const id of ids) isChosen ? after.add(id) : after.delete(id);
      return after;
    });
  }

  const keepPlan = useCallback((serverId: string, plan: Plan | null) => {
    setPlans((before) => {
      const after = new Map(before);
      if (plan) after.set(serverId, plan);
      else after.delete(serverId);
      return after;
    });
  }, []);

  function note(serverId: string, now: Progress): void {
    setProgress((before) => new Map(before).set(serverId, now));
  }

  async function apply(wanted: readonly Plan[]): Promise<void> {
    setRunning(true);
    stopped.current = false;
    for (const plan of wanted) note(plan.serverId, { state: "waiting" });
    for (const plan of wanted) {
      if (stopped.current) {
        note(plan.serverId, { state: "stopped" });
        continue;
      }
      const outcome = await carryOut(plan, send, (step) => note(plan.serverId, { state: "working", step }));
      if (outcome.ok) {
        note(plan.serverId, { state: "done", applied: outcome.applied, shadow: plan.shadow });
      } else {
        // What was made stays, and trying again goes on with it.
        const { applied } = outcome;
        if (applied && plan.target.kind === "new") {
          const target = { kind: "update", policyId: applied.policyId, name: plan.target.name } as const;
          setTargets((before) => new Map(before).set(plan.serverId, target));
        }
        note(plan.serverId, { state: "failed", detail: outcome.detail });
      }
    }
    setRunning(false);
    await reloadAll(client);
  }

  const counts = countStates(progress);
  return (
    <div className="grid gap-4">
      {!mayApply && role !== undefined && (
        <Callout title="You can look, not apply">
          Your role is viewer. Publishing policies and giving them to grants is for policy managers and admins of your
          organisation.
        </Callout>
      )}
      <fieldset disabled={running} className="grid gap-4 lg:grid-cols-2">
        <ChoiceCards
          label="How"
          value={mode}
          onChange={(value) => setMode(value as typeof mode)}
          choices={[
            { value: "enforce", title: "Enforce it", about: "In force for the next call of each grant that has it." },
            {
              value: "shadow",
              title: "Only try it",
              about: "Beside the version in force, on record only. A new policy is only watched: it refuses nothing.",
            },
          ]}
        />
        <ChoiceCards
          label="Give it to grants"
          columns={mode === "shadow" ? 2 : 3}
          value={settled.attach}
          onChange={(value) => setAttach(value as Attach)}
          choices={[
            { value: "none", title: "Leave grants alone", about: "Only those that have the policy already follow it." },
            {
              value: "without_policy",
              title: "Grants without one",
              about:
                mode === "shadow"
                  ? "Of servers that get a new policy: these refuse everything now, and would let everything through."
                  : "They refuse everything now, and would allow what the policy allows.",
            },
            ...(mode === "shadow"
              ? []
              : [{ value: "all", title: "All grants", about: "Also in the place of another policy, which stays." }]),
          ]}
        />
      </fieldset>
      <Card>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b px-4 py-2.5">
          <label className="flex items-center gap-2.5 font-medium text-sm">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={servers.every(({ id }) => chosen.has(id))}
              disabled={running}
              onChange={(event) =>
                choose(
                  servers.map(({ id }) => id),
                  event.target.checked,
                )
              }
            />
            All {servers.length === 1 ? "of 1 server" : `${servers.length} servers`}
          </label>
          <p className="ml-auto text-ink-muted text-sm tabular-nums">{chosen.size} chosen</p>
        </div>
        <ul aria-label="Servers" className="divide-y">
          {servers.map((server) => {
            const own = policies.filter(({ serverId }) => serverId === server.id);
            return (
              <ServerPlan
                key={server.id}
                server={server}
                policies={own}
                grants={grants.filter(({ serverId }) => serverId === server.id)}
                target={targets.get(server.id) ?? firstTarget(own)}
                onTarget={(target) => setTargets((before) => new Map(before).set(server.id, target))}
                attach={settled.attach}
                shadow={mode === "shadow"}
                chosen={chosen.has(server.id)}
                onChosen={(isChosen) => choose([server.id], isChosen)}
                disabled={running}
                progress={progress.get(server.id) ?? null}
                onPlan={keepPlan}
                onRetry={() => void apply(ready.filter(({ serverId }) => serverId === server.id))}
                mayApply={mayApply}
              />
            );
          })}
        </ul>
      </Card>
      <div className="sticky bottom-0 -mx-4 flex flex-wrap items-center gap-3 border-t bg-canvas px-4 py-3 sm:mx-0 sm:rounded-lg sm:border sm:bg-surface">
        <p role="status" className="min-w-0 flex-1 basis-48 text-ink-muted text-sm tabular-nums">
          {statusWords(counts, running, ready.length, waiting)}
        </p>
        {running ? (
          <Button
            onClick={() => {
              stopped.current = true;
            }}
          >
            Stop after this one
          </Button>
        ) : (
          <>
            {counts.done > 0 && (
              <Button asChild>
                <Link href="/stack">Back to your stack</Link>
              </Button>
            )}
            <Button
              variant="primary"
              disabled={!mayApply || ready.length === 0 || ready.length < waiting}
              onClick={() => setAsking(true)}
            >
              {mode === "shadow" ? "Try" : "Apply"} on {ready.length === 1 ? "1 server" : `${ready.length} servers`}…
            </Button>
          </>
        )}
      </div>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        tone="primary"
        title={`${mode === "shadow" ? "Try" : "Apply"} the recommended policy on ${ready.length === 1 ? "1 server" : `${ready.length} servers`}?`}
        confirmLabel={mode === "shadow" ? "Try it" : "Apply it"}
        onConfirm={async () => {
          void apply(ready);
          return null;
        }}
      >
        <WhatWillHappen plans={ready} serverName={serverName} />
      </ConfirmDialog>
    </div>
  );
}

type Counts = { done: number; failed: number; working: number; stopped: number };

function countStates(progress: ReadonlyMap<string, Progress>): Counts {
  const states = [...progress.values()].map(({ state }) => state);
  const count = (...wanted: Progress["state"][]) => states.filter((state) => wanted.includes(state)).length;
  return {
    done: count("done"),
    failed: count("failed"),
    working: count("working", "waiting"),
    stopped: count("stopped"),
  };
}

function statusWords({ done, failed, working, stopped }: Counts, running: boolean, ready: number, waiting: number) {
  const parts = [
    ...(done > 0 ? [`${done} done`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(stopped > 0 ? [`${stopped} not begun`] : []),
    ...(running ? [`${working} to go`] : []),
  ];
  if (parts.length > 0) return parts.join(" · ");
  if (waiting === 0) return "Choose servers to see what would change.";
  return ready < waiting
    ? "Working out what would change…"
    : "Versions that are in force now stay, and can be restored.";
}
