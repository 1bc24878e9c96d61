"use client";
import { useQueryClient } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, Clock, RotateCw, Send } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { send, troubleIn } from "@/app/_client/api.ts";
import type { DeliveryAnswer } from "@/app/api/v1/approval-schemas.ts";
import { Badge } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Card, CardHeader } from "@/components/ui/card.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs.tsx";
import { TimeAgo } from "@/components/ui/time-ago.tsx";
import { toast } from "@/components/ui/toaster.tsx";
import { useDeliveries } from "./queries.ts";
import { eventWords, kindWords } from "./words.ts";

const looks = {
  pending: { label: "Under way", tone: "accent", Icon: Clock },
  delivered: { label: "Delivered", tone: "ok", Icon: CircleCheck },
  dead: { label: "Given up", tone: "danger", Icon: CircleAlert },
} as const;

export function DeliveryList() {
  const [tab, setTab] = useState<"all" | "dead">("all");
  const deliveries = useDeliveries(tab === "dead" ? "dead" : null, true);
  const items = deliveries.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card>
      <CardHeader title="Messages" description="Each is tried six times within some ten minutes, then given up." />
      <Tabs value={tab} onValueChange={(next) => setTab(next === "dead" ? "dead" : "all")}>
        <TabsList aria-label="Which messages" className="mx-4">
          <TabsTrigger value="all">Recent</TabsTrigger>
          <TabsTrigger value="dead">Given up</TabsTrigger>
        </TabsList>
        <TabsContent value={tab} tabIndex={-1}>
          {deliveries.isPending && <SkeletonRows label="Loading the messages" rows={3} />}
          {deliveries.isError && (
            <ErrorState
              title="The messages could not be loaded"
              detail={troubleIn(deliveries.error).detail}
              onRetry={() => void deliveries.refetch()}
            />
          )}
          {deliveries.data && items.length === 0 && (
            <EmptyState icon={<Send />} title={tab === "dead" ? "Nothing was given up" : "Nothing was sent yet"} />
          )}
          <ul aria-label="Messages" className="divide-y">
            {items.map((item) => (
              <DeliveryRow key={item.id} delivery={item} />
            ))}
          </ul>
          {deliveries.hasNextPage && (
            <div className="border-t p-3 text-center">
              <Button loading={deliveries.isFetchingNextPage} onClick={() => void deliveries.fetchNextPage()}>
                Show older messages
              </Button>
            </div>
          )}
        </TabsContent>
      </Tabs>
    </Card>
  );
}

function DeliveryRow({ delivery }: { delivery: DeliveryAnswer }) {
  const client = useQueryClient();
  const [pending, setPending] = useState(false);
  const { id, approvalId, attempts, event, kind, lastTrouble, nextAt, status, target } = delivery;
  const { label, tone, Icon } = looks[status];

  async function retry(): Promise<void> {
    setPending(true);
    const answer = await send("POST", `/notifications/deliveries/${id}/retry`);
    setPending(false);
    if (!answer.ok) toast.error("It is not tried again", { description: answer.trouble.detail });
    await client.invalidateQueries({ queryKey: ["notifications", "deliveries"] });
  }

  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-4 py-2.5 text-sm">
      <div className="min-w-0 flex-1 basis-56">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <Badge tone={tone}>
            <Icon aria-hidden="true" />
            {label}
          </Badge>
          {approvalId === null ? (
            eventWords[event]
          ) : (
            <Link href={`/approvals/${approvalId}`} className="text-accent underline-offset-4 hover:underline">
              {eventWords[event]}
            </Link>
          )}
          <span className="break-all text-ink-muted text-xs">
            {kindWords[kind]}, {target}
          </span>
        </p>
        <p className="mt-0.5 text-ink-muted text-xs">
          <TimeAgo at={delivery.createdAt} />
          {attempts > 1 && ` · ${attempts} tries`}
          {lastTrouble && ` · ${lastTrouble}`}
          {nextAt && attempts > 0 && ` · next try at ${new Date(nextAt).toLocaleTimeString("en-GB")}`}
        </p>
      </div>
      {status === "dead" && (
        <Button size="sm" loading={pending} onClick={() => void retry()}>
          {!pending && <RotateCw aria-hidden="true" />}
          Try again
        </Button>
      )}
    </li>
  );
}
