import { Check, CloudOff, Pencil, Users } from "lucide-react";
import { Spinner } from "../ui/spinner.tsx";
import type { SaveState } from "./autosave.ts";

/** Where the draft is: on its way, on the server, or neither. */
export function SaveIndicator({ state }: { state: SaveState }) {
  return (
    <span role="status" className="inline-flex items-center gap-1.5 text-ink-muted text-sm [&_svg]:size-4">
      {content(state)}
    </span>
  );
}

function content(state: SaveState) {
  switch (state.kind) {
    case "saved":
      return (
        <>
          <Check aria-hidden="true" className="text-ok" />
          Saved
        </>
      );
    case "unsaved":
      return (
        <>
          <Pencil aria-hidden="true" />
          Unsaved
        </>
      );
    case "saving":
      return (
        <>
          <Spinner />
          Saving…
        </>
      );
    case "failed":
      return (
        <span className="inline-flex items-center gap-1.5 text-danger">
          <CloudOff aria-hidden="true" />
          Not saved, trying again
        </span>
      );
    case "conflict":
      return (
        <span className="inline-flex items-center gap-1.5 text-warn">
          <Users aria-hidden="true" />
          Not saved
        </span>
      );
  }
}
