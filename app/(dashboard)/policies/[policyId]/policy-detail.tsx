"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Ghost } from "lucide-react";
import { useCallback } from "react";
import type * as z from "zod";
import { type Answer, send, troubleIn } from "@/app/_client/api.ts";
import { useRecordedCall } from "@/app/_client/call-queries.ts";
import { reloadAll, useMe, usePolicy, useServer } from "@/app/_client/queries.ts";
import type { CallTest } from "@/app/api/v1/call-schemas.ts";
import type { BacktestAnswer, draftAnswer, PolicyAnswer, publishAnswer } from "@/app/api/v1/schemas.ts";
import type { SaveAnswer } from "@/components/policy-editor/autosave.ts";
import { tellDraftSaved } from "@/components/policy-editor/draft-channel.ts";
import { PolicyEditor } from "@/components/policy-editor/policy-editor.tsx";
import type { ChangedCall, RunBacktest } from "@/components/policy-editor/proof.ts";
import type { PublishAnswer } from "@/components/policy-editor/published.ts";
import type { RecordedCall } from "@/components/policy-editor/simulator.tsx";
import { Badge } from "@/components/ui/badge.tsx";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs.tsx";
import { GrantPanel } from "../../grants/grant-panel.tsx";
import { LoadingPage } from "../../loading-page.tsx";
import { MissingPage } from "../../missing-page.tsx";
import { PageHeader } from "../../page-header.tsx";
import { useUrlState } from "../../use-url-state.ts";
import { ModeBadge } from "../mode-badge.tsx";
import { useStartingSources } from "../starting-sources.ts";
import { PolicySettings } from "./policy-settings.tsx";
import { ShadowPanel } from "./shadow-panel.tsx";
import { VersionList } from "./version-list.tsx";

const tabs = ["editor", "versions", "grants", "settings"] as const;

export function PolicyDetail({ policyId }: { policyId: string }) {
  const policy = usePolicy(policyId);
  const server = useServerOf(policy.data);
  const role = useMe().data?.role;
  const [wanted, setTab] = useUrlState("tab");
  const [tryFirst] = useUrlState("try");
  const [callToTry] = useUrlState("call");
  const recorded = useRecordedCall(callToTry !== "" && role !== undefined && role !== "viewer" ? callToTry : null);
  const tab = tabs.find((each) => each === wanted) ?? "editor";
  const { restore, ...actions } = usePolicyActions(policyId, policy.data?.serverId ?? "");
  const sources = useStartingSources(policy.data?.serverId ?? "", policyId);
  const world = { ...actions, callHref, sources };

  if (policy.isError) {
    return (
      <MissingPage
        what="policy"
        trouble={troubleIn(policy.error)}
        back={{ href: "/policies", label: "All policies" }}
        onRetry={() => void policy.refetch()}
      />
    );
  }
  if (server.isError) {
    return (
      <MissingPage
        what="server of this policy"
        trouble={troubleIn(server.error)}
        back={{ href: "/policies", label: "All policies" }}
        onRetry={() => void server.refetch()}
      />
    );
  }
  // What another author saved while this page was away has to be seen before it can be edited.
  if (!policy.data || !policy.isFetchedAfterMount || !server.data || !role || recorded.isLoading)
    return <LoadingPage label="Loading the policy" />;
  const { data } = policy;
  return (
    <>
      <PageHeader
        title={data.name}
        trail={[
          { href: "/servers", label: "Servers" },
          { href: `/servers/${data.serverId}`, label: server.data.name },
          { href: `/servers/${data.serverId}?tab=policies`, label: "Policies" },
        ]}
        badges={
          <>
            <ModeBadge mode={data.mode} />
            <Badge tone="outline" className="tabular-nums">
              version {data.activeVersion} is live
            </Badge>
            {data.shadowVersion !== null && (
              <Badge tone="hold" className="tabular-nums">
                <Ghost aria-hidden="true" />
                version {data.shadowVersion} in shadow
              </Badge>
            )}
          </>
        }
      />
      <ShadowPanel policy={data} tools={server.data.tools} mayChange={role !== "viewer"} />
      <Tabs value={tab} onValueChange={(value) => setTab(value === "editor" ? "" : value)}>
        <TabsList aria-label="About this policy" className="mb-4">
          <TabsTrigger value="editor">Editor</TabsTrigger>
          <TabsTrigger value="versions">Versions</TabsTrigger>
          <TabsTrigger value="grants">
            Grants{" "}
            <span className="rounded bg-raised px-1.5 text-2xs text-ink-muted tabular-nums">{data.grantCount}</span>
          </TabsTrigger>
          {role !== "viewer" && <TabsTrigger value="settings">Settings</TabsTrigger>}
        </TabsList>
        {/* The editor keeps its undo history while the other tabs are looked at. */}
        <TabsContent value="editor" forceMount className="data-[state=inactive]:hidden">
          <div data-wide>
            <PolicyEditor
              key={policyId}
              policyId={policyId}
              tools={server.data.tools}
              start={{ text: data.draft, revision: data.draftRevision }}
              activeDocument={data.document}
              readOnly={role === "viewer"}
              tryFirst={tryFirst || null}
              recorded={recorded.data ? asRecordedCall(recorded.data) : null}
              world={world}
            />
          </div>
        </TabsContent>
        <TabsContent value="versions">
          <VersionList policyId={policyId} tools={server.data.tools} mayRestore={role !== "viewer"} restore={restore} />
        </TabsContent>
        <TabsContent value="grants">
          <GrantPanel serverId={data.serverId} policyId={policyId} />
        </TabsContent>
        {role !== "viewer" && (
          <TabsContent value="settings">
            <PolicySettings policy={data} />
          </TabsContent>
        )}
      </Tabs>
    </>
  );
}

function asRecordedCall({ expectation, missing }: CallTest): RecordedCall {
  const { tool, at, grant, client = "", session = "" } = expectation;
  return {
    tool,
    at,
    missing,
    arguments: expectation.arguments,
    grantLabel: grant,
    clientName: client,
    sessionId: session,
  };
}

function useServerOf(policy: PolicyAnswer | undefined) {
  return useServer(policy?.serverId ?? null);
}

const callHref = ({ callId }: ChangedCall) => `/calls?id=${callId}`;

function usePolicyActions(policyId: string, serverId: string) {
  const client = useQueryClient();

  const save = useCallback(
    async (document: string, seenRevision: number): Promise<SaveAnswer> => {
      const answer = await send<z.infer<typeof draftAnswer>>("PUT", `/policies/${policyId}/draft`, {
        document,
        seenRevision,
      });
      if (!answer.ok) return { ok: false, code: answer.trouble.code, detail: answer.trouble.detail };
      // Kept in step, so that the editor starts from here when the person comes back.
      client.setQueryData<PolicyAnswer>(
        ["policies", policyId],
        (old) =>
          old && {
            ...old,
            draft: document,
            draftRevision: answer.value.revision,
            draftDiffers: document !== old.document,
          },
      );
      return { ok: true, revision: answer.value.revision };
    },
    [client, policyId],
  );

  const load = useCallback(async () => {
    const answer = await send<PolicyAnswer>("GET", `/policies/${policyId}`);
    return answer.ok
      ? { ok: true as const, text: answer.value.draft, revision: answer.value.draftRevision }
      : { ok: false as const, detail: answer.trouble.detail };
  }, [policyId]);

  const publishWith = useCallback(
    async (body: object): Promise<PublishAnswer> => {
      const answer: Answer<z.infer<typeof publishAnswer>> = await send("POST", `/policies/${policyId}/versions`, body);
      if (!answer.ok) return { ok: false, detail: answer.trouble.detail };
      await reloadAll(client);
      return { ok: true, published: answer.value };
    },
    [client, policyId],
  );

  const publish = useCallback(
    (seenRevision: number, note: string, how: "enforce" | "shadow") =>
      publishWith({ seenRevision, ...(note ? { note } : {}), ...(how === "shadow" ? { shadow: true } : {}) }),
    [publishWith],
  );
  const restore = useCallback(
    async (version: number, note: string) => {
      const answer = await publishWith({ restore: version, ...(note ? { note } : {}) });
      // A draft without changes of its own goes along with the restored version; the editor takes it in.
      if (answer.ok) tellDraftSaved(policyId);
      return answer;
    },
    [policyId, publishWith],
  );
  const runBacktest: RunBacktest = useCallback(
    async (document, hours, signal) => {
      const to = new Date();
      const from = new Date(to.getTime() - hours * 3_600_000);
      const body = { document, from: from.toISOString(), to: to.toISOString(), policyId };
      const answer = await send<BacktestAnswer>("POST", `/servers/${serverId}/backtest`, body, signal);
      if (answer.ok) return { ok: true, backtest: answer.value };
      return answer.trouble.code === "cancelled" ? null : { ok: false, detail: answer.trouble.detail };
    },
    [policyId, serverId],
  );

  return { save, load, publish, restore, runBacktest };
}
