"use client";
import { DndContext } from "@dnd-kit/core";
import { SearchX, Wrench } from "lucide-react";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Edit } from "../../policy/edit.ts";
import type { Problem } from "../../policy/problems.ts";
import type { PolicyDocument } from "../../policy/schema.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Announcements } from "./board/announcements.tsx";
import { BlockPopover } from "./board/block-popover.tsx";
import { BoardActs, type LatestBoard } from "./board/board-acts.ts";
import { useBoardKeys } from "./board/board-keys.ts";
import { BoardToolbar } from "./board/board-toolbar.tsx";
import { BoardContext, type BoardHands } from "./board/context.ts";
import { DragGhost } from "./board/drag-ghost.tsx";
import { type BoardFilter, noFilter } from "./board/filter.ts";
import { LaneBar } from "./board/lane-bar.tsx";
import { LaneColumn } from "./board/lane-column.tsx";
import { lanes } from "./board/lanes.ts";
import { OwnerMenu } from "./board/owner-menu.tsx";
import { Palette } from "./board/palette.tsx";
import { RuleStrip } from "./board/rule-strip.tsx";
import { ownerAt } from "./board/rules.ts";
import { select } from "./board/selecting.ts";
import { SelectionBar } from "./board/selection-bar.tsx";
import { keysHelp } from "./board/speech.ts";
import { BoardStore } from "./board/store.ts";
import { useGoTo, useReachableCard, useShownSelection } from "./board/upkeep.ts";
import { useAhead } from "./board/use-ahead.ts";
import { useBoardDrag } from "./board/use-board-drag.ts";
import { useBoardModel } from "./board/use-board-model.ts";
import { useShownLanes } from "./board/use-shown-lanes.ts";
import type { EditorTool } from "./editor-tool.ts";

const emptyDocument: PolicyDocument = { version: "1", default: "deny" };

/** Every tool as a card in the lane that says what happens to its calls; everything is done by mouse, finger or keys. */
export function Board({
  tools,
  document,
  problems,
  disabled,
  onEdits,
  focus,
  onTry,
}: {
  tools: readonly EditorTool[];
  /** The last document that could be read. */
  document: PolicyDocument | null;
  problems: readonly Problem[];
  disabled: boolean;
  /** Several edits at once are one step to undo. */
  onEdits: (edits: Edit[]) => void;
  /** A place of the document to go to. */
  focus: { pointer: string; nonce: number } | null;
  /** Opens the simulator with a tool. */
  onTry: (tool: string) => void;
}) {
  const [store] = useState(() => new BoardStore());
  const [filter, setFilter] = useState<BoardFilter>(noFilter);
  const { shown: held, edit } = useAhead(document ?? emptyDocument, onEdits);
  const model = useBoardModel(tools, held, problems, filter);
  const { places, rows, rules, marks, byName, shown } = model;
  const root = useRef<HTMLDivElement>(null);
  const columns = useRef<HTMLDivElement>(null);
  const latest = useRef<LatestBoard>({ ...model, document: held, tools, disabled, onEdits: edit, onTry });
  const [acts] = useState(() => new BoardActs(store, root, latest));
  const { shownLanes, goToLane } = useShownLanes(columns, rows);
  useLayoutEffect(() => {
    latest.current = { ...model, document: held, tools, disabled, onEdits: edit, onTry };
    acts.goToLane = goToLane;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever another document is on the board
  useEffect(() => acts.changed(), [acts, held]);
  const dragging = useBoardDrag(store, latest, acts);
  const hands = useMemo<BoardHands>(
    () => ({
      store,
      openMenu: (owner, anchor) => store.set({ menu: { owner, anchor: anchor.getBoundingClientRect() } }),
      openBlock: (place) => store.set({ open: place }),
      select: (name, upTo) => select(store, latest.current.rows, name, upTo),
    }),
    [store],
  );
  const keys = useBoardKeys(hands, latest, acts.focusCard);

  // What was asked for stands at the top.
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever something else is asked for
  useLayoutEffect(() => {
    for (const list of root.current?.querySelectorAll("[data-lane-scroll]") ?? []) list.scrollTop = 0;
  }, [filter]);
  useReachableCard(store, rows);
  useShownSelection(store, shown);
  useGoTo(focus, (pointer) => {
    const found = ownerAt(held, tools, pointer);
    if (!found) return;
    const { owner, at } = found;
    if ("tool" in owner && !shown.some(({ name }) => name === owner.tool)) setFilter(noFilter);
    requestAnimationFrame(() => {
      if (at !== null) acts.openBlock({ owner, at });
      else if ("tool" in owner) acts.focusCard(owner.tool);
      else acts.find(`[data-card-menu="${CSS.escape(owner.rule)}"]`)?.focus();
    });
  });

  const isFiltered = shown.length < tools.length;

  if (tools.length === 0) {
    return (
      <EmptyState icon={<Wrench />} title="This server lists no tools">
        As soon as it has some, each of them is a card here.
      </EmptyState>
    );
  }
  return (
    <BoardContext value={hands}>
      <DndContext
        id="board"
        sensors={dragging.sensors}
        autoScroll={false}
        collisionDetection={noCollisions}
        accessibility={silent}
        onDragStart={dragging.onDragStart}
        onDragEnd={dragging.onDragEnd}
        onDragCancel={dragging.onDragCancel}
      >
        {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys and clicks of all cards, which are buttons themselves */}
        <div
          ref={root}
          data-board
          className="@container/board relative flex h-full min-h-0 min-w-0 flex-col"
          onKeyDown={keys.onKeyDown}
          onClick={keys.onClick}
          onFocus={keys.onFocus}
        >
          <div className="flex min-w-0 shrink-0 flex-col gap-1.5 border-b py-2.5">
            <BoardToolbar
              filter={filter}
              onFilter={setFilter}
              counts={model.counts}
              shown={shown.length}
              disabled={disabled}
              onSelect={(category) => {
                const names = shown.filter((tool) => category === null || tool.category === category);
                const marked = new Set([
                  ...(category === null ? [] : store.state.selection),
                  ...names.map(({ name }) => name),
                ]);
                store.set({ selection: marked });
                store.say(`${marked.size} selected.`);
              }}
            />
            {!disabled && <Palette disabled={disabled} />}
            <RuleStrip document={held} rules={rules} disabled={disabled} onEdits={edit} />
          </div>
          <LaneBar counts={model.totals} shown={shownLanes} onGo={goToLane} />
          {shown.length === 0 ? (
            <EmptyState
              icon={<SearchX />}
              title="No tool fits"
              className="py-10"
              actions={<Button onClick={() => setFilter(noFilter)}>Show all tools</Button>}
            />
          ) : (
            <div
              ref={columns}
              data-columns
              className="flex min-h-0 flex-1 snap-x snap-mandatory gap-2 overflow-x-auto overscroll-x-contain scroll-px-3 px-3 pt-2.5 pb-3 [scrollbar-width:none]"
            >
              {lanes.map(({ lane }) => (
                <LaneColumn
                  key={lane}
                  lane={lane}
                  rows={rows[lane]}
                  total={model.totals[lane]}
                  places={places}
                  disabled={disabled}
                  isFiltered={isFiltered}
                  reveals={acts.reveals}
                  className={columnWidth}
                />
              ))}
            </div>
          )}
          {!disabled && (
            <SelectionBar
              onMove={(lane) => acts.move([...store.state.selection], lane, store.state.active)}
              onBlock={(kind) => acts.addBlock([...store.state.selection], kind)}
              onClear={() => {
                store.set({ selection: new Set() });
                if (store.state.active) acts.focusCard(store.state.active);
              }}
            />
          )}
          <p id="board-keys" hidden>
            {keysHelp}
          </p>
          <Announcements store={store} />
        </div>
        <DragGhost tools={byName} />
      </DndContext>
      <OwnerMenu latest={latest} acts={acts} />
      <BlockPopover
        document={held}
        tools={tools}
        marks={marks}
        disabled={disabled}
        onEdits={edit}
        onClose={acts.closeBlock}
      />
    </BoardContext>
  );
}

/** As many whole lanes as have room. */
const columnWidth =
  "w-full @min-[24rem]/board:w-[calc((100%-0.5rem)/2)] @min-[34rem]/board:w-[calc((100%-1rem)/3)] @min-[46rem]/board:w-[calc((100%-1.5rem)/4)] @min-[57rem]/board:w-[calc((100%-2rem)/5)]";

const noCollisions = () => [];
const nothing = () => undefined;
/** The board speaks itself. */
const silent = {
  announcements: { onDragStart: nothing, onDragOver: nothing, onDragEnd: nothing, onDragCancel: nothing },
  screenReaderInstructions: { draggable: "" },
};
