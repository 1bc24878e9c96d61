"use client";
import { useQueryClient } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { useState } from "react";
import { send, troubleIn } from "@/app/_client/api.ts";
import { reloadAll, useChanges, useMe } from "@/app/_client/queries.ts";
import type { ChangeAnswer, ServerAnswer } from "@/app/api/v1/schemas.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Card, CardHeader } from "@/components/ui/card.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { toast } from "@/components/ui/toaster.tsx";
import { ChangeCard, type Decision } from "./change-card.tsx";

/** What the server serves that nobody accepted, to be looked at. */
export function ChangePanel({ server }: { server: ServerAnswer }) {
  const client = useQueryClient();
  const changes = useChanges(server.id);
  const mayDecide = useMe().data?.role === "admin";
  const [asking, setAsking] = useState(false);

  async function review(wanted: readonly ChangeAnswer[], decision: Decision): Promise<string | null> {
    const tools = wanted.map(({ kind, name, definitionHash }) => ({ kind, name, definitionHash }));
    const answer = await send("POST", `/servers/${server.id}/tools/review`, { tools, decision });
    await reloadAll(client);
    return answer.ok ? null : answer.trouble.detail;
  }

  async function decide(change: ChangeAnswer, decision: Decision): Promise<void> {
    const trouble = await review([change], decision);
    if (trouble !== null) toast.error("That did not work", { description: trouble });
    else
      toast.success(decision === "accept" ? "In force in every gateway" : "Rejected. The accepted definition stays.");
  }

  if (changes.isPending) {
    return (
      <Card>
        <SkeletonRows label="Loading changes" />
      </Card>
    );
  }
  if (changes.isError) {
    return (
      <Card>
        <ErrorState
          title="The changes could not be loaded"
          detail={troubleIn(changes.error).detail}
          onRetry={() => void changes.refetch()}
        />
      </Card>
    );
  }
  const pending = changes.data.filter(({ state }) => state === "pending");
  const rejected = changes.data.filter(({ state }) => state === "rejected");
  // A name that nobody can tell apart is not waved through with the rest.
  const acceptable = pending.filter(({ problem }) => problem === "changed" || problem === "gone");
  if (changes.data.length === 0) {
    return (
      <Card>
        <EmptyState icon={<ShieldCheck />} title="Everything is as it was accepted">
          Each list that passes is held against the definitions on record. What differs shows up here.
        </EmptyState>
      </Card>
    );
  }
  const cards = (items: readonly ChangeAnswer[]) =>
    items.map((change) => (
      <ChangeCard
        key={`${change.kind} ${change.name} ${change.definitionHash}`}
        change={change}
        mayDecide={mayDecide}
        onDecide={(decision) => decide(change, decision)}
      />
    ));
  return (
    <div className="grid gap-4">
      {pending.length > 0 && (
        <Card>
          <CardHeader
            title={pending.length === 1 ? "One change to review" : `${pending.length} changes to review`}
            description={consequences[server.onDefinitionChange]}
            actions={
              mayDecide &&
              acceptable.length > 1 && <Button onClick={() => setAsking(true)}>Accept {acceptable.length}…</Button>
            }
          />
          <ul aria-label="Changes to review" className="divide-y border-t">
            {cards(pending)}
          </ul>
        </Card>
      )}
      {rejected.length > 0 && (
        <Card>
          <CardHeader
            title="Rejected"
            description="The definitions accepted before stay. Each of these is held until the server serves it again as it was accepted and you reconnect, or until you accept it."
          />
          <ul aria-label="Rejected changes" className="divide-y border-t">
            {cards(rejected)}
          </ul>
        </Card>
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        tone="primary"
        title={`Accept ${acceptable.length} changes?`}
        confirmLabel="Accept them"
        onConfirm={() => review(acceptable, "accept")}
      >
        <Callout tone="warn">
          Agents are shown what the server serves now, from the next list on. Accept what you have read.
        </Callout>
      </ConfirmDialog>
    </div>
  );
}

const consequences: Record<ServerAnswer["onDefinitionChange"], string> = {
  serve: "They go on as the server serves them, and are on record here. New tools stay hidden until you accept them.",
  hold: "Until you decide, changed tools are missing from lists and calls of them are denied. All others work.",
  block: "Until you decide, every call of this server is denied, unless only new tools have come.",
};
