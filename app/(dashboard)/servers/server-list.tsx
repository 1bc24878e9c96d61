"use client";
import { Plus, Server } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { troubleIn } from "@/app/_client/api.ts";
import { useMe, useServers } from "@/app/_client/queries.ts";
import type { ServerSummary } from "@/app/api/v1/schemas.ts";
import { SeverityCounts } from "@/components/risk-badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Card } from "@/components/ui/card.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SearchInput } from "@/components/ui/search-input.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { PageHeader } from "../page-header.tsx";
import { commandLine } from "./argv.ts";
import { ServerStatus } from "./server-status.tsx";

export function ServerList() {
  const servers = useServers();
  const mayManage = useMe().data?.role === "admin";
  const [search, setSearch] = useState("");
  const shown = servers.data?.filter((server) => fits(server, search)) ?? [];
  const register = mayManage && (
    <Button asChild variant="primary">
      <Link href="/servers/new">
        <Plus aria-hidden="true" />
        Register a server
      </Link>
    </Button>
  );

  return (
    <>
      <PageHeader
        title="Servers"
        description="The MCP servers your agents use, each behind a gateway URL of its own."
        actions={servers.data && servers.data.length > 0 && register}
      />
      {servers.data && servers.data.length > 5 && (
        <SearchInput label="Search servers" value={search} onChange={setSearch} className="mb-3 max-w-sm" />
      )}
      <Card>
        {servers.isPending && <SkeletonRows label="Loading servers" />}
        {servers.isError && (
          <ErrorState
            title="The servers could not be loaded"
            detail={troubleIn(servers.error).detail}
            onRetry={() => void servers.refetch()}
          />
        )}
        {servers.data?.length === 0 && (
          <EmptyState icon={<Server />} title="No servers yet" actions={register}>
            Register an MCP server by its URL or by the command that starts it. Its tools are listed and sorted by what
            they can do.
          </EmptyState>
        )}
        {shown.length > 0 && (
          <ul aria-label="Servers" className="divide-y">
            {shown.map((server) => (
              <ServerRow key={server.id} server={server} />
            ))}
          </ul>
        )}
        {servers.data && servers.data.length > 0 && shown.length === 0 && (
          <p className="px-4 py-8 text-center text-ink-muted">No server fits the search.</p>
        )}
      </Card>
    </>
  );
}

function ServerRow({ server }: { server: ServerSummary }) {
  return (
    <li className="relative grid gap-x-6 gap-y-2 px-4 py-3 hover:bg-raised/50 md:grid-cols-[minmax(0,1fr)_15rem_9rem] md:items-center">
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-2">
          {/* The whole row is the link's target. */}
          <Link href={`/servers/${server.id}`} className="font-medium text-ink after:absolute after:inset-0">
            {server.name}
          </Link>
          <ServerStatus status={server.status} frozen={server.frozen} changeCount={server.changeCount} />
        </div>
        <p className="mt-0.5 truncate font-mono text-ink-muted text-xs">{addressOf(server)}</p>
      </div>
      <div>
        <p className="mb-1 text-ink-muted text-xs tabular-nums">{count(server.toolCount, "tool")}</p>
        <SeverityCounts counts={server.severityCounts} />
      </div>
      <p className="text-ink-muted text-xs tabular-nums md:text-right">
        {server.policyCount === 1 ? "1 policy" : `${server.policyCount} policies`}
        <span aria-hidden="true"> · </span>
        {count(server.grantCount, "grant")}
      </p>
    </li>
  );
}

export function addressOf(server: Pick<ServerSummary, "url" | "command" | "args">): string {
  return server.url ?? commandLine(server.command ?? "", server.args);
}

function count(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? "" : "s"}`;
}

function fits(server: ServerSummary, search: string): boolean {
  return `${server.name} ${addressOf(server)}`.toLowerCase().includes(search.trim().toLowerCase());
}
