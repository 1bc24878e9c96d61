"use client";
import { useQueryClient } from "@tanstack/react-query";
import { MailPlus, Trash2 } from "lucide-react";
import { useState } from "react";
import { send, troubleIn } from "@/app/_client/api.ts";
import { roleWords, useInvites } from "@/app/_client/members.ts";
import type { InviteAnswer } from "@/app/api/v1/member-schemas.ts";
import { Badge } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Card, CardHeader } from "@/components/ui/card.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { TimeAgo } from "@/components/ui/time-ago.tsx";

const looks = {
  open: { tone: "accent", label: "Open" },
  accepted: { tone: "ok", label: "Taken" },
  expired: { tone: "neutral", label: "Expired" },
} as const;

export function InviteList({ onInvite }: { onInvite: () => void }) {
  const invites = useInvites(true);
  const client = useQueryClient();
  const [deleting, setDeleting] = useState<InviteAnswer | null>(null);

  async function remove(): Promise<string | null> {
    const answer = await send("DELETE", `/invites/${deleting?.id}`);
    if (!answer.ok) return answer.trouble.detail;
    await client.invalidateQueries({ queryKey: ["invites"] });
    return null;
  }

  return (
    <Card>
      <CardHeader title="Invites" description="Links that were made. Each works once, for a week." />
      <div className="border-t">
        {invites.isPending && <SkeletonRows label="Loading the invites" rows={2} />}
        {invites.isError && (
          <ErrorState
            title="The invites could not be loaded"
            detail={troubleIn(invites.error).detail}
            onRetry={() => void invites.refetch()}
          />
        )}
        {invites.data?.length === 0 && (
          <EmptyState
            icon={<MailPlus />}
            title="No invites"
            className="py-8"
            actions={<Button onClick={onInvite}>Invite somebody</Button>}
          />
        )}
        {invites.data && invites.data.length > 0 && (
          <ul aria-label="Invites" className="divide-y">
            {invites.data.map((invite) => (
              <li key={invite.id} className="flex min-h-14 items-center gap-3 px-4 py-2.5">
                <div className="min-w-0 flex-1">
                  <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
                    <span className="min-w-0 break-words [overflow-wrap:anywhere]">
                      {invite.acceptedBy ?? invite.email ?? "Whoever has the link"}
                    </span>
                    <Badge tone={looks[invite.status].tone}>{looks[invite.status].label}</Badge>
                  </p>
                  <p className="text-ink-muted text-xs [overflow-wrap:anywhere]">
                    made <TimeAgo at={invite.createdAt} /> by {invite.createdBy ?? "somebody who is gone"}
                    {invite.status === "open" && (
                      <>
                        {" "}
                        · ends <TimeAgo at={invite.expiresAt} />
                      </>
                    )}
                  </p>
                </div>
                <span className="shrink-0 text-sm">{roleWords[invite.role].title}</span>
                {invite.status === "open" ? (
                  <Button
                    variant="ghost"
                    size="icon"
                    aria-label={`Take back the invite for ${invite.email ?? "whoever has the link"}`}
                    onClick={() => setDeleting(invite)}
                  >
                    <Trash2 aria-hidden="true" />
                  </Button>
                ) : (
                  <span className="size-8 shrink-0" />
                )}
              </li>
            ))}
          </ul>
        )}
      </div>
      <ConfirmDialog
        open={deleting !== null}
        onOpenChange={(open) => !open && setDeleting(null)}
        title="Take back this invite?"
        confirmLabel="Take back"
        onConfirm={remove}
      >
        Its link works no more. You can make another at any time.
      </ConfirmDialog>
    </Card>
  );
}
