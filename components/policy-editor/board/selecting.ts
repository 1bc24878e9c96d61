import type { Lane } from "../../../policy/edit.ts";
import type { LaneRow } from "./lane-column.tsx";
import { lanes } from "./lanes.ts";
import type { BoardStore } from "./store.ts";

/** Marks a card more or less; with `upTo` all from the last one to it. */
export function select(store: BoardStore, rows: Record<Lane, readonly LaneRow[]>, name: string, upTo: boolean) {
  const { selection, active } = store.state;
  const next = new Set(selection);
  if (upTo && active && active !== name) {
    for (const each of between(rows, active, name)) next.add(each);
  } else if (next.has(name)) next.delete(name);
  else next.add(name);
  store.set({ selection: next, active: name });
  store.say(
    `${next.has(name) ? name : `${name} deselected`}${next.has(name) ? " selected" : ""}. ${next.size} selected.`,
  );
}

/** All cards of one lane from one to another; of two lanes only the two. */
function between(rows: Record<Lane, readonly LaneRow[]>, from: string, to: string): string[] {
  for (const { lane } of lanes) {
    const names = rows[lane].flatMap((row) => (row.kind === "tool" ? [row.tool.name] : []));
    const [a, b] = [names.indexOf(from), names.indexOf(to)];
    if (a >= 0 && b >= 0) return names.slice(Math.min(a, b), Math.max(a, b) + 1);
  }
  return [from, to];
}
