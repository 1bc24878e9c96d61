"use client";
import { useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Dialog, DialogActions, DialogClose, DialogContent } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Textarea } from "@/components/ui/textarea.tsx";
import type { Deciding } from "./use-decide.ts";

export function DenyDialog({
  open,
  onOpenChange,
  tool,
  deciding,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  tool: string;
  deciding: Deciding;
}) {
  const [reason, setReason] = useState("");
  const [trouble, setTrouble] = useState<string | null>(null);

  async function deny(): Promise<void> {
    const failed = await deciding.decide({ decision: "deny", reason });
    if (failed && failed.status !== 409) return setTrouble(failed.detail);
    setReason("");
    setTrouble(null);
    onOpenChange(false);
  }

  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent size="sm" title={`Deny ${tool}?`}>
        <form
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            void deny();
          }}
        >
          <Field label="Reason" optional hint="The agent reads it, so it can do better.">
            {(control) => (
              <Textarea
                {...control}
                autoFocus
                maxLength={1_000}
                value={reason}
                onChange={(event) => setReason(event.target.value)}
                onKeyDown={(event) => {
                  if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
                  event.preventDefault();
                  void deny();
                }}
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
            <Button type="submit" variant="danger" loading={deciding.pending}>
              Deny the call
            </Button>
          </DialogActions>
        </form>
      </DialogContent>
    </Dialog>
  );
}
