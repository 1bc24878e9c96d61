"use client";
import { Layers, ShieldPlus } from "lucide-react";
import Link from "next/link";
import { troubleIn } from "@/app/_client/api.ts";
import { type StackFilters, useMe, useStack } from "@/app/_client/queries.ts";
import type { StackAnswer } from "@/app/api/v1/schemas.ts";
import { SeverityCounts } from "@/components/risk-badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Card } from "@/components/ui/card.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { PageHeader } from "../page-header.tsx";
import { replaceParams, useUrlState } from "../use-url-state.ts";
import { StackFilterBar } from "./stack-filter-bar.tsx";
import { StackRow } from "./stack-row.tsx";

/** Every tool of the organisation, the riskiest first. The filters are in the address, so that a view can be shared. */
export function StackPanel() {
  const filters = useStackFilters();
  const stack = useStack(filters);
  const isAdmin = useMe().data?.role === "admin";
  const pages = stack.data?.pages ?? [];
  const items = pages.flatMap((page) => page.items);
  const last = pages.at(-1);

  return (
    <>
      <PageHeader
        title="Your stack"
        description="Every tool that your servers expose, riskiest first, and how far your grants get with each."
        actions={
          last &&
          last.totals.tools > 0 && (
            <Button asChild variant="primary">
              <Link href="/stack/apply">
                <ShieldPlus aria-hidden="true" />
                Apply recommended policies
              </Link>
            </Button>
          )
        }
      />
      {last && last.totals.tools > 0 && <Summary totals={last.totals} shows={filters.unprotected !== undefined} />}
      {last && last.totals.servers === 0 ? (
        <Card>
          <EmptyState
            icon={<Layers />}
            title="Nothing in your stack yet"
            actions={
              <>
                {isAdmin && (
                  <Button asChild variant="primary">
                    <Link href="/servers/new">Register a server</Link>
                  </Button>
                )}
                <Button asChild>
                  <Link href="/catalog">Look around in the catalog</Link>
                </Button>
              </>
            }
          >
            Register the MCP servers that your agents use. Their tools are listed here by what they can do, with the
            grants that reach them.
          </EmptyState>
        </Card>
      ) : (
        <>
          <StackFilterBar filters={filters} totals={last?.totals ?? null} />
          <Card>
            {stack.isPending && <SkeletonRows label="Loading your stack" rows={8} />}
            {stack.isError && items.length === 0 && (
              <ErrorState
                title="Your stack could not be loaded"
                detail={troubleIn(stack.error).detail}
                onRetry={() => void stack.refetch()}
              />
            )}
            {stack.isSuccess && items.length === 0 && (
              <EmptyState
                title={last?.totals.tools === 0 ? "Your servers list no tools" : "No tool fits"}
                actions={
                  last?.totals.tools !== 0 && (
                    <Button
                      onClick={() => replaceParams({ q: "", severity: "", serverId: "", reach: "", unprotected: "" })}
                    >
                      Clear the filters
                    </Button>
                  )
                }
              />
            )}
            {items.length > 0 && (
              <ul aria-label="Tools" className="divide-y">
                {items.map((tool) => (
                  <StackRow key={`${tool.server.id} ${tool.name}`} tool={tool} />
                ))}
              </ul>
            )}
          </Card>
          {stack.hasNextPage && (
            <div className="mt-4 flex justify-center">
              <Button loading={stack.isFetchingNextPage} onClick={() => void stack.fetchNextPage()}>
                Show more
              </Button>
            </div>
          )}
          {last?.truncated && (
            <p className="mt-3 text-ink-muted text-sm">
              There are more tools than are looked at at once. Choose a server to see all of its own.
            </p>
          )}
        </>
      )}
    </>
  );
}

function useStackFilters(): StackFilters {
  const [q] = useUrlState("q");
  const [severity] = useUrlState("severity");
  const [serverId] = useUrlState("serverId");
  const [reach] = useUrlState("reach");
  const [unprotected] = useUrlState("unprotected");
  return {
    ...(q ? { q } : {}),
    ...(severity ? { severity } : {}),
    ...(serverId ? { serverId } : {}),
    ...(reach ? { reach } : {}),
    ...(unprotected === "true" ? { unprotected } : {}),
  };
}

function Summary({ totals, shows }: { totals: StackAnswer["totals"]; shows: boolean }) {
  const { tools, servers, unprotected, bySeverity } = totals;
  return (
    <div className="mb-4 grid gap-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <p className="text-ink-muted text-sm tabular-nums">
          {tools === 1 ? "1 tool" : `${tools.toLocaleString("en-US")} tools`} on{" "}
          {servers === 1 ? "1 server" : `${servers} servers`}
        </p>
        <SeverityCounts counts={bySeverity} />
      </div>
      {unprotected > 0 ? (
        <Callout
          tone="danger"
          title={
            unprotected === 1
              ? "One dangerous tool can be called freely"
              : `${unprotected.toLocaleString("en-US")} dangerous tools can be called freely`
          }
          actions={
            !shows && (
              <Button size="sm" onClick={() => replaceParams({ unprotected: "true", reach: "", severity: "" })}>
                Show {unprotected === 1 ? "it" : "them"}
              </Button>
            )
          }
        >
          High or critical risk, and at least one grant reaches {unprotected === 1 ? "it" : "them"} without a limit, a
          condition or a person.
        </Callout>
      ) : (
        <Callout tone="ok" title="No grant reaches a tool of high or critical risk freely" />
      )}
    </div>
  );
}
