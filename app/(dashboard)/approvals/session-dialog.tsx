"use client";
import { useState } from "react";
import type { ApprovalDetail } from "@/app/api/v1/approval-schemas.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Dialog, DialogActions, DialogClose, DialogContent } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import type { Deciding } from "./use-decide.ts";

const minutesMax = 480;

/** One answer for all calls of a tool in a session, for a while. */
export function SessionDialog({
  open,
  onOpenChange,
  approval,
  deciding,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  approval: ApprovalDetail;
  deciding: Deciding;
}) {
  const [typed, setTyped] = useState("15");
  const [trouble, setTrouble] = useState<string | null>(null);
  const minutes = Number(typed);
  const isValid = Number.isInteger(minutes) && minutes >= 1 && minutes <= minutesMax;

  async function approve(): Promise<void> {
    if (!isValid) return;
    const failed = await deciding.decide({ decision: "approve", scope: "session", minutes });
    if (failed && failed.status !== 409) return setTrouble(failed.detail);
    setTrouble(null);
    onOpenChange(false);
  }

  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent size="sm" title={`Approve ${approval.tool} for this session?`}>
        <form
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            void approve();
          }}
        >
          <p className="text-pretty text-ink-muted">
            Every call of {approval.tool} in this session of {approval.clientName ?? "the agent"} goes through, with
            whatever arguments, without asking again. The other rules of the policy still decide each call.
          </p>
          <Field
            label="Minutes"
            hint={`1 to ${minutesMax}.`}
            error={isValid ? null : `A whole number from 1 to ${minutesMax}.`}
          >
            {(control) => (
              <Input
                {...control}
                inputMode="numeric"
                autoComplete="off"
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
              />
            )}
          </Field>
          {trouble && (
            <Callout tone="danger" role="alert">
              {trouble}
            </Callout>
          )}
          <DialogActions>
            <DialogClose asChild>
              <Button>Cancel</Button>
            </DialogClose>
            <Button type="submit" variant="danger" disabled={!isValid} loading={deciding.pending}>
              Approve for {isValid ? minutes : "…"} {minutes === 1 ? "minute" : "minutes"}
            </Button>
          </DialogActions>
        </form>
      </DialogContent>
    </Dialog>
  );
}
