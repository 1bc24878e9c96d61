import { useEffect, useRef } from "react";
import type { Lane } from "../../../policy/edit.ts";
import type { EditorTool } from "../editor-tool.ts";
import type { LaneRow } from "./lane-column.tsx";
import { lanes } from "./lanes.ts";
import type { BoardStore } from "./store.ts";

/** Tab always reaches one card: the one that was last used, or the first. */
export function useReachableCard(store: BoardStore, rows: Record<Lane, readonly LaneRow[]>) {
  useEffect(() => {
    const cards = lanes.flatMap(({ lane }) =>
      rows[lane].flatMap((row) => (row.kind === "tool" ? [row.tool.name] : [])),
    );
    const { active } = store.state;
    if (active === null || !cards.includes(active)) store.set({ active: cards[0] ?? null });
  }, [store, rows]);
}

/** What is filtered away is not marked: nothing may happen to cards that are not shown. */
export function useShownSelection(store: BoardStore, shown: readonly EditorTool[]) {
  useEffect(() => {
    const names = new Set(shown.map(({ name }) => name));
    const left = [...store.state.selection].filter((name) => names.has(name));
    if (left.length < store.state.selection.size) store.set({ selection: new Set(left) });
  }, [store, shown]);
}

export function useGoTo(focus: { pointer: string; nonce: number } | null, go: (pointer: string) => void) {
  const latest = useRef(go);
  useEffect(() => {
    latest.current = go;
  });
  useEffect(() => {
    if (focus) latest.current(focus.pointer);
  }, [focus]);
}
