"use client";
import { useState } from "react";
import { Dialog, DialogContent } from "@/components/ui/dialog.tsx";
import { FreezeForm } from "./freeze-form.tsx";
import type { BrakeTarget } from "./target.ts";

/** Asks before the brake is pulled or released, and shows what came of it. */
export function FreezeDialog({
  open,
  onOpenChange,
  ...target
}: BrakeTarget & { open: boolean; onOpenChange: (open: boolean) => void }) {
  // As it was when the dialog opened: once it is frozen, the open dialog must not turn into its own opposite.
  const [asked, setAsked] = useState(target);
  const [wasOpen, setWasOpen] = useState(false);
  if (open !== wasOpen) {
    setWasOpen(open);
    if (open) setAsked(target);
  }
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent
        size="sm"
        role="alertdialog"
        title={asked.frozen ? `Unfreeze ${asked.name}?` : `Freeze ${asked.name}?`}
      >
        <FreezeForm target={asked} onClose={() => onOpenChange(false)} />
      </DialogContent>
    </Dialog>
  );
}
