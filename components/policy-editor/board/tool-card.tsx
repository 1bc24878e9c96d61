import { useDraggable } from "@dnd-kit/core";
import { Check, Ellipsis, TriangleAlert } from "lucide-react";
import { memo } from "react";
import { RiskBadge } from "../../risk-badge.tsx";
import { Badge } from "../../ui/badge.tsx";
import { cn } from "../../ui/cn.ts";
import type { EditorTool } from "../editor-tool.ts";
import { BlockChip } from "./chip.tsx";
import { useHands } from "./context.ts";
import { laneWords } from "./lanes.ts";
import type { Place } from "./places.ts";
import { cardFlags, flagsOf, useBoardState } from "./store.ts";

/** A tool in its lane: dragged as a whole, with keys by its name. */
export const ToolCard = memo(function ToolCard({
  tool,
  place,
  disabled,
}: {
  tool: EditorTool;
  place: Place;
  disabled: boolean;
}) {
  const { store } = useHands();
  const flags = useBoardState(store, (state) => flagsOf(state, tool.name));
  const { listeners, setNodeRef } = useDraggable({
    id: `tool:${tool.name}`,
    data: { kind: "tool", name: tool.name },
    disabled,
  });
  const { onKeyDown, ...pointer } = listeners ?? {};
  return (
    <article
      ref={setNodeRef}
      data-tool-card={tool.name}
      aria-label={tool.name}
      className={cn(
        "group/card relative grid select-none gap-1.5 rounded-lg border border-line bg-surface px-2.5 pt-2 pb-2.5 shadow-[0_1px_2px_rgb(0_0_0/0.04)] [-webkit-touch-callout:none]",
        !disabled && "cursor-grab hover:border-line-strong",
        place.source && "border-dashed shadow-none",
        flags & cardFlags.selected && "border-accent border-solid bg-accent-soft",
        flags & cardFlags.held && "opacity-45",
        flags & cardFlags.target && "border-accent border-solid ring-2 ring-accent",
        flags & cardFlags.refused && "border-danger border-solid ring-2 ring-danger-line",
      )}
      {...pointer}
    >
      <CardFace
        tool={tool}
        place={place}
        disabled={disabled}
        isSelected={(flags & cardFlags.selected) !== 0}
        isActive={(flags & cardFlags.active) !== 0}
        isMenuOpen={(flags & cardFlags.menu) !== 0}
        onKeyDown={onKeyDown as CardFaceProps["onKeyDown"]}
      />
    </article>
  );
});

type CardFaceProps = {
  tool: EditorTool;
  place: Place;
  disabled: boolean;
  isSelected: boolean;
  isActive: boolean;
  isMenuOpen: boolean;
  onKeyDown: ((event: React.KeyboardEvent) => void) | undefined;
};

/** Apart, because everything that listens to dragging is called again whenever a drag begins or ends. */
const CardFace = memo(function CardFace({
  tool,
  place,
  disabled,
  isSelected,
  isActive,
  isMenuOpen,
  onKeyDown,
}: CardFaceProps) {
  const { openMenu, select } = useHands();
  const { label } = laneWords(place.lane);
  const tabIndex = isActive ? 0 : -1;
  return (
    <>
      <div className="flex min-w-0 items-center gap-1.5">
        <button
          type="button"
          data-card-name={tool.name}
          tabIndex={tabIndex}
          aria-roledescription={disabled ? undefined : "draggable tool"}
          aria-describedby={disabled ? undefined : "board-keys"}
          aria-label={`${tool.name}, ${tool.category}, ${tool.severity} risk, ${label}${place.source ? ` ${place.source}` : ""}${isSelected ? ", selected" : ""}`}
          onKeyDown={onKeyDown}
          title={tool.name}
          // The whole card is the button: its other buttons lie on top.
          className="line-clamp-2 min-w-0 flex-1 cursor-[inherit] text-left [overflow-wrap:anywhere] font-medium font-mono text-[0.8125rem] text-ink leading-5 outline-none after:absolute after:inset-0 after:rounded-lg focus-visible:after:outline-2 focus-visible:after:outline-accent focus-visible:after:outline-offset-2"
        >
          {tool.name}
        </button>
        {place.mark && (
          <span title={place.trouble} className="relative z-10 shrink-0 text-warn">
            <TriangleAlert aria-hidden="true" className={cn("size-3.5", place.mark === "error" && "text-danger")} />
            <span className="sr-only">
              {place.mark}: {place.trouble}
            </span>
          </span>
        )}
        <button
          type="button"
          tabIndex={tabIndex}
          aria-label={`Menu of ${tool.name}`}
          aria-haspopup="menu"
          aria-expanded={isMenuOpen}
          data-card-menu={tool.name}
          onClick={(event) => openMenu({ tool: tool.name }, event.currentTarget)}
          className="-mr-1.5 relative z-10 grid size-6 shrink-0 place-items-center rounded-md text-ink-muted hover:bg-raised hover:text-ink"
        >
          <Ellipsis aria-hidden="true" className="size-4" />
        </button>
      </div>
      {!disabled && (
        // With keys it is `x` on the card, and in its menu.
        <span
          aria-hidden="true"
          data-select
          title="Select"
          onClick={(event) => select(tool.name, event.shiftKey)}
          className={cn(
            "-top-1.5 -left-1.5 absolute z-10 grid size-4.5 cursor-pointer place-items-center rounded-full border border-control-line bg-surface opacity-0 transition-opacity before:absolute before:-inset-1.5 group-hover/card:opacity-100 pointer-coarse:hidden",
            isSelected && "border-accent bg-accent text-accent-ink opacity-100 pointer-coarse:grid",
          )}
        >
          {isSelected && <Check className="size-3" />}
        </span>
      )}
      <p className="line-clamp-2 text-ink-muted text-xs" title={tool.description ?? undefined}>
        {tool.description ?? "No description"}
      </p>
      <div className="flex min-w-0 flex-wrap items-center gap-x-1.5 gap-y-1">
        <RiskBadge category={tool.category} severity={tool.severity} />
        {tool.state !== "accepted" && <Badge tone="warn">{tool.state}</Badge>}
        {place.source && <span className="min-w-0 truncate text-ink-faint text-xs">{place.source}</span>}
      </div>
      {place.chips.length > 0 && (
        <div className="flex min-w-0 flex-wrap gap-1">
          {place.chips.map((chip) => (
            <BlockChip
              key={chip.at}
              chip={chip}
              owner={{ tool: tool.name }}
              label={tool.name}
              inherited={place.source !== ""}
              tabIndex={tabIndex}
            />
          ))}
        </div>
      )}
    </>
  );
});
