"use client";
import { Download, ListFilter, Pause, Play, ScrollText } from "lucide-react";
import { useSearchParams } from "next/navigation";
import { useEffect, useState } from "react";
import { troubleIn } from "@/app/_client/api.ts";
import { type TailState, useCallTail } from "@/app/_client/call-queries.ts";
import {
  type CallFilters,
  callFilterNames,
  useCalls,
  useGrants,
  usePolicies,
  useServers,
} from "@/app/_client/queries.ts";
import { Button } from "@/components/ui/button.tsx";
import { Card } from "@/components/ui/card.tsx";
import { cn } from "@/components/ui/cn.ts";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { replaceParams } from "../use-url-state.ts";
import { CallFilterBar } from "./call-filter-bar.tsx";
import { CallRow } from "./call-row.tsx";
import { filtersIn, noFilters } from "./filters.ts";
import { MoreFilters } from "./more-filters.tsx";
import { SavedViews } from "./saved-views.tsx";

const lessUsual = ["q", "outcome", "policyId", "rule", "clientName", "sessionId", "from", "to"] as const;

/** The decision log, live. Filters are in the address, so that a view can be shared. */
export function CallLog({ serverId }: { /** Only this server's calls. */ serverId?: string }) {
  const params = useSearchParams();
  const set = filtersIn(params);
  const filters: CallFilters = { ...set, ...(serverId === undefined ? {} : { serverId }) };
  const moreSet = lessUsual.filter((name) => set[name] !== undefined).length;
  const [isLive, setLive] = useState(true);
  const [showsMore, setShowsMore] = useState(moreSet > 0);
  // One call alone, and calls until a time that is over, are not joined by new ones.
  const isOver = set.to !== undefined && Date.parse(set.to) <= Date.now();
  const live = isLive && set.id === undefined && !isOver;
  const tail = useCallTail(filters, { live });
  const calls = useCalls(filters, { live: live && (tail === "live" ? "tail" : tail !== "paused") });
  const servers = useServers();
  const grants = useGrants();
  const policies = usePolicies(serverId);
  const openedAt = useOpenedAt();
  const items = calls.data?.pages.flatMap((page) => page.items) ?? [];
  const { serverId: wantedServer, ...otherFilters } = set;
  const isFiltered = Object.keys(otherFilters).length > 0 || (serverId === undefined && wantedServer !== undefined);
  const serverNames = new Map(servers.data?.map(({ id, name }) => [id, name]));
  const grantLabels = new Map(grants.data?.map(({ id, label }) => [id, label]));

  return (
    <>
      <div className="mb-3 flex flex-wrap items-start gap-2">
        <CallFilterBar
          servers={serverId ? null : (servers.data ?? [])}
          isLoading={servers.isPending || grants.isPending}
          grants={(grants.data ?? []).filter((grant) => !filters.serverId || grant.serverId === filters.serverId)}
          values={{
            serverId: wantedServer ?? "",
            grantId: set.grantId ?? "",
            tool: set.tool ?? "",
            code: set.code ?? "",
          }}
          onChange={replaceParams}
        />
        <div className="ml-auto flex flex-wrap justify-end gap-2">
          <Button aria-expanded={showsMore} onClick={() => setShowsMore(!showsMore)}>
            <ListFilter aria-hidden="true" />
            More{moreSet > 0 && <span className="text-ink-muted tabular-nums">{moreSet}</span>}
          </Button>
          <SavedViews
            query={queryOf(filters)}
            onApply={(query) => replaceParams({ ...noFilters, ...Object.fromEntries(new URLSearchParams(query)) })}
          />
          <ExportMenu query={queryOf(filters)} />
          <Button aria-pressed={!isLive} onClick={() => setLive(!isLive)}>
            {isLive ? <Pause aria-hidden="true" /> : <Play aria-hidden="true" />}
            {isLive ? "Pause" : "Resume"}
          </Button>
        </div>
      </div>
      {showsMore && <MoreFilters policies={policies.data ?? []} values={set} onChange={replaceParams} />}
      {set.id && (
        <p className="mb-3 text-ink-muted text-sm">
          One call only.{" "}
          <Button variant="link" size="sm" onClick={() => replaceParams({ id: "" })}>
            Show all
          </Button>
        </p>
      )}
      <Card>
        <div className="flex h-8 items-center gap-2 border-b px-4 text-ink-muted text-xs" role="status">
          <span
            className={cn(
              "size-2 rounded-full",
              tail === "live" && !calls.isError ? "animate-pulse bg-ok" : "bg-line-strong",
            )}
            aria-hidden="true"
          />
          {calls.isError ? "Not connected" : isOver ? "Calls of a time that is over" : tailWords(tail, live)}
        </div>
        {calls.isPending && <SkeletonRows label="Loading calls" rows={8} />}
        {calls.isError && items.length === 0 && (
          <ErrorState
            title="The calls could not be loaded"
            detail={troubleIn(calls.error).detail}
            onRetry={() => void calls.refetch()}
            more={
              isFiltered && (
                <Button size="sm" onClick={() => replaceParams(noFilters)}>
                  Clear the filters
                </Button>
              )
            }
          />
        )}
        {calls.isSuccess && items.length === 0 && (
          <EmptyState
            icon={<ScrollText />}
            title={isFiltered ? "No call fits the filters" : "No calls on record yet"}
            actions={isFiltered && <Button onClick={() => replaceParams(noFilters)}>Clear the filters</Button>}
          >
            {isFiltered
              ? emptyWords(set, isOver)
              : "As soon as an agent calls a tool through its gateway URL, the decision appears here."}
          </EmptyState>
        )}
        {items.length > 0 && (
          <ul aria-label="Calls" className="divide-y">
            {items.map((call) => (
              <CallRow
                key={call.id}
                call={call}
                serverName={
                  serverId ? null : (serverNames.get(call.serverId) ?? (servers.data ? "deleted server" : null))
                }
                grantLabel={
                  call.grantId === null
                    ? null
                    : (grantLabels.get(call.grantId) ?? (grants.data ? "deleted grant" : null))
                }
                isNew={Date.parse(call.at) > openedAt}
                startsOpen={call.id === set.id}
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

function ExportMenu({ query }: { query: string }) {
  const href = (format: string) => `/api/v1/calls/export?format=${format}${query === "" ? "" : `&${query}`}`;
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button>
          <Download aria-hidden="true" />
          Export
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        <DropdownMenuItem asChild>
          <a href={href("csv")} download="calls.csv">
            As CSV, for spreadsheets
          </a>
        </DropdownMenuItem>
        <DropdownMenuItem asChild>
          <a href={href("jsonl")} download="calls.jsonl">
            As JSON lines, for programs
          </a>
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

function queryOf(filters: CallFilters): string {
  const entries = callFilterNames.flatMap((name) => (filters[name] ? [[name, filters[name]]] : []));
  return new URLSearchParams(entries).toString();
}

function emptyWords({ from, to }: CallFilters, isOver: boolean): string {
  if (from && to && Date.parse(from) >= Date.parse(to)) return "“From” is not earlier than “Before”, so nothing can.";
  return isOver ? "The time that is asked for is over." : "New ones that fit appear here by themselves.";
}

function tailWords(tail: TailState, live: boolean): string {
  if (!live) return "Paused";
  return { live: "Live", connecting: "Connecting…", lost: "Live, read again every 2 seconds", paused: "Paused" }[tail];
}

/** When the log was opened; calls after that are marked as new. */
function useOpenedAt(): number {
  const [openedAt, setOpenedAt] = useState(Number.POSITIVE_INFINITY);
  useEffect(() => setOpenedAt(Date.now()), []);
  return openedAt;
}
