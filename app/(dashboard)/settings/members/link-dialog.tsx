"use client";
import { Button } from "@/components/ui/button.tsx";
import { CopyButton } from "@/components/ui/copy-button.tsx";
import { Dialog, DialogContent } from "@/components/ui/dialog.tsx";

/** A link that is shown this once. */
export function LinkDialog({
  url,
  title,
  description,
  onClose,
}: {
  /** Null: closed. */
  url: string | null;
  title: string;
  description: string;
  onClose: () => void;
}) {
  return (
    <Dialog open={url !== null} onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        size="sm"
        title={title}
        description={description}
        onInteractOutside={(event) => event.preventDefault()}
      >
        <div className="grid gap-4 pb-2">
          <ShownLink url={url ?? ""} />
          <div className="flex justify-end">
            <Button variant="primary" onClick={onClose}>
              Done
            </Button>
          </div>
        </div>
      </DialogContent>
    </Dialog>
  );
}

export function ShownLink({ url }: { url: string }) {
  return (
    <div className="flex items-center gap-2 rounded-md border bg-canvas py-1 pr-1.5 pl-3">
      <code className="min-w-0 flex-1 break-all font-mono text-xs">{url}</code>
      <CopyButton text={url} label="Copy link" variant="ghost" />
    </div>
  );
}
