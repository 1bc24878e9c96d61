import { DragOverlay } from "@dnd-kit/core";
import { memo } from "react";
import { RiskBadge } from "../../risk-badge.tsx";
import type { EditorTool } from "../editor-tool.ts";
import { kindWords } from "./block-kinds.ts";
import { useHands } from "./context.ts";
import { laneWords } from "./lanes.ts";
import { type Load, useBoardState } from "./store.ts";

/** What follows the pointer: the card, a stack of them, or the block. */
export function DragGhost({ tools }: { tools: ReadonlyMap<string, EditorTool> }) {
  const { store } = useHands();
  const load = useBoardState(store, (state) => (state.by === "pointer" ? state.load : null));
  return (
    // Nothing of it may lie between the pointer and what is below.
    <DragOverlay dropAnimation={null} style={{ pointerEvents: "none" }}>
      {load && <Ghost load={load} tools={tools} />}
    </DragOverlay>
  );
}

const Ghost = memo(function Ghost({ load, tools }: { load: Load; tools: ReadonlyMap<string, EditorTool> }) {
  const { store } = useHands();
  const over = useBoardState(store, ({ target }) => {
    if (target === null) return "";
    if ("lane" in target) return `To ${laneWords(target.lane).label}`;
    return "tool" in target ? (target.refusal ?? `On ${target.tool}`) : "On this rule";
  });
  return (
    <div className="relative w-fit min-w-44 max-w-full cursor-grabbing">
      {load.kind === "block" ? <BlockFace kind={load.block} /> : <CardsFace load={load} tools={tools} />}
      {over && (
        <span className="absolute top-full left-1 mt-1.5 animate-fade whitespace-nowrap rounded-md bg-ink px-2 py-0.5 font-medium text-2xs text-canvas shadow-pop">
          {over}
        </span>
      )}
    </div>
  );
});

function BlockFace({ kind }: { kind: Parameters<typeof kindWords>[0] }) {
  const { Icon, label } = kindWords(kind);
  return (
    <div className="flex h-8 w-fit items-center gap-1.5 rounded-md border border-accent bg-surface px-2.5 font-medium text-ink text-xs shadow-pop">
      <Icon aria-hidden="true" className="size-3.5 text-accent" />
      {label}
    </div>
  );
}

function CardsFace({ load, tools }: { load: Load & { kind: "tools" }; tools: ReadonlyMap<string, EditorTool> }) {
  const tool = tools.get(load.held) ?? tools.get(load.names[0] ?? "");
  const count = load.names.length;
  return (
    <>
      {count > 2 && <div className="absolute inset-0 translate-x-2 translate-y-2 rounded-lg border bg-surface" />}
      {count > 1 && <div className="absolute inset-0 translate-x-1 translate-y-1 rounded-lg border bg-surface" />}
      <div className="relative grid gap-1.5 rounded-lg border border-accent bg-surface px-2.5 py-2 shadow-pop">
        <div className="flex items-center gap-2">
          <span className="min-w-0 flex-1 truncate font-medium font-mono text-[0.8125rem] text-ink">{tool?.name}</span>
          {count > 1 && (
            <span className="rounded-full bg-accent px-1.5 font-medium text-2xs text-accent-ink tabular-nums">
              {count}
            </span>
          )}
        </div>
        {tool && (
          <div>
            <RiskBadge category={tool.category} severity={tool.severity} />
          </div>
        )}
      </div>
    </>
  );
}
