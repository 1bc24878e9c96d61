"use client";
import { useQueryClient } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { useState } from "react";
import { send, troubleIn } from "@/app/_client/api.ts";
import { reloadAll, useMe, useServer } from "@/app/_client/queries.ts";
import type { ServerAnswer } from "@/app/api/v1/schemas.ts";
import { Badge } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { CopyButton } from "@/components/ui/copy-button.tsx";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs.tsx";
import { toast } from "@/components/ui/toaster.tsx";
import { FreezeButton } from "../../brake/freeze-button.tsx";
import { CallFigures } from "../../calls/call-figures.tsx";
import { CallLog } from "../../calls/call-log.tsx";
import { GrantPanel } from "../../grants/grant-panel.tsx";
import { LoadingPage } from "../../loading-page.tsx";
import { MissingPage } from "../../missing-page.tsx";
import { PageHeader } from "../../page-header.tsx";
import { PolicyPanel } from "../../policies/policy-panel.tsx";
import { useUrlState } from "../../use-url-state.ts";
import { addressOf } from "../server-list.tsx";
import { ServerStatus } from "../server-status.tsx";
import { TroubleText } from "../trouble-text.tsx";
import { ChangePanel } from "./changes/change-panel.tsx";
import { ServerSettings } from "./server-settings.tsx";
import { ToolTable } from "./tool-table.tsx";

const tabs = ["tools", "changes", "policies", "grants", "calls", "figures", "settings"] as const;
type Tab = (typeof tabs)[number];

export function ServerDetail({ serverId }: { serverId: string }) {
  const server = useServer(serverId);
  const mayManage = useMe().data?.role === "admin";
  const [wanted, setTab] = useUrlState("tab");
  const tab: Tab = tabs.find((each) => each === wanted) ?? "tools";

  if (server.isPending) return <LoadingPage label="Loading the server" />;
  if (server.isError) {
    return (
      <MissingPage
        what="server"
        trouble={troubleIn(server.error)}
        back={{ href: "/servers", label: "All servers" }}
        onRetry={() => void server.refetch()}
      />
    );
  }
  const { data } = server;
  return (
    <>
      <PageHeader
        title={data.name}
        trail={[{ href: "/servers", label: "Servers" }]}
        badges={<ServerStatus status={data.status} frozen={data.frozen} changeCount={data.changeCount} />}
        description={<ServerFacts server={data} />}
        actions={
          mayManage && (
            <>
              <RefreshButton serverId={serverId} />
              <FreezeButton scope="server" id={serverId} name={data.name} frozen={data.frozen} />
            </>
          )
        }
      />
      {data.status !== "connected" && data.statusMessage && (
        <Callout tone="danger" title="The last connect did not work" className="mb-4">
          <TroubleText text={data.statusMessage} />
        </Callout>
      )}
      <GatewayUrl url={data.gatewayUrl} />
      <Tabs value={tab} onValueChange={(value) => setTab(value === "tools" ? "" : value)}>
        <TabsList aria-label="About this server" className="mb-4">
          <TabsTrigger value="tools">
            Tools <Count n={data.toolCount} />
          </TabsTrigger>
          <TabsTrigger value="changes">
            Changes{data.changeCount > 0 && <Badge tone="warn">{data.changeCount}</Badge>}
          </TabsTrigger>
          <TabsTrigger value="policies">
            Policies <Count n={data.policyCount} />
          </TabsTrigger>
          <TabsTrigger value="grants">
            Grants <Count n={data.grantCount} />
          </TabsTrigger>
          <TabsTrigger value="calls">Calls</TabsTrigger>
          <TabsTrigger value="figures">Figures</TabsTrigger>
          {mayManage && <TabsTrigger value="settings">Settings</TabsTrigger>}
        </TabsList>
        <TabsContent value="tools">
          <ToolTable serverId={serverId} tools={data.tools} />
        </TabsContent>
        <TabsContent value="changes">
          <ChangePanel server={data} />
        </TabsContent>
        <TabsContent value="policies">
          <PolicyPanel serverId={serverId} />
        </TabsContent>
        <TabsContent value="grants">
          <GrantPanel serverId={serverId} />
        </TabsContent>
        <TabsContent value="calls">
          <CallLog serverId={serverId} />
        </TabsContent>
        <TabsContent value="figures">
          <CallFigures serverId={serverId} />
        </TabsContent>
        {mayManage && (
          <TabsContent value="settings">
            <ServerSettings server={data} />
          </TabsContent>
        )}
      </Tabs>
    </>
  );
}

function Count({ n }: { n: number }) {
  return <span className="rounded bg-raised px-1.5 text-2xs text-ink-muted tabular-nums">{n}</span>;
}

function ServerFacts({ server }: { server: ServerAnswer }) {
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <span className="min-w-0 break-all font-mono text-xs">{addressOf(server)}</span>
      <Badge tone="outline">{server.transport === "http" ? "HTTP" : "stdio"}</Badge>
      {server.protocolVersion && <Badge tone="outline">MCP {server.protocolVersion}</Badge>}
    </span>
  );
}

function GatewayUrl({ url }: { url: string }) {
  return (
    <div className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md border bg-surface py-1.5 pr-1.5 pl-3">
      <span className="font-medium text-sm">Gateway URL</span>
      <code className="min-w-0 flex-1 basis-48 break-all font-mono text-ink-muted text-xs">{url}</code>
      <CopyButton text={url} label="Copy URL" variant="ghost" className="ml-auto" />
    </div>
  );
}

function RefreshButton({ serverId }: { serverId: string }) {
  const client = useQueryClient();
  const [pending, setPending] = useState(false);

  async function refresh() {
    setPending(true);
    const answer = await send<ServerAnswer>("POST", `/servers/${serverId}/refresh`, {});
    setPending(false);
    await reloadAll(client);
    if (answer.ok) toast.success("Reconnected", { description: foundWords(answer.value) });
    else toast.error("The server could not be reached", { description: answer.trouble.detail });
  }

  return (
    <Button loading={pending} onClick={() => void refresh()}>
      {!pending && <RefreshCw aria-hidden="true" />}
      Reconnect and list tools
    </Button>
  );
}

function foundWords({ tools, changeCount }: ServerAnswer): string {
  const known = `${tools.length} tools on record`;
  if (changeCount === 0) return `${known}.`;
  return `${known}, ${changeCount === 1 ? "one change" : `${changeCount} changes`} to review.`;
}
