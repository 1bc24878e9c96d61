"use client";
import { Ban, Check, Clock, Pencil } from "lucide-react";
import { type Ref, useImperativeHandle, useState } from "react";
import { useMe } from "@/app/_client/queries.ts";
import type { ApprovalDetail } from "@/app/api/v1/approval-schemas.ts";
import { useSecondsLeft } from "@/components/approvals/time-left.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { DenyDialog } from "./deny-dialog.tsx";
import { EditDialog } from "./edit-dialog.tsx";
import { SessionDialog } from "./session-dialog.tsx";
import { useDecide } from "./use-decide.ts";

/** What keys of the page can ask for. */
export type DecisionKeys = { approve(): void; deny(): void; edit(): void };

type Asked = "approve" | "deny" | "edit" | "session" | null;

/** The answer of a person, or why there can be none. */
export function DecisionPanel({ approval, ref }: { approval: ApprovalDetail; ref?: Ref<DecisionKeys> }) {
  const [asked, setAsked] = useState<Asked>(null);
  const deciding = useDecide(approval);
  const secondsLeft = useSecondsLeft(approval.expiresAt);
  const role = useMe().data?.role;
  const isOpen = approval.status === "pending" && secondsLeft > 0;
  const isGrave = approval.category === "Destructive" || approval.category === "Financial";
  const isReadable = approval.argumentsText !== null;
  const mayDecide = approval.mayDecide && isOpen;

  function approve(): void {
    if (!mayDecide || !isReadable || asked !== null) return;
    if (isGrave) setAsked("approve");
    else void deciding.decide({ decision: "approve" });
  }

  useImperativeHandle(ref, () => ({
    approve,
    deny: () => mayDecide && asked === null && setAsked("deny"),
    edit: () => mayDecide && isReadable && asked === null && setAsked("edit"),
  }));

  const close = (open: boolean) => setAsked((now) => (open ? now : null));
  return (
    <div className="grid gap-3">
      {deciding.overtaken && (
        <Callout tone="warn" role="alert" title={deciding.overtaken.detail}>
          Your answer was not needed any more and changed nothing.
          {deciding.overtaken.approval?.reason && ` The reason given: ${deciding.overtaken.approval.reason}`}
        </Callout>
      )}
      {!approval.mayDecide && isOpen && (
        <Callout title="You can look at this, but not decide it">
          {role === "viewer" ? "Your role is viewer." : "Your role does not allow it."} Admins and policy managers of
          this organisation decide, and see the arguments.
        </Callout>
      )}
      {((approval.status === "pending" && secondsLeft === 0) || approval.status === "expired") && (
        <Callout tone="warn" title="Its time is up">
          {approval.decidedAt === null
            ? "Nobody decided in time."
            : "It was approved, but the agent did not make the call in time."}{" "}
          If the agent still wants it, it has to ask again.
        </Callout>
      )}
      {approval.status === "cancelled" && (
        <Callout title="There is nothing to decide any more">
          What it was asked for is not there any more. If the agent still wants it, it has to ask again.
        </Callout>
      )}
      {mayDecide && (
        <>
          <p className="text-pretty text-ink-muted text-sm">{approval.consequence}</p>
          <div className="flex flex-wrap gap-2">
            <Button
              variant={isGrave ? "danger" : "primary"}
              disabled={!isReadable}
              loading={deciding.pending}
              aria-keyshortcuts="a"
              onClick={approve}
            >
              {!deciding.pending && <Check aria-hidden="true" />}
              Approve
            </Button>
            <Button variant="dangerOutline" aria-keyshortcuts="d" onClick={() => setAsked("deny")}>
              <Ban aria-hidden="true" />
              Deny…
            </Button>
            {isReadable && (
              <Button aria-keyshortcuts="e" onClick={() => setAsked("edit")}>
                <Pencil aria-hidden="true" />
                Edit arguments…
              </Button>
            )}
            {isReadable && approval.sessionId !== null && (
              <Button onClick={() => setAsked("session")}>
                <Clock aria-hidden="true" />
                For this session…
              </Button>
            )}
          </div>
        </>
      )}
      <ConfirmDialog
        open={asked === "approve"}
        onOpenChange={close}
        title={`Approve ${approval.tool}?`}
        confirmLabel="Approve the call"
        onConfirm={async () => (await deciding.decide({ decision: "approve" }))?.detail ?? null}
      >
        {approval.consequence} It cannot be taken back.
      </ConfirmDialog>
      <DenyDialog open={asked === "deny"} onOpenChange={close} tool={approval.tool} deciding={deciding} />
      {asked === "edit" && <EditDialog onOpenChange={close} approval={approval} deciding={deciding} />}
      <SessionDialog open={asked === "session"} onOpenChange={close} approval={approval} deciding={deciding} />
    </div>
  );
}
