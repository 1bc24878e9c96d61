"use client";
import { useCallback, useState } from "react";
import { panelWidth } from "./side-panel.tsx";
import { useIsWide, useRemembered } from "./use-remembered.ts";

export const panelViews = ["json", "words", "try", "problems"] as const;
export type PanelView = (typeof panelViews)[number];
export type EditorView = PanelView | "board";

/** From this width on, the board and a panel stand side by side. */
const wideFrom = 1_280;

/** What of the editor is on the screen. This browser remembers the panel, its width and whether it is open. */
export function useEditorView() {
  const isWide = useIsWide(wideFrom);
  const [panel, setPanel] = useRemembered<PanelView>("editor-panel", readPanel);
  const [width, setWidth] = useRemembered<number>("editor-panel-width", readWidth);
  const [folded, setFolded] = useRemembered<"open" | "folded">("editor-panel-open", (stored) =>
    stored === "folded" ? "folded" : "open",
  );
  // On a narrow screen the work begins at the board, whatever was looked at last.
  const [narrow, setNarrow] = useState<EditorView>("board");
  const [been, setBeen] = useState<ReadonlySet<EditorView>>(() => new Set());
  const tab = isWide ? panel : narrow;

  const show = useCallback(
    (wanted: EditorView) => {
      setNarrow(wanted);
      setBeen((seen) => (seen.has(wanted) ? seen : new Set([...seen, wanted])));
      if (wanted === "board") return;
      setPanel(wanted);
      setFolded("open");
    },
    [setPanel, setFolded],
  );
  const isPanelOpen = folded === "open";

  return {
    isWide,
    tab,
    width,
    setWidth,
    isPanelOpen,
    togglePanel: () => setFolded(isPanelOpen ? "folded" : "open"),
    isBoardShown: isWide || narrow === "board",
    isPanelShown: isWide ? isPanelOpen : narrow !== "board",
    show,
    showNamed: (name: string) => show(name === "board" ? "board" : readPanel(name)),
    hasBeen: (view: EditorView) => been.has(view) || tab === view,
  };
}

function readPanel(stored: string | null): PanelView {
  return panelViews.find((view) => view === stored) ?? "json";
}

function readWidth(stored: string | null): number {
  const width = Number(stored);
  return stored !== null && width >= panelWidth.least && width <= panelWidth.most ? width : panelWidth.first;
}
