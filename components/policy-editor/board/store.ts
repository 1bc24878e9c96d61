import { useCallback, useSyncExternalStore } from "react";
import type { BlockKind } from "../../../policy/blocks.ts";
import type { Lane } from "../../../policy/edit.ts";
import type { BlockOwner, BlockPlace } from "./rules.ts";

/** What is being dragged. */
export type Load =
  | { kind: "tools"; names: readonly string[]; held: string; from: Lane }
  | { kind: "block"; block: BlockKind };

/** What it would be dropped on. */
export type Target = { lane: Lane } | { tool: string; refusal: string | null } | { rule: string };

export type BoardState = {
  selection: ReadonlySet<string>;
  /** The card that Tab reaches, where selecting with Shift begins. */
  active: string | null;
  load: Load | null;
  by: "pointer" | "keyboard" | null;
  target: Target | null;
  /** The block whose editor is open. */
  open: BlockPlace | null;
  /** Whose menu is open, and where its button was. */
  menu: { owner: BlockOwner; anchor: DOMRect } | null;
  /** What screen readers are told. */
  said: string;
};

const nothing: BoardState = {
  selection: new Set(),
  active: null,
  load: null,
  by: null,
  target: null,
  open: null,
  menu: null,
  said: "",
};

/**
 * What changes while a person works on the board, outside of React's tree: dragging over a lane draws that lane again and
 * not four hundred cards.
 */
export class BoardStore {
  #state = nothing;
  readonly #listeners = new Set<() => void>();

  get state(): BoardState {
    return this.#state;
  }

  set(change: Partial<BoardState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }

  say(text: string): void {
    // The same words twice are two messages only when something about them is different.
    this.set({ said: text === this.#state.said ? `${text}\u00a0` : text });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

/** Reads a plain value from the state; draws again only when that value changes. */
export function useBoardState<Value extends string | number | boolean | object | null>(
  store: BoardStore,
  read: (state: BoardState) => Value,
): Value {
  const snapshot = useCallback(() => read(store.state), [store, read]);
  return useSyncExternalStore(store.subscribe, snapshot, snapshot);
}

export const cardFlags = { selected: 1, active: 2, target: 4, refused: 8, held: 16, menu: 32 } as const;

/** All that a card has to know of the state, as one number. */
export function flagsOf({ selection, active, load, target, menu }: BoardState, name: string): number {
  let flags = 0;
  if (selection.has(name)) flags |= cardFlags.selected;
  if (active === name) flags |= cardFlags.active;
  if (menu && "tool" in menu.owner && menu.owner.tool === name) flags |= cardFlags.menu;
  if (load?.kind === "tools" && load.names.includes(name)) flags |= cardFlags.held;
  if (target && "tool" in target) {
    const isOver = target.tool === name || (selection.has(target.tool) && selection.has(name));
    if (isOver) flags |= target.refusal === null ? cardFlags.target : cardFlags.refused;
  }
  return flags;
}
