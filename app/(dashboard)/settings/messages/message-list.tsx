"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Inbox, Trash2 } from "lucide-react";
import { useState } from "react";
import { send, troubleIn } from "@/app/_client/api.ts";
import { useContactMessages } from "@/app/_client/queries.ts";
import type { ContactMessageAnswer } from "@/app/api/v1/schemas.ts";
import { Button } from "@/components/ui/button.tsx";
import { Card } from "@/components/ui/card.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { TimeAgo } from "@/components/ui/time-ago.tsx";
import { PageHeader } from "../../page-header.tsx";

/** What strangers wrote in the contact form: shown as text, whatever it says. */
export function MessageList() {
  const messages = useContactMessages();
  const client = useQueryClient();
  const [deleting, setDeleting] = useState<ContactMessageAnswer | null>(null);
  const items = messages.data?.pages.flatMap((page) => page.items) ?? [];

  async function remove(): Promise<string | null> {
    const answer = await send("DELETE", `/contact-messages/${deleting?.id}`);
    if (!answer.ok) return answer.trouble.detail;
    await client.invalidateQueries({ queryKey: ["contact-messages"] });
    return null;
  }

  return (
    <>
      <PageHeader
        title="Messages"
        trail={[{ href: "/settings", label: "Settings" }]}
        description="Written in the contact form of the public pages. Anybody may write there: who somebody says they are is not checked."
      />
      <Card className="max-w-3xl">
        {messages.isPending && <SkeletonRows label="Loading the messages" rows={4} />}
        {messages.isError && (
          <ErrorState
            title="The messages could not be loaded"
            detail={troubleIn(messages.error).detail}
            onRetry={() => void messages.refetch()}
          />
        )}
        {messages.data && items.length === 0 && (
          <EmptyState icon={<Inbox />} title="No messages">
            What somebody writes in the contact form appears here.
          </EmptyState>
        )}
        <ul aria-label="Messages" className="divide-y">
          {items.map((item) => (
            <li key={item.id} className="px-4 py-3">
              <div className="flex items-start justify-between gap-3">
                <p className="min-w-0 [overflow-wrap:anywhere]">
                  <span className="font-medium">{item.name ?? item.email}</span>
                  {item.name && <span className="text-ink-muted"> · {item.email}</span>}
                  <span className="block text-ink-muted text-xs">
                    <TimeAgo at={item.at} />
                    {item.page && <> on {item.page}</>}
                  </span>
                </p>
                <Button
                  variant="ghost"
                  size="icon"
                  aria-label={`Delete the message of ${item.name ?? item.email}`}
                  onClick={() => setDeleting(item)}
                >
                  <Trash2 aria-hidden="true" />
                </Button>
              </div>
              <p className="mt-1.5 whitespace-pre-wrap [overflow-wrap:anywhere]">{item.message}</p>
            </li>
          ))}
        </ul>
        {messages.hasNextPage && (
          <div className="border-t p-3 text-center">
            <Button loading={messages.isFetchingNextPage} onClick={() => void messages.fetchNextPage()}>
              Show older messages
            </Button>
          </div>
        )}
      </Card>
      <ConfirmDialog
        open={deleting !== null}
        onOpenChange={(open) => !open && setDeleting(null)}
        title="Delete this message?"
        confirmLabel="Delete message"
        onConfirm={remove}
      >
        It is gone for everybody. It cannot be undone.
      </ConfirmDialog>
    </>
  );
}
