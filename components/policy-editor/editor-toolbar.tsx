"use client";
import { ListRestart, PanelRightClose, PanelRightOpen, Redo2, Rocket, Undo2 } from "lucide-react";
import { useSyncExternalStore } from "react";
import type { Exposure } from "../../policy/exposure.ts";
import { Button } from "../ui/button.tsx";
import { ArrivalNote } from "./draft-notices.tsx";
import { ExposureMeter } from "./exposure-meter.tsx";
import { SaveIndicator } from "./save-indicator.tsx";
import type { useDraft } from "./use-draft.ts";

/** What can be done with the draft as a whole, and how it stands. */
export function EditorToolbar({
  draft,
  readOnly,
  isPublished,
  exposures,
  isPanelOpen,
  onTogglePanel,
  onStartOver,
  onPublish,
}: {
  draft: ReturnType<typeof useDraft>;
  readOnly: boolean;
  /** Whether the draft is the live version's text. */
  isPublished: boolean;
  exposures: { before: Exposure | null; now: Exposure | null };
  isPanelOpen: boolean;
  /** Null where there is no panel beside the board. */
  onTogglePanel: (() => void) | null;
  onStartOver: () => void;
  /** Null when there is nothing that could be published. */
  onPublish: (() => void) | null;
}) {
  const mod = useModKey();
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
      {!readOnly && (
        <div className="flex items-center gap-1">
          <Button
            size="icon"
            variant="ghost"
            aria-label="Undo"
            title={`Undo (${mod}Z)`}
            disabled={!draft.canUndo}
            onClick={draft.undo}
          >
            <Undo2 aria-hidden="true" />
          </Button>
          <Button
            size="icon"
            variant="ghost"
            aria-label="Redo"
            title={`Redo (${mod}Shift+Z)`}
            disabled={!draft.canRedo}
            onClick={draft.redo}
          >
            <Redo2 aria-hidden="true" />
          </Button>
          <Button
            size="icon"
            variant="ghost"
            aria-label="Start over from…"
            title="Start over from another beginning"
            onClick={onStartOver}
          >
            <ListRestart aria-hidden="true" />
          </Button>
        </div>
      )}
      {!readOnly && <SaveIndicator state={draft.saveState} />}
      {draft.arrival && <ArrivalNote how={draft.arrival} onUndo={draft.undo} />}
      <div className="min-w-0">
        <ExposureMeter before={exposures.before} now={exposures.now} />
      </div>
      <div className="ml-auto flex items-center gap-2">
        <span className="hidden text-ink-muted text-sm lg:inline">
          {isPublished ? "No changes since the live version" : "Draft differs from the live version"}
        </span>
        {onTogglePanel && (
          <Button
            size="icon"
            variant="ghost"
            aria-label={isPanelOpen ? "Hide the side panel" : "Show the side panel"}
            aria-expanded={isPanelOpen}
            title={isPanelOpen ? "Hide the side panel" : "Show the side panel"}
            onClick={onTogglePanel}
          >
            {isPanelOpen ? <PanelRightClose aria-hidden="true" /> : <PanelRightOpen aria-hidden="true" />}
          </Button>
        )}
        {!readOnly && (
          <Button variant="primary" disabled={onPublish === null} onClick={() => onPublish?.()}>
            <Rocket aria-hidden="true" />
            Publish
          </Button>
        )}
      </div>
    </div>
  );
}

/** As this machine's keyboard names it. */
function useModKey(): string {
  return useSyncExternalStore(
    () => () => undefined,
    () => (/mac|iphone|ipad/i.test(navigator.userAgent) ? "⌘" : "Ctrl+"),
    () => "Ctrl+",
  );
}
