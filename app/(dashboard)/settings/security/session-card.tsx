"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Monitor } from "lucide-react";
import { useState } from "react";
import { send, troubleIn } from "@/app/_client/api.ts";
import { browserName } from "@/app/_client/browser-name.ts";
import { useSessions } from "@/app/_client/members.ts";
import { Badge } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Card, CardHeader } from "@/components/ui/card.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { TimeAgo } from "@/components/ui/time-ago.tsx";
import { toast } from "@/components/ui/toaster.tsx";

/** The browsers that are signed in. */
export function SessionCard() {
  const sessions = useSessions();
  const client = useQueryClient();
  const [endingAll, setEndingAll] = useState(false);
  const others = sessions.data?.filter(({ current }) => !current) ?? [];

  async function end(path: string): Promise<string | null> {
    const answer = await send("DELETE", path);
    if (!answer.ok) return answer.trouble.detail;
    await client.invalidateQueries({ queryKey: ["sessions"] });
    return null;
  }

  return (
    <Card>
      <CardHeader
        title="Browsers"
        description="Where you are signed in. One that you do not know: sign it out, then change your password."
        actions={others.length > 0 && <Button onClick={() => setEndingAll(true)}>Sign out all others</Button>}
      />
      <div className="border-t">
        {sessions.isPending && <SkeletonRows label="Loading your browsers" rows={2} />}
        {sessions.isError && (
          <ErrorState
            title="Your browsers could not be loaded"
            detail={troubleIn(sessions.error).detail}
            onRetry={() => void sessions.refetch()}
          />
        )}
        <ul aria-label="Browsers" className="divide-y">
          {sessions.data?.map((session) => (
            <li key={session.id} className="flex items-center gap-3 px-4 py-3">
              <Monitor aria-hidden="true" className="size-4 shrink-0 text-ink-muted" />
              <div className="min-w-0 flex-1">
                <p className="flex flex-wrap items-center gap-x-2" title={session.browser}>
                  <span className="font-medium">{browserName(session.browser)}</span>
                  {session.current && <Badge tone="accent">This browser</Badge>}
                </p>
                <p className="text-ink-muted text-xs">
                  <span className="break-all">{session.address}</span> · seen <TimeAgo at={session.seenAt} /> · signed
                  in <TimeAgo at={session.createdAt} />
                </p>
              </div>
              {!session.current && (
                <Button
                  size="sm"
                  aria-label={`Sign out ${browserName(session.browser)} at ${session.address}`}
                  onClick={() =>
                    void end(`/account/sessions/${session.id}`).then((trouble) => trouble && toast.error(trouble))
                  }
                >
                  Sign out
                </Button>
              )}
            </li>
          ))}
        </ul>
      </div>
      <ConfirmDialog
        open={endingAll}
        onOpenChange={setEndingAll}
        title="Sign out all other browsers?"
        confirmLabel="Sign out all others"
        onConfirm={() => end("/account/sessions")}
      >
        Each of them has to sign in again. This one stays.
      </ConfirmDialog>
    </Card>
  );
}
