import { kindWords } from "./block-kinds.ts";
import { laneWords } from "./lanes.ts";
import type { Place } from "./places.ts";
import type { ManyRule } from "./rules.ts";
import type { Load, Target } from "./store.ts";

// What the board says to people who do not see it.

export const keysHelp =
  "Press Space to pick up. While dragging, use the arrow keys to choose where, Space to drop and Escape to cancel. Arrow keys go from card to card, X selects, M opens the menu.";

export function pickedUp(load: Load): string {
  if (load.kind === "block") return `Picked up the block ${kindWords(load.block).label}.`;
  const what = load.names.length === 1 ? load.names[0] : `${load.names.length} tools`;
  const isAre = load.names.length === 1 ? "It is" : "They are";
  return `Picked up ${what}. ${isAre} in ${laneWords(load.from).label}.`;
}

export function over(target: Target, label: (target: Target) => string): string {
  if ("lane" in target) return `Over ${laneWords(target.lane).label}.`;
  const refusal = "tool" in target && target.refusal ? ` Not possible: ${target.refusal}.` : "";
  return `Over ${label(target)}.${refusal}`;
}

export function cancelled(load: Load): string {
  if (load.kind === "block") return "Cancelled. Nothing changed.";
  const what = load.names.length === 1 ? `${load.names[0]} stays` : `${load.names.length} tools stay`;
  return `Cancelled. ${what} in ${laneWords(load.from).label}.`;
}

/** Where a tool stands now, like: Limit: at most 10 a minute. */
export function standing(place: Place): string {
  const { label } = laneWords(place.lane);
  const words = place.chips.map(({ kind, text }) =>
    kind === "rate_limit" || kind === "spend_limit" ? `at most ${text}` : text,
  );
  return words.length === 0 ? label : `${label}: ${words.join(", ")}`;
}

/** What a target is called. */
export function labelOf(
  target: Target,
  { rules, places }: { rules: readonly ManyRule[]; places: ReadonlyMap<string, Place> },
): string {
  if ("lane" in target) return laneWords(target.lane).label;
  if ("rule" in target) return `the rule for ${rules.find(({ pointer }) => pointer === target.rule)?.label ?? ""}`;
  const lane = places.get(target.tool)?.lane;
  return lane ? `${target.tool}, in ${laneWords(lane).label}` : target.tool;
}
