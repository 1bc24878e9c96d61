import type { FocusEvent, KeyboardEvent, MouseEvent, RefObject } from "react";
import { useMemo } from "react";
import type { Lane } from "../../../policy/edit.ts";
import type { EditorTool } from "../editor-tool.ts";
import type { BoardHands } from "./context.ts";
import { columnsOf } from "./drag-target.ts";
import type { LaneRow } from "./lane-column.tsx";

type Shown = { rows: Record<Lane, readonly LaneRow[]>; shown: readonly EditorTool[]; disabled: boolean };

/** Keys and clicks of all cards, at the root: going from card to card and marking them. */
export function useBoardKeys(hands: BoardHands, latest: RefObject<Shown>, focusCard: (name: string) => void) {
  return useMemo(() => {
    const { store } = hands;

    function onKeyDown(event: KeyboardEvent) {
      // While something is dragged, the keys are the drag's.
      if (store.state.load || event.defaultPrevented || event.altKey) return;
      const name = attribute(event.target, "data-card-name");
      if (name === null) {
        if (event.key === "Escape" && isOfBoard(event.target)) clear();
        return;
      }
      const isControl = event.ctrlKey || event.metaKey;
      const key = event.key.toLowerCase();
      const { disabled, shown } = latest.current;
      if (isControl && key === "a" && !disabled) {
        store.set({ selection: new Set(shown.map((tool) => tool.name)) });
        store.say(`${shown.length} selected.`);
      } else if (isControl) return;
      else if (key === "x" && !disabled) hands.select(name, false);
      else if (key === "m" || key === "contextmenu" || (key === "f10" && event.shiftKey))
        menuOf(event.currentTarget, name);
      else if (key === "escape") clear();
      else if (!step(event.key, name, event.shiftKey && !disabled)) return;
      event.preventDefault();
    }

    function step(key: string, name: string, marks: boolean): boolean {
      const next = nextOf(columnsOf(latest.current), name, key);
      if (next === undefined) return false;
      if (next === null) return true;
      if (marks) {
        const selection = new Set(store.state.selection).add(name).add(next);
        store.set({ selection });
        store.say(`${selection.size} selected.`);
      }
      focusCard(next);
      return true;
    }

    function menuOf(root: Element, name: string) {
      const button = root.querySelector(`[data-card-menu="${CSS.escape(name)}"]`);
      if (button) hands.openMenu({ tool: name }, button);
    }

    function clear() {
      if (store.state.selection.size === 0) return;
      store.set({ selection: new Set() });
      store.say("Nothing selected.");
    }

    function onClick(event: MouseEvent) {
      const name = attribute(event.target, "data-card-name");
      if (name === null || latest.current.disabled) return;
      const byFinger = "pointerType" in event.nativeEvent && event.nativeEvent.pointerType === "touch";
      // Once something is marked, a finger goes on marking.
      const marks = event.ctrlKey || event.metaKey || (byFinger && store.state.selection.size > 0);
      if (event.shiftKey || marks) hands.select(name, event.shiftKey);
      else store.set({ active: name });
    }

    function onFocus(event: FocusEvent) {
      const card = event.target.closest("[data-tool-card]")?.getAttribute("data-tool-card");
      // Shift and a click marks from the card before.
      if (card && card !== store.state.active && event.target.matches(":focus-visible")) store.set({ active: card });
    }

    return { onKeyDown, onClick, onFocus };
  }, [hands, latest, focusCard]);
}

/** Undefined when the key goes nowhere, null when there is no card that way. */
function nextOf(columns: EditorTool[][], name: string, key: string): string | null | undefined {
  const column = columns.findIndex((cards) => cards.some((tool) => tool.name === name));
  const cards = columns[column] ?? [];
  const row = cards.findIndex((tool) => tool.name === name);
  const beside = (at: number) => {
    const other = columns[at];
    return other?.[Math.min(row, other.length - 1)]?.name ?? null;
  };
  switch (key) {
    case "ArrowDown":
      return cards[row + 1]?.name ?? null;
    case "ArrowUp":
      return cards[row - 1]?.name ?? null;
    case "ArrowRight":
      return beside(column + 1);
    case "ArrowLeft":
      return beside(column - 1);
    case "Home":
      return cards[0]?.name ?? null;
    case "End":
      return cards.at(-1)?.name ?? null;
  }
}

function attribute(target: EventTarget, name: string): string | null {
  return target instanceof Element ? target.getAttribute(name) : null;
}

/** Menus and popovers are the board's only in React's tree. */
function isOfBoard(target: EventTarget): boolean {
  return target instanceof Element && target.closest("[data-columns]") !== null;
}
