"use client";
import { Dialog, DialogContent } from "@/components/ui/dialog.tsx";
import { Switch } from "@/components/ui/switch.tsx";

const rows: readonly [string, string][] = [
  ["j", "Next"],
  ["k", "Previous"],
  ["a", "Approve; asks once more where it destroys or costs"],
  ["d", "Deny, with a reason"],
  ["e", "Edit the arguments"],
  ["o", "Open on a page of its own"],
  ["?", "This list"],
];

export function ShortcutHelp({
  open,
  onOpenChange,
  isOn,
  onTurn,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  isOn: boolean;
  onTurn: (on: boolean) => void;
}) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent size="sm" title="Keys on this page">
        <dl className="grid grid-cols-[2.5rem_minmax(0,1fr)] items-baseline gap-y-2">
          {rows.map(([key, words]) => (
            <div key={key} className="contents">
              <dt>
                <kbd className="rounded border border-line-strong bg-raised px-1.5 py-0.5 font-mono text-xs">{key}</kbd>
              </dt>
              <dd className="text-ink-muted">{words}</dd>
            </div>
          ))}
        </dl>
        <div className="mt-4 flex items-center justify-between border-t pt-3">
          <span>Use these keys</span>
          <Switch label="Use these keys" checked={isOn} onChange={onTurn} />
        </div>
      </DialogContent>
    </Dialog>
  );
}
