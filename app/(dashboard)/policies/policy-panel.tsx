"use client";
import { FilePen, Plus, ShieldCheck } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { troubleIn } from "@/app/_client/api.ts";
import { useMe, usePolicies, useServers } from "@/app/_client/queries.ts";
import type { PolicySummary } from "@/app/api/v1/schemas.ts";
import { Badge } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Card } from "@/components/ui/card.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SearchInput } from "@/components/ui/search-input.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { ModeBadge } from "./mode-badge.tsx";
import { NewPolicyDialog } from "./new-policy-dialog.tsx";

/** The policies of one server, or of all. */
export function PolicyPanel({ serverId }: { serverId?: string }) {
  const policies = usePolicies(serverId);
  const servers = useServers();
  const role = useMe().data?.role;
  const [creating, setCreating] = useState(false);
  const [search, setSearch] = useState("");
  const nameOf = new Map(servers.data?.map((server) => [server.id, server.name]));
  const noServers = servers.data?.length === 0;
  const shown =
    policies.data?.filter((policy) =>
      `${policy.name} ${nameOf.get(policy.serverId) ?? ""}`.toLowerCase().includes(search.trim().toLowerCase()),
    ) ?? [];
  const mayEdit = role === "admin" || role === "policy_manager";

  return (
    <>
      {policies.data && policies.data.length > 0 && (
        <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
          <SearchInput
            label="Search policies"
            value={search}
            onChange={setSearch}
            className="min-w-48 max-w-sm flex-1"
          />
          {mayEdit && (
            <Button variant="primary" onClick={() => setCreating(true)}>
              <Plus aria-hidden="true" />
              New policy
            </Button>
          )}
        </div>
      )}
      <Card>
        {policies.isPending && <SkeletonRows label="Loading policies" />}
        {policies.isError && (
          <ErrorState
            title="The policies could not be loaded"
            detail={troubleIn(policies.error).detail}
            onRetry={() => void policies.refetch()}
          />
        )}
        {policies.data?.length === 0 && (
          <EmptyState
            icon={<ShieldCheck />}
            title="No policies yet"
            actions={
              noServers ? (
                <Button asChild variant="primary">
                  <Link href="/servers/new">Register a server first</Link>
                </Button>
              ) : (
                mayEdit && (
                  <Button variant="primary" onClick={() => setCreating(true)}>
                    <Plus aria-hidden="true" />
                    New policy
                  </Button>
                )
              )
            }
          >
            A policy says for each tool: allow, limit, approve, deny or hide. Start from a template or paste one.
          </EmptyState>
        )}
        {shown.length > 0 && (
          <ul aria-label="Policies" className="divide-y">
            {shown.map((policy) => (
              <PolicyRow
                key={policy.id}
                policy={policy}
                serverName={serverId ? null : (nameOf.get(policy.serverId) ?? null)}
              />
            ))}
          </ul>
        )}
        {policies.data && policies.data.length > 0 && shown.length === 0 && (
          <p className="px-4 py-8 text-center text-ink-muted">No policy fits the search.</p>
        )}
      </Card>
      <NewPolicyDialog open={creating} onOpenChange={setCreating} serverId={serverId ?? null} />
    </>
  );
}

function PolicyRow({ policy, serverName }: { policy: PolicySummary; serverName: string | null }) {
  return (
    <li className="relative flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-raised/50">
      <div className="min-w-0 flex-1 basis-60">
        <div className="flex flex-wrap items-center gap-2">
          <Link href={`/policies/${policy.id}`} className="font-medium text-ink after:absolute after:inset-0">
            {policy.name}
          </Link>
          <ModeBadge mode={policy.mode} />
          {policy.draftDiffers && (
            <Badge tone="warn">
              <FilePen aria-hidden="true" />
              Draft not published
            </Badge>
          )}
        </div>
        {serverName && <p className="text-ink-muted text-xs">on {serverName}</p>}
      </div>
      <p className="text-ink-muted text-xs tabular-nums">
        version {policy.activeVersion}
        <span aria-hidden="true"> · </span>
        {policy.grantCount === 1 ? "1 grant" : `${policy.grantCount} grants`}
      </p>
    </li>
  );
}
