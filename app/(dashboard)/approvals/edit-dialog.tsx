"use client";
import dynamic from "next/dynamic";
import { useEffect, useState } from "react";
import { send, sentence, type Trouble } from "@/app/_client/api.ts";
import type { ApprovalDetail, PreviewAnswer } from "@/app/api/v1/approval-schemas.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Dialog, DialogActions, DialogClose, DialogContent } from "@/components/ui/dialog.tsx";
import { Skeleton } from "@/components/ui/skeleton.tsx";
import type { Deciding } from "./use-decide.ts";

const JsonPane = dynamic(() => import("@/components/policy-editor/json-pane.tsx"), {
  ssr: false,
  loading: () => <Skeleton className="m-3 h-40" />,
});

/** What was found out about exactly this text. */
type Judged = { text: string; preview: PreviewAnswer | null; trouble: Trouble | null };

const waitMs = 350;

/** Other arguments in the place of the caller's. What the policy says to them is shown before they are sent. */
export function EditDialog({
  onOpenChange,
  approval,
  deciding,
}: {
  onOpenChange: (open: boolean) => void;
  approval: ApprovalDetail;
  deciding: Deciding;
}) {
  const original = approval.argumentsText ?? "{}";
  const [text, setText] = useState(original);
  const [judged, setJudged] = useState<Judged | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const isCurrent = judged?.text === text;
  const mayGo = isCurrent && judged.preview !== null && isGoing(judged.preview);

  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      const path = `/approvals/${approval.id}/preview`;
      const answer = await send<PreviewAnswer>("POST", path, { arguments: text }, stop.signal);
      if (stop.signal.aborted) return;
      setJudged({
        text,
        ...(answer.ok ? { preview: answer.value, trouble: null } : { preview: null, trouble: answer.trouble }),
      });
    }, waitMs);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text, approval.id]);

  async function approve(): Promise<void> {
    if (!mayGo) return;
    const failed = await deciding.decide({ decision: "approve", arguments: text });
    if (failed && failed.status !== 409) return setTrouble(failed.detail);
    onOpenChange(false);
  }

  return (
    <Dialog open onOpenChange={onOpenChange}>
      <DialogContent
        size="lg"
        title={`Edit the arguments of ${approval.tool}`}
        description="The server gets yours instead of the agent’s. Both stay on record."
        // Escape leaves the editor's own windows first.
        onEscapeKeyDown={(event) => text !== original && event.preventDefault()}
      >
        <div className="grid gap-3">
          <div className="h-72 overflow-hidden rounded-md border">
            <JsonPane text={text} onType={setText} label="Arguments (JSON)" completes={false} />
          </div>
          {approval.masked.length > 0 && (
            <p className="text-ink-muted text-xs">
              What is hidden stays as it is while its mask stands in its place. Reveal it first to change a part of it.
            </p>
          )}
          <div aria-live="polite" className="grid gap-2">
            {isCurrent ? (
              <Judgement judged={judged} changed={text !== original} />
            ) : (
              <p className="text-ink-muted text-sm">Asking the policy…</p>
            )}
          </div>
          {trouble && (
            <Callout tone="danger" role="alert">
              {trouble}
            </Callout>
          )}
          <DialogActions>
            <DialogClose asChild>
              <Button>Cancel</Button>
            </DialogClose>
            <Button variant="primary" disabled={!mayGo} loading={deciding.pending} onClick={() => void approve()}>
              {text === original ? "Approve as it is" : "Approve with these arguments"}
            </Button>
          </DialogActions>
        </div>
      </DialogContent>
    </Dialog>
  );
}

function isGoing({ decision }: PreviewAnswer): boolean {
  return decision.code === "allowed" || decision.code === "approval_required";
}

function Judgement({ judged: { preview, trouble }, changed }: { judged: Judged; changed: boolean }) {
  if (preview === null) {
    const details = trouble?.errors.map(({ pointer, message }) =>
      sentence(`${pointer.replace("/arguments", "") || "The text"} ${message}`),
    );
    if (details?.length) {
      return (
        <Callout tone="danger" title="These arguments cannot be sent">
          {details.join(" ")}
        </Callout>
      );
    }
    // Not the arguments are the matter.
    return (
      <Callout tone="danger" title="Nothing can be sent">
        {trouble?.detail}
      </Callout>
    );
  }
  return (
    <>
      {isGoing(preview) ? (
        <Callout
          tone="ok"
          title={changed ? "The policy lets the call go on with these arguments" : "Nothing is changed yet"}
        />
      ) : (
        <Callout tone="danger" title="The policy denies the call with these arguments">
          {preview.decision.message} <code className="font-mono text-xs">{preview.decision.rule}</code>
        </Callout>
      )}
      {preview.problems.length > 0 && (
        <Callout tone="warn" title="The tool asks for something else">
          <ul>
            {preview.problems.map(({ pointer, message }) => (
              <li key={`${pointer} ${message}`}>
                <code className="font-mono text-xs">{pointer || "/"}</code> {message.replaceAll("`", "")}
              </li>
            ))}
          </ul>
        </Callout>
      )}
    </>
  );
}
