"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Eye } from "lucide-react";
import { useState } from "react";
import { send } from "@/app/_client/api.ts";
import type { ApprovalDetail, RevealAnswer } from "@/app/api/v1/approval-schemas.ts";
import { TextDiff } from "@/components/policy-editor/text-diff.tsx";
import { Button } from "@/components/ui/button.tsx";
import { ColouredJson } from "@/components/ui/coloured-json.tsx";
import { TimeAgo } from "@/components/ui/time-ago.tsx";
import { toast } from "@/components/ui/toaster.tsx";

/** Beyond so many characters, colours would cost more than they help. */
const colouredMax = 30_000;

/** The very arguments that are asked for, what is hidden of them, and how they differ from those approved last. */
export function ArgumentView({ approval }: { approval: ApprovalDetail }) {
  const { argumentsText, editedText, lastApproved, masked } = approval;
  const [compares, setCompares] = useState(false);
  if (argumentsText === null) {
    return (
      <p className="text-ink-muted text-sm">
        {approval.mayDecide
          ? "The arguments were sealed with a key that is gone."
          : `Only those who may decide see the values. The names: ${approval.argumentKeys.join(", ") || "none"}.`}
      </p>
    );
  }
  return (
    <div className="grid gap-2">
      {compares && lastApproved ? (
        <TextDiff
          before={lastApproved.argumentsText}
          after={argumentsText}
          label="Compared with the last approved call"
        />
      ) : (
        <Json text={argumentsText} label="Arguments" />
      )}
      <div className="flex flex-wrap items-center gap-2">
        {masked.length > 0 && <RevealButton approval={approval} />}
        {lastApproved && (
          <Button size="sm" aria-pressed={compares} onClick={() => setCompares(!compares)}>
            {compares ? "Show the arguments alone" : "Compare with the last approved call"}
          </Button>
        )}
        {lastApproved ? (
          <span className="text-ink-muted text-xs">
            {lastApproved.argumentsText === argumentsText && masked.length === 0
              ? "The same as the call"
              : "The last call was"}{" "}
            approved <TimeAgo at={lastApproved.at} />
          </span>
        ) : (
          <span className="text-ink-muted text-xs">No call of this tool was approved before.</span>
        )}
      </div>
      {editedText !== null && (
        <div className="grid gap-1.5">
          <h3 className="font-medium text-sm">The approver’s arguments instead</h3>
          <TextDiff before={argumentsText} after={editedText} label="What the approver changed" />
        </div>
      )}
    </div>
  );
}

function Json({ text, label }: { text: string; label: string }) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
      tabIndex={0}
      className="max-h-96 overflow-auto rounded-md border bg-canvas p-3 text-ink text-xs"
    >
      <pre className="whitespace-pre-wrap break-words font-mono">
        <code>{text.length <= colouredMax ? <ColouredJson text={text} /> : text}</code>
      </pre>
    </section>
  );
}

function RevealButton({ approval: { id, masked } }: { approval: ApprovalDetail }) {
  const client = useQueryClient();
  const [pending, setPending] = useState(false);

  async function reveal(): Promise<void> {
    setPending(true);
    const answer = await send<RevealAnswer>("POST", `/approvals/${id}/reveal`, {});
    setPending(false);
    if (!answer.ok) return void toast.error("They could not be shown", { description: answer.trouble.detail });
    client.setQueryData(["approvals", "revealed", id], answer.value);
  }

  return (
    <Button size="sm" loading={pending} onClick={() => void reveal()} title="Who looks is on record">
      {!pending && <Eye aria-hidden="true" />}
      Show {masked.length === 1 ? "the hidden value" : `${masked.length} hidden values`}
    </Button>
  );
}
