import { useDraggable } from "@dnd-kit/core";
import type { BlockKind } from "../../../policy/blocks.ts";
import { cn } from "../../ui/cn.ts";
import { blockKinds } from "./block-kinds.ts";
import { useHands } from "./context.ts";
import { useBoardState } from "./store.ts";

/** The blocks to drop on cards and rules. */
export function Palette({ disabled }: { disabled: boolean }) {
  return (
    <fieldset
      aria-label="Blocks"
      className="flex min-w-0 items-center gap-1.5 overflow-x-auto px-3 py-0.5 [scrollbar-width:none]"
    >
      <span aria-hidden="true" className="@max-[46rem]/board:hidden mr-0.5 shrink-0 text-ink-muted text-xs">
        Blocks
      </span>
      {blockKinds.map(({ kind }) => (
        <PaletteBlock key={kind} kind={kind} disabled={disabled} />
      ))}
    </fieldset>
  );
}

function PaletteBlock({ kind, disabled }: { kind: BlockKind; disabled: boolean }) {
  const { store } = useHands();
  const { listeners, setNodeRef } = useDraggable({
    id: `block:${kind}`,
    data: { kind: "block", block: kind },
    disabled,
  });
  const isHeld = useBoardState(store, ({ load }) => load?.kind === "block" && load.block === kind);
  const words = blockKinds.find((each) => each.kind === kind);
  if (!words) return null;
  const { label, short, hint, Icon } = words;
  return (
    <button
      type="button"
      ref={setNodeRef}
      disabled={disabled}
      data-palette={kind}
      title={`${hint}. Drag it to a tool or a rule.`}
      aria-roledescription="draggable block"
      aria-describedby="board-keys"
      className={cn(
        "flex h-7 shrink-0 cursor-grab select-none items-center gap-1.5 rounded-md border border-line-strong bg-surface px-2 font-medium text-ink text-xs shadow-[0_1px_1px_rgb(0_0_0/0.03)] [-webkit-touch-callout:none] hover:bg-raised disabled:cursor-not-allowed disabled:opacity-55",
        isHeld && "border-accent bg-accent-soft",
      )}
      {...listeners}
    >
      <Icon aria-hidden="true" className="size-3.5 text-ink-muted" />
      <span className="@max-[57rem]/board:hidden">{label}</span>
      <span className="@min-[57rem]/board:hidden">{short}</span>
    </button>
  );
}
