"use client";
import { useState } from "react";
import { Button } from "../ui/button.tsx";
import { Callout } from "../ui/callout.tsx";
import { Dialog, DialogClose, DialogContent } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { Textarea } from "../ui/textarea.tsx";
import type { PublishAnswer } from "./published.ts";

/** Asks for a note and publishes. Stays open, with the reason, when it did not work. */
export function NoteDialog({
  open,
  onOpenChange,
  title,
  description,
  confirmLabel,
  publish,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: string;
  confirmLabel: string;
  publish: (note: string) => Promise<PublishAnswer>;
}) {
  const [note, setNote] = useState("");
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  async function confirm() {
    if (pending) return;
    setPending(true);
    setFailure(null);
    const answer = await publish(note.trim());
    setPending(false);
    if (!answer.ok) return setFailure(answer.detail);
    setNote("");
    onOpenChange(false);
  }

  return (
    <Dialog open={open} onOpenChange={(next) => !pending && onOpenChange(next)}>
      <DialogContent size="sm" title={title} description={description}>
        <form
          className="grid gap-4 pb-2"
          onSubmit={(event) => {
            event.preventDefault();
            void confirm();
          }}
        >
          <Field label="Note" optional hint="What changed and why, for the list of versions.">
            {(control) => (
              <Textarea {...control} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} />
            )}
          </Field>
          {failure && (
            <Callout tone="danger" role="alert">
              {failure}
            </Callout>
          )}
          <div className="flex justify-end gap-2">
            <DialogClose asChild>
              <Button>Cancel</Button>
            </DialogClose>
            <Button type="submit" variant="primary" loading={pending}>
              {confirmLabel}
            </Button>
          </div>
        </form>
      </DialogContent>
    </Dialog>
  );
}
