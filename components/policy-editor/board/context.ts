import { createContext, useContext } from "react";
import type { BlockOwner, BlockPlace } from "./rules.ts";
import type { BoardStore } from "./store.ts";

/** What every part of the board can reach. The same objects for the life of the board, so they draw nothing again. */
export type BoardHands = {
  store: BoardStore;
  /** Opens the menu of a tool's card, or of a rule for several tools. */
  openMenu: (owner: BlockOwner, anchor: Element) => void;
  openBlock: (place: BlockPlace) => void;
  /** Marks one card more or less; with `upTo` all from the last one to this. */
  select: (name: string, upTo: boolean) => void;
};

export const BoardContext = createContext<BoardHands | null>(null);

export function useHands(): BoardHands {
  const hands = useContext(BoardContext);
  if (!hands) throw new Error("not inside of a Board");
  return hands;
}
