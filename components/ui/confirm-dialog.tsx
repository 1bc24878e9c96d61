"use client";
import { type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import { Callout } from "./callout.tsx";
import { Dialog, DialogClose, DialogContent } from "./dialog.tsx";
import { Field } from "./field.tsx";
import { Input } from "./input.tsx";

/**
 * Asks before something is done that hurts.
 *
 * @param phrase When given, it has to be typed before the button works.
 * @param onConfirm Resolves to null when done (the dialog closes), or to a sentence that says what went wrong.
 */
export function ConfirmDialog({
  open,
  onOpenChange,
  title,
  children,
  confirmLabel,
  phrase,
  tone = "danger",
  onConfirm,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  children: ReactNode;
  confirmLabel: string;
  phrase?: string;
  tone?: "danger" | "primary";
  onConfirm: () => Promise<string | null>;
}) {
  const [typed, setTyped] = useState("");
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const ready = phrase === undefined || typed.trim() === phrase;

  function change(next: boolean) {
    if (pending) return;
    setTyped("");
    setTrouble(null);
    onOpenChange(next);
  }

  async function confirm() {
    if (!ready || pending) return;
    setPending(true);
    setTrouble(null);
    const failure = await onConfirm();
    setPending(false);
    if (failure !== null) return setTrouble(failure);
    setTyped("");
    onOpenChange(false);
  }

  return (
    <Dialog open={open} onOpenChange={change}>
      <DialogContent size="sm" role="alertdialog" title={title}>
        <form
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            void confirm();
          }}
        >
          <div className="text-pretty text-ink-muted">{children}</div>
          {phrase !== undefined && (
            <Field
              label={
                <>
                  Type <span className="font-mono text-ink">{phrase}</span> to confirm
                </>
              }
            >
              {(control) => (
                <Input
                  {...control}
                  autoComplete="off"
                  value={typed}
                  onChange={(event) => setTyped(event.target.value)}
                />
              )}
            </Field>
          )}
          {trouble && (
            <Callout tone="danger" role="alert">
              {trouble}
            </Callout>
          )}
          <div className="flex justify-end gap-2 pb-2">
            <DialogClose asChild>
              <Button>Cancel</Button>
            </DialogClose>
            <Button type="submit" variant={tone} disabled={!ready} loading={pending}>
              {confirmLabel}
            </Button>
          </div>
        </form>
      </DialogContent>
    </Dialog>
  );
}
