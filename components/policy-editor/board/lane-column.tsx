import { useDraggable } from "@dnd-kit/core";
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { GripVertical } from "lucide-react";
import { memo, useEffect, useRef } from "react";
import type { RiskCategory } from "../../../catalog/schema.ts";
import { severityOf } from "../../../catalog/schema.ts";
import type { Lane } from "../../../policy/edit.ts";
import { RiskBadge } from "../../risk-badge.tsx";
import { cn } from "../../ui/cn.ts";
import type { EditorTool } from "../editor-tool.ts";
import { useHands } from "./context.ts";
import { laneWords } from "./lanes.ts";
import type { Place } from "./places.ts";
import { type BoardStore, useBoardState } from "./store.ts";
import { ToolCard } from "./tool-card.tsx";

export type LaneRow =
  | { kind: "tool"; tool: EditorTool }
  | { kind: "group"; category: RiskCategory; names: readonly string[] };

/** Brings a card of a lane into sight. */
export type Reveal = (name: string) => void;

/** A lane with its cards. Only the cards in sight, and those that must not be lost, are in the page. */
export const LaneColumn = memo(function LaneColumn({
  lane,
  rows,
  total,
  places,
  disabled,
  isFiltered,
  reveals,
  className,
}: {
  lane: Lane;
  rows: readonly LaneRow[];
  /** Of tools that are shown. */
  total: number;
  places: ReadonlyMap<string, Place>;
  disabled: boolean;
  isFiltered: boolean;
  reveals: Map<Lane, Reveal>;
  className: string;
}) {
  const { store } = useHands();
  const { label, hint, empty, Icon, tile } = laneWords(lane);
  const isTarget = useIsTarget(store, lane);
  return (
    <section
      aria-label={`${label}, ${total} ${total === 1 ? "tool" : "tools"}`}
      data-lane={lane}
      className={cn(
        "flex min-h-0 min-w-0 shrink-0 snap-start flex-col overflow-hidden rounded-xl border border-transparent bg-raised/55 transition-colors",
        isTarget && "border-accent bg-accent-soft",
        className,
      )}
    >
      <header className="flex items-center gap-2 px-2.5 pt-2.5 pb-1">
        <span aria-hidden="true" className={cn("grid size-6 shrink-0 place-items-center rounded-md", tile)}>
          <Icon className="size-3.5" />
        </span>
        <div className="min-w-0 flex-1">
          <h3 className="flex items-baseline gap-1.5 font-semibold text-ink text-sm leading-4.5">
            <span className="truncate">{label}</span>
            <span className="font-normal text-ink-muted text-xs tabular-nums">{total}</span>
          </h3>
          <p className="truncate text-2xs text-ink-muted" title={hint}>
            {hint}
          </p>
        </div>
      </header>
      <LaneList
        lane={lane}
        label={label}
        rows={rows}
        places={places}
        disabled={disabled}
        reveals={reveals}
        empty={isFiltered ? "No tool here fits" : empty}
      />
    </section>
  );
});

function useIsTarget(store: BoardStore, lane: Lane): boolean {
  return useBoardState(store, ({ target }) => target !== null && "lane" in target && target.lane === lane);
}

const gap = 6;

function LaneList({
  lane,
  label,
  rows,
  places,
  disabled,
  reveals,
  empty,
}: {
  lane: Lane;
  label: string;
  rows: readonly LaneRow[];
  places: ReadonlyMap<string, Place>;
  disabled: boolean;
  reveals: Map<Lane, Reveal>;
  empty: string;
}) {
  const { store } = useHands();
  const scroller = useRef<HTMLDivElement>(null);
  // The card with the focus and the one that is dragged stay in the page wherever the list is scrolled to: a finger's events
  // come from the card that it began on.
  const kept = useBoardState(store, ({ active, load }) => {
    const held = load?.kind === "tools" ? load.held : null;
    const wanted = rows.flatMap((row, index) =>
      row.kind === "tool" && (row.tool.name === active || row.tool.name === held) ? [index] : [],
    );
    return wanted.join(" ");
  });
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index]?.kind === "group" ? 28 : 98),
    getItemKey: (index) => keyOf(rows[index], index),
    gap,
    overscan: 3,
    paddingEnd: 10,
    rangeExtractor: (range) => {
      const pinned = kept.split(" ").filter(Boolean).map(Number);
      return [...new Set([...defaultRangeExtractor(range), ...pinned])].sort((a, b) => a - b);
    },
  });

  useEffect(() => {
    reveals.set(lane, (name) => {
      const index = rows.findIndex((row) => row.kind === "tool" && row.tool.name === name);
      if (index >= 0) virtualizer.scrollToIndex(index, { align: "auto" });
    });
    return () => void reveals.delete(lane);
  }, [reveals, lane, rows, virtualizer]);

  if (rows.length === 0) {
    return (
      <div className="grid min-h-0 flex-1 px-2 pb-2">
        <p className="grid place-items-center rounded-lg border border-line-strong/60 border-dashed px-3 py-6 text-center text-ink-faint text-xs">
          {empty}
        </p>
      </div>
    );
  }
  return (
    <div ref={scroller} data-lane-scroll className="min-h-0 flex-1 overflow-y-auto overscroll-y-contain px-2 pt-1.5">
      <ul aria-label={label} className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const row = rows[index];
          if (!row) return null;
          const place = row.kind === "tool" ? places.get(row.tool.name) : undefined;
          return (
            <li
              key={key}
              data-index={index}
              ref={virtualizer.measureElement}
              aria-setsize={rows.length}
              aria-posinset={index + 1}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${start}px)` }}
            >
              {row.kind === "group" && <GroupHandle lane={lane} {...row} disabled={disabled} />}
              {row.kind === "tool" && place && <ToolCard tool={row.tool} place={place} disabled={disabled} />}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function keyOf(row: LaneRow | undefined, index: number): string | number {
  if (!row) return index;
  return row.kind === "tool" ? `tool ${row.tool.name}` : `group ${row.category}`;
}

/** The head of a category within a lane; dragging it brings all of them. */
function GroupHandle({
  lane,
  category,
  names,
  disabled,
}: {
  lane: Lane;
  category: RiskCategory;
  names: readonly string[];
  disabled: boolean;
}) {
  const { listeners, setNodeRef } = useDraggable({
    id: `group:${lane}:${category}`,
    data: { kind: "group", names },
    disabled,
  });
  return (
    <button
      type="button"
      ref={setNodeRef}
      disabled={disabled}
      data-group={`${lane} ${category}`}
      aria-roledescription="draggable group"
      aria-describedby="board-keys"
      aria-label={`All ${names.length} ${category} tools in ${laneWords(lane).label}`}
      className="flex h-7 w-full cursor-grab items-center gap-1.5 rounded-md px-1 text-ink-muted text-xs hover:bg-raised hover:text-ink focus-visible:outline-offset-[-2px] disabled:cursor-default"
      {...listeners}
    >
      <GripVertical aria-hidden="true" className="size-3.5 shrink-0" />
      <RiskBadge category={category} severity={severityOf[category]} />
      <span className="tabular-nums">{names.length}</span>
    </button>
  );
}
