"use client";
import { useState } from "react";
import { Button } from "../ui/button.tsx";
import { Callout } from "../ui/callout.tsx";
import { Dialog, DialogClose, DialogContent } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { Textarea } from "../ui/textarea.tsx";

export type Published = { version: number; gateways: { live: number; of: number; ms: number } };
export type PublishAnswer = { ok: true; published: Published } | { ok: false; detail: string };

/** "Version 3 is live on 1 of 1 gateways in 40 ms." */
export function publishedSentence({ version, gateways: { live, of, ms } }: Published): string {
  if (of === 0) return `Version ${version} is published. No gateway is running; the next one that starts enforces it.`;
  return `Version ${version} is live on ${live} of ${of} gateways in ${Math.round(ms)} ms.`;
}

/** Asks for a note and publishes. Stays open, with the reason, when it did not work. */
export function PublishDialog({
  open,
  onOpenChange,
  title,
  description,
  confirmLabel,
  warnings = 0,
  publish,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: string;
  confirmLabel: string;
  warnings?: number;
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
          {warnings > 0 && (
            <Callout tone="warn">
              {warnings === 1 ? "There is one warning." : `There are ${warnings} warnings.`} It can be published all the
              same.
            </Callout>
          )}
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
