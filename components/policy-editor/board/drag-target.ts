import type { BlockKind } from "../../../policy/blocks.ts";
import type { Lane } from "../../../policy/edit.ts";
import type { EditorTool } from "../editor-tool.ts";
import { whyNot } from "./block-kinds.ts";
import type { LaneRow } from "./lane-column.tsx";
import { lanes } from "./lanes.ts";
import type { ManyRule } from "./rules.ts";
import type { Load, Target } from "./store.ts";

// Where something that is dragged would land. By pointer it is read from the page itself and by keys from the lists, never
// from measurements of an earlier moment: cards move while lanes scroll, and key presses come faster than frames.

export type Ground = {
  rows: Record<Lane, readonly LaneRow[]>;
  rules: readonly ManyRule[];
  byName: ReadonlyMap<string, EditorTool>;
};

export function targetAt(point: { x: number; y: number }, load: Load, { byName }: Ground): Target | null {
  const element = document.elementFromPoint(point.x, point.y);
  if (!element) return null;
  if (load.kind === "tools") {
    const lane = lanes.find((each) => each.lane === dataOf(element, "lane"));
    return lane ? { lane: lane.lane } : null;
  }
  const tool = byName.get(dataOf(element, "tool-card") ?? "");
  if (tool) return onTool(tool, load.block);
  const rule = dataOf(element, "rule");
  return rule === null ? null : { rule };
}

function dataOf(element: Element, name: string): string | null {
  return element.closest(`[data-${name}]`)?.getAttribute(`data-${name}`) ?? null;
}

export function onTool(tool: EditorTool, block: BlockKind): Target {
  return { tool: tool.name, refusal: whyNot(block, tool) };
}

/** Where a key brings a load from `target`; null when there is nothing that way. */
export function targetByKey(code: string, load: Load, target: Target | null, ground: Ground): Target | null {
  const across = code === "ArrowRight" ? 1 : code === "ArrowLeft" ? -1 : 0;
  const down = code === "ArrowDown" ? 1 : code === "ArrowUp" ? -1 : 0;
  if (across === 0 && down === 0) return null;
  if (load.kind === "tools") {
    const at = lanes.findIndex(({ lane }) => target && "lane" in target && lane === target.lane);
    const next = across === 0 ? undefined : lanes[at + across];
    return next ? { lane: next.lane } : null;
  }
  if (target && "rule" in target) return fromRule(target.rule, across, down, load.block, ground);
  const columns = columnsOf(ground);
  const column = columns.findIndex((cards) => cards.some(({ name }) => isOn(target, name)));
  const cards = columns[column];
  if (!cards) return firstTarget(load.block, null, ground);
  const row = cards.findIndex(({ name }) => isOn(target, name));
  if (down === -1 && row === 0) return { rule: ground.rules[0]?.pointer ?? "/all_tools" };
  const next = down === 0 ? atRow(columns[column + across], row) : cards[row + down];
  return next ? onTool(next, load.block) : null;
}

function fromRule(rule: string, across: number, down: number, block: BlockKind, ground: Ground): Target | null {
  if (down === 1) return firstTarget(block, null, ground);
  const at = ground.rules.findIndex(({ pointer }) => pointer === rule);
  const next = across === 0 ? undefined : ground.rules[at + across];
  return next ? { rule: next.pointer } : null;
}

/** Where a block that was picked up with a key begins: at the card that was last used, else the first. */
export function firstTarget(block: BlockKind, active: string | null, ground: Ground): Target | null {
  const cards = columnsOf(ground).flat();
  const first = cards.find(({ name }) => name === active) ?? cards[0];
  return first ? onTool(first, block) : null;
}

function isOn(target: Target | null, name: string): boolean {
  return target !== null && "tool" in target && target.tool === name;
}

function atRow(cards: readonly EditorTool[] | undefined, row: number): EditorTool | undefined {
  return cards?.[Math.min(row, cards.length - 1)];
}

/** The cards of every lane that has any. */
export function columnsOf({ rows }: Pick<Ground, "rows">): EditorTool[][] {
  return lanes
    .map(({ lane }) => rows[lane].flatMap((row) => (row.kind === "tool" ? [row.tool] : [])))
    .filter((cards) => cards.length > 0);
}
