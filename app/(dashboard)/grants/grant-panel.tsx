"use client";
import { KeyRound, Plus } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { troubleIn } from "@/app/_client/api.ts";
import { useGrants, useMe, useServers } from "@/app/_client/queries.ts";
import { Button } from "@/components/ui/button.tsx";
import { Card } from "@/components/ui/card.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SearchInput } from "@/components/ui/search-input.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { GrantRow } from "./grant-row.tsx";
import { NewGrantDialog } from "./new-grant-dialog.tsx";

/** The grants of one server, of one policy, or all. */
export function GrantPanel({ serverId, policyId }: { serverId?: string; policyId?: string }) {
  const grants = useGrants(serverId);
  const servers = useServers();
  const role = useMe().data?.role;
  const [creating, setCreating] = useState(false);
  const [search, setSearch] = useState("");
  const nameOf = new Map(servers.data?.map((server) => [server.id, server.name]));
  const ours = grants.data?.filter((grant) => !policyId || grant.policyId === policyId);
  const shown =
    ours?.filter((grant) =>
      `${grant.label} ${grant.policyName ?? ""} ${nameOf.get(grant.serverId) ?? ""}`
        .toLowerCase()
        .includes(search.trim().toLowerCase()),
    ) ?? [];
  const create = role === "admin" && (
    <Button variant="primary" onClick={() => setCreating(true)}>
      <Plus aria-hidden="true" />
      New grant
    </Button>
  );

  return (
    <>
      {ours && ours.length > 0 && (
        <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
          <SearchInput label="Search grants" value={search} onChange={setSearch} className="min-w-48 max-w-sm flex-1" />
          {create}
        </div>
      )}
      <Card>
        {grants.isPending && <SkeletonRows label="Loading grants" />}
        {grants.isError && (
          <ErrorState
            title="The grants could not be loaded"
            detail={troubleIn(grants.error).detail}
            onRetry={() => void grants.refetch()}
          />
        )}
        {ours?.length === 0 && (
          <EmptyState
            icon={<KeyRound />}
            title={policyId ? "No grant uses this policy" : "No grants yet"}
            actions={
              servers.data?.length === 0 ? (
                <Button asChild variant="primary">
                  <Link href="/servers/new">Register a server first</Link>
                </Button>
              ) : (
                create
              )
            }
          >
            A grant gives one agent a gateway URL and a token. It can be frozen, rotated or revoked at any time.
          </EmptyState>
        )}
        {shown.length > 0 && (
          <ul aria-label="Grants" className="divide-y">
            {shown.map((grant) => (
              <GrantRow
                key={grant.id}
                grant={grant}
                serverName={serverId ? null : (nameOf.get(grant.serverId) ?? null)}
                role={role ?? "viewer"}
              />
            ))}
          </ul>
        )}
        {ours && ours.length > 0 && shown.length === 0 && (
          <p className="px-4 py-8 text-center text-ink-muted">No grant fits the search.</p>
        )}
      </Card>
      <NewGrantDialog
        open={creating}
        onOpenChange={setCreating}
        serverId={serverId ?? null}
        policyId={policyId ?? null}
      />
    </>
  );
}
