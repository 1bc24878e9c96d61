"use client";
import { ArrowRight } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { troubleIn } from "@/app/_client/api.ts";
import { useCallTail } from "@/app/_client/call-queries.ts";
import { useCalls, useGrants, usePolicies, useServers } from "@/app/_client/queries.ts";
import { Button } from "@/components/ui/button.tsx";
import { Card, CardHeader } from "@/components/ui/card.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { CallFigures } from "../calls/call-figures.tsx";
import { CallRow } from "../calls/call-row.tsx";
import { PageHeader } from "../page-header.tsx";
import { ServerStatus } from "../servers/server-status.tsx";
import { Onboarding } from "./onboarding.tsx";
import { onboardingSteps } from "./steps.ts";

const pollMs = 3_000;
const recentMax = 8;

export function Overview() {
  const [done, setDone] = useState(false);
  const poll = { pollMs: done ? (false as const) : pollMs };
  const servers = useServers(poll);
  const policies = usePolicies(undefined, poll);
  const grants = useGrants(undefined, poll);
  const tail = useCallTail({}, { live: true, perPage: recentMax });
  const calls = useCalls({}, { live: tail === "live" ? "tail" : tail !== "paused", perPage: recentMax });
  const failed = [servers, policies, grants, calls].find((query) => query.isError && query.data === undefined);
  const recent = calls.data?.pages[0]?.items ?? [];

  if (failed) {
    return (
      <ErrorState
        title="The overview could not be loaded"
        detail={troubleIn(failed.error).detail}
        onRetry={() => {
          for (const query of [servers, policies, grants, calls]) void query.refetch();
        }}
      />
    );
  }
  if (!servers.data || !policies.data || !grants.data || !calls.data) {
    return (
      <>
        <PageHeader title="Overview" />
        <Card>
          <SkeletonRows label="Loading the overview" />
        </Card>
      </>
    );
  }

  const steps = onboardingSteps({
    servers: servers.data,
    policies: policies.data,
    grants: grants.data,
    anyCall: recent.length > 0,
  });
  const isComplete = steps.every((step) => step.state === "done");
  if (isComplete !== done) setDone(isComplete);
  const connectable = grants.data.find((grant) => grant.status === "active" && grant.policyId !== null);
  const gatewayUrl = servers.data.find((server) => server.id === connectable?.serverId)?.gatewayUrl ?? null;
  const serverNames = new Map(servers.data.map(({ id, name }) => [id, name]));
  const grantLabels = new Map(grants.data.map(({ id, label }) => [id, label]));

  return (
    <>
      <PageHeader
        title={isComplete ? "Overview" : "Get started"}
        description={
          isComplete
            ? "What your gateways decided last, and the servers behind them."
            : "Four steps, and no tool call of your agents reaches a server without passing your rules."
        }
      />
      <div className="grid gap-4">
        {!isComplete && <Onboarding steps={steps} gatewayUrl={gatewayUrl} />}
        {servers.data.length > 0 && (
          <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_20rem] lg:items-start">
            <Card>
              <CardHeader title="Latest decisions" actions={<MoreLink href="/calls">All calls</MoreLink>} />
              {recent.length === 0 ? (
                <p className="border-t px-4 py-8 text-center text-ink-muted">No calls on record yet.</p>
              ) : (
                <ul aria-label="Latest decisions" className="divide-y border-t">
                  {recent.map((call) => (
                    <CallRow
                      key={call.id}
                      call={call}
                      serverName={serverNames.get(call.serverId) ?? "deleted server"}
                      grantLabel={call.grantId === null ? null : (grantLabels.get(call.grantId) ?? "deleted grant")}
                      isNew={false}
                    />
                  ))}
                </ul>
              )}
            </Card>
            <Card>
              <CardHeader title="Servers" actions={<MoreLink href="/servers">All servers</MoreLink>} />
              <ul aria-label="Servers" className="divide-y border-t">
                {servers.data.slice(0, recentMax).map((server) => (
                  <li
                    key={server.id}
                    className="relative flex items-center justify-between gap-3 px-4 py-2.5 hover:bg-raised/50"
                  >
                    <div className="min-w-0">
                      <Link
                        href={`/servers/${server.id}`}
                        className="block truncate font-medium after:absolute after:inset-0"
                      >
                        {server.name}
                      </Link>
                      <p className="text-ink-muted text-xs tabular-nums">
                        {server.toolCount} {server.toolCount === 1 ? "tool" : "tools"} · {server.grantCount}{" "}
                        {server.grantCount === 1 ? "grant" : "grants"}
                      </p>
                    </div>
                    <ServerStatus status={server.status} frozen={server.frozen} changeCount={server.changeCount} />
                  </li>
                ))}
              </ul>
            </Card>
          </div>
        )}
        {recent.length > 0 && <CallFigures compact />}
      </div>
    </>
  );
}

function MoreLink({ href, children }: { href: string; children: string }) {
  return (
    <Button asChild variant="ghost" size="sm">
      <Link href={href}>
        {children}
        <ArrowRight aria-hidden="true" />
      </Link>
    </Button>
  );
}
