"use client";
import { useQueryClient } from "@tanstack/react-query";
import { BellRing, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { send, troubleIn } from "@/app/_client/api.ts";
import { useMe } from "@/app/_client/queries.ts";
import type { EndpointAnswer } from "@/app/api/v1/approval-schemas.ts";
import { Badge } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Card, CardHeader } from "@/components/ui/card.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { toast } from "@/components/ui/toaster.tsx";
import { PageHeader } from "../../page-header.tsx";
import { DeliveryList } from "./delivery-list.tsx";
import { NewEndpointDialog } from "./new-endpoint-dialog.tsx";
import { useEndpoints } from "./queries.ts";
import { eventWords, kindWords } from "./words.ts";

/** Where the organisation hears of its approvals, and what became of each message. */
export function NotificationsPanel() {
  const role = useMe().data?.role;
  const isAdmin = role === "admin";
  const endpoints = useEndpoints(isAdmin);
  const client = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<EndpointAnswer | null>(null);

  async function end(): Promise<string | null> {
    const answer = await send("DELETE", `/notifications/endpoints/${ending?.id}`);
    await client.invalidateQueries({ queryKey: ["notifications"] });
    return answer.ok ? null : answer.trouble.detail;
  }

  return (
    <>
      <PageHeader
        title="Notifications"
        trail={[{ href: "/settings", label: "Settings" }]}
        description="Send word of approvals to a webhook, to Slack or by e-mail. A message names the tool and who asks, never the values of arguments."
        actions={
          isAdmin && (
            <Button variant="primary" onClick={() => setAdding(true)}>
              <Plus aria-hidden="true" />
              Add
            </Button>
          )
        }
      />
      <div className="grid max-w-3xl gap-4">
        {role !== undefined && !isAdmin && (
          <Callout title="For admins">Where messages go is set up by the admins of your organisation.</Callout>
        )}
        {(role === undefined || isAdmin) && (
          <Card>
            <CardHeader title="Where messages go" />
            {endpoints.isPending && <SkeletonRows label="Loading where messages go" rows={2} />}
            {endpoints.isError && (
              <ErrorState
                title="They could not be loaded"
                detail={troubleIn(endpoints.error).detail}
                onRetry={() => void endpoints.refetch()}
              />
            )}
            {endpoints.data?.items.length === 0 && (
              <EmptyState icon={<BellRing />} title="Nobody is told yet">
                Without this, a call that waits is seen only by those who have the dashboard open.
              </EmptyState>
            )}
            <ul aria-label="Where messages go" className="divide-y">
              {endpoints.data?.items.map((item) => (
                <EndpointRow key={item.id} endpoint={item} onEnd={() => setEnding(item)} />
              ))}
            </ul>
            {endpoints.data && !endpoints.data.email && (
              <p className="border-t px-4 py-3 text-ink-muted text-sm">
                This installation sends no e-mail: <code className="font-mono text-xs">SMTP_URL</code> is not set where
                it runs. Webhooks and Slack work without.
              </p>
            )}
          </Card>
        )}
        {isAdmin && <DeliveryList />}
      </div>
      {adding && <NewEndpointDialog email={endpoints.data?.email ?? false} onClose={() => setAdding(false)} />}
      <ConfirmDialog
        open={ending !== null}
        onOpenChange={(open) => !open && setEnding(null)}
        title={`Send nothing to ${ending?.target ?? ""} any more?`}
        confirmLabel="Send nothing there"
        onConfirm={end}
      >
        What was sent there, and what waits to be, is forgotten.
      </ConfirmDialog>
    </>
  );
}

function EndpointRow({
  endpoint: { id, kind, target, events },
  onEnd,
}: {
  endpoint: EndpointAnswer;
  onEnd: () => void;
}) {
  const client = useQueryClient();
  const [pending, setPending] = useState(false);

  async function test(): Promise<void> {
    setPending(true);
    const answer = await send("POST", `/notifications/endpoints/${id}/test`);
    setPending(false);
    if (!answer.ok) return void toast.error("The test was not sent", { description: answer.trouble.detail });
    await client.invalidateQueries({ queryKey: ["notifications", "deliveries"] });
  }

  return (
    <li aria-label={target} className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-48">
        <p className="break-all font-medium">{target}</p>
        <p className="mt-0.5 flex flex-wrap items-center gap-1.5 text-ink-muted text-xs">
          <Badge>{kindWords[kind]}</Badge>
          {events.map((name) => eventWords[name]).join(", ")}
        </p>
      </div>
      <div className="flex items-center gap-2">
        <Button size="sm" loading={pending} onClick={() => void test()} aria-label={`Send a test to ${target}`}>
          Send a test
        </Button>
        <Button variant="ghost" size="icon" aria-label={`Send nothing to ${target} any more`} onClick={onEnd}>
          <Trash2 aria-hidden="true" />
        </Button>
      </div>
    </li>
  );
}
