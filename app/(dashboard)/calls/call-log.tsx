"use client";
import { Pause, Play, ScrollText } from "lucide-react";
import { useEffect, useState } from "react";
import { troubleIn } from "@/app/_client/api.ts";
import { type CallFilters, useCalls, useGrants, useServers } from "@/app/_client/queries.ts";
import { Button } from "@/components/ui/button.tsx";
import { Card } from "@/components/ui/card.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { replaceParams, useUrlState } from "../use-url-state.ts";
import { CallFilterBar } from "./call-filter-bar.tsx";
import { CallRow } from "./call-row.tsx";

/** The decision log, live. Filters are in the address, so that a view can be shared. */
export function CallLog({ serverId }: { /** Only this server's calls. */ serverId?: string }) {
  const [wantedServer] = useUrlState("serverId");
  const [grantId] = useUrlState("grantId");
  const [tool] = useUrlState("tool");
  const [code] = useUrlState("code");
  const [id] = useUrlState("id");
  const [live, setLive] = useState(true);
  const filters: CallFilters = {
    ...((serverId ?? wantedServer) ? { serverId: serverId ?? wantedServer } : {}),
    ...(grantId ? { grantId } : {}),
    ...(tool ? { tool } : {}),
    ...(code ? { code } : {}),
    ...(id ? { id } : {}),
  };
  const calls = useCalls(filters, { live });
  const servers = useServers();
  const grants = useGrants();
  const openedAt = useOpenedAt();
  const items = calls.data?.pages.flatMap((page) => page.items) ?? [];
  const isFiltered = Boolean(id || grantId || tool || code || (!serverId && wantedServer));
  const serverNames = new Map(servers.data?.map(({ id, name }) => [id, name]));
  const grantLabels = new Map(grants.data?.map(({ id, label }) => [id, label]));

  return (
    <>
      <div className="mb-3 flex flex-wrap items-start gap-2">
        <CallFilterBar
          servers={serverId ? null : (servers.data ?? [])}
          grants={(grants.data ?? []).filter((grant) => !filters.serverId || grant.serverId === filters.serverId)}
          values={{ serverId: wantedServer, grantId, tool, code }}
          onChange={replaceParams}
        />
        <Button className="ml-auto" aria-pressed={!live} onClick={() => setLive(!live)}>
          {live ? <Pause aria-hidden="true" /> : <Play aria-hidden="true" />}
          {live ? "Pause" : "Resume"}
        </Button>
      </div>
      {id && (
        <p className="mb-3 text-ink-muted text-sm">
          One call only.{" "}
          <Button variant="link" size="sm" onClick={() => replaceParams({ id: "" })}>
            Show all
          </Button>
        </p>
      )}
      <Card>
        <div className="flex h-8 items-center gap-2 border-b px-4 text-ink-muted text-xs">
          <span
            className={`size-2 rounded-full ${live && !calls.isError ? "animate-pulse bg-ok" : "bg-line-strong"}`}
            aria-hidden="true"
          />
          {calls.isError ? "Not connected" : live ? "Live, read again every 2 seconds" : "Paused"}
        </div>
        {calls.isPending && <SkeletonRows label="Loading calls" rows={8} />}
        {calls.isError && items.length === 0 && (
          <ErrorState
            title="The calls could not be loaded"
            detail={troubleIn(calls.error).detail}
            onRetry={() => void calls.refetch()}
          />
        )}
        {calls.isSuccess && items.length === 0 && (
          <EmptyState
            icon={<ScrollText />}
            title={isFiltered ? "No call fits the filters" : "No calls on record yet"}
            actions={
              isFiltered && (
                <Button onClick={() => replaceParams({ id: "", serverId: "", grantId: "", tool: "", code: "" })}>
                  Clear the filters
                </Button>
              )
            }
          >
            {isFiltered
              ? "New ones that fit appear here by themselves."
              : "As soon as an agent calls a tool through its gateway URL, the decision appears here."}
          </EmptyState>
        )}
        {items.length > 0 && (
          <ul aria-label="Calls" className="divide-y">
            {items.map((call) => (
              <CallRow
                key={call.id}
                call={call}
                serverName={serverId ? null : (serverNames.get(call.serverId) ?? "deleted server")}
                grantLabel={call.grantId === null ? null : (grantLabels.get(call.grantId) ?? "deleted grant")}
                isNew={Date.parse(call.at) > openedAt}
                startsOpen={call.id === id}
              />
            ))}
          </ul>
        )}
      </Card>
      {calls.hasNextPage && (
        <div className="mt-4 flex justify-center">
          <Button loading={calls.isFetchingNextPage} onClick={() => void calls.fetchNextPage()}>
            Load more
          </Button>
        </div>
      )}
    </>
  );
}

/** When the log was opened; calls after that are marked as new. */
function useOpenedAt(): number {
  const [openedAt, setOpenedAt] = useState(Number.POSITIVE_INFINITY);
  useEffect(() => setOpenedAt(Date.now()), []);
  return openedAt;
}
