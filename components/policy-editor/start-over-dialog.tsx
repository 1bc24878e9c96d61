"use client";
import { useState } from "react";
import { Button } from "../ui/button.tsx";
import { Dialog, DialogActions, DialogClose, DialogContent } from "../ui/dialog.tsx";
import type { EditorTool } from "./editor-tool.ts";
import { StartingPointFields, type StartingSources, useStartingPoint } from "./starting-point.tsx";

/** Replaces a draft by another beginning. One step to undo. */
export function StartOverDialog({
  open,
  onOpenChange,
  tools,
  sources,
  onStart,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  tools: readonly EditorTool[];
  sources: StartingSources;
  onStart: (text: string) => void;
}) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent
        size="lg"
        title="Start over from…"
        description="Replaces the draft. Undo brings it back, and nothing is enforced until you publish."
      >
        <StartOver
          tools={tools}
          sources={sources}
          onStart={(text) => {
            onStart(text);
            onOpenChange(false);
          }}
        />
      </DialogContent>
    </Dialog>
  );
}

function StartOver({
  tools,
  sources,
  onStart,
}: {
  tools: readonly EditorTool[];
  sources: StartingSources;
  onStart: (text: string) => void;
}) {
  const point = useStartingPoint(tools, sources);
  const [tried, setTried] = useState(false);
  return (
    <form
      noValidate
      className="grid gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (point.text !== null && point.trouble === null) onStart(point.text);
      }}
    >
      <StartingPointFields point={point} tried={tried} />
      <DialogActions>
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button type="submit" variant="primary" disabled={tried && point.trouble !== null}>
          Replace the draft
        </Button>
      </DialogActions>
    </form>
  );
}
