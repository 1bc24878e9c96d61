import { ChevronDown, X } from "lucide-react";
import type { BlockKind } from "../../../policy/blocks.ts";
import type { Lane } from "../../../policy/edit.ts";
import { Button } from "../../ui/button.tsx";
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuTrigger } from "../../ui/dropdown-menu.tsx";
import { blockKinds } from "./block-kinds.ts";
import { useHands } from "./context.ts";
import { lanes } from "./lanes.ts";
import { useBoardState } from "./store.ts";

/** What can be done with all marked cards. */
export function SelectionBar({
  onMove,
  onBlock,
  onClear,
}: {
  onMove: (lane: Lane) => void;
  onBlock: (kind: BlockKind) => void;
  onClear: () => void;
}) {
  const { store } = useHands();
  const count = useBoardState(store, ({ selection }) => selection.size);
  if (count === 0) return null;
  return (
    <fieldset
      aria-label="Selected tools"
      className="-translate-x-1/2 absolute bottom-3 left-1/2 z-20 flex max-w-[calc(100%-1rem)] animate-enter items-center gap-1 rounded-xl border bg-surface py-1.5 pr-1.5 pl-3 shadow-pop"
    >
      <span className="mr-1 whitespace-nowrap font-medium text-ink text-sm tabular-nums">{count} selected</span>
      <div className="@min-[46rem]/board:flex hidden items-center gap-1">
        {lanes.map(({ lane, label, Icon, text }) => (
          <Button key={lane} size="sm" variant="ghost" onClick={() => onMove(lane)} className="px-2 text-ink">
            <Icon aria-hidden="true" className={text} />
            {label}
          </Button>
        ))}
      </div>
      <div className="@min-[46rem]/board:hidden">
        <DropdownMenu>
          <DropdownMenuTrigger asChild>
            <Button size="sm">
              Move to <ChevronDown aria-hidden="true" />
            </Button>
          </DropdownMenuTrigger>
          <DropdownMenuContent align="center">
            {lanes.map(({ lane, label, Icon }) => (
              <DropdownMenuItem key={lane} onSelect={() => onMove(lane)}>
                <Icon aria-hidden="true" />
                {label}
              </DropdownMenuItem>
            ))}
          </DropdownMenuContent>
        </DropdownMenu>
      </div>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button size="sm">
            Add block <ChevronDown aria-hidden="true" />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="center">
          {blockKinds.map(({ kind, label, Icon }) => (
            <DropdownMenuItem key={kind} onSelect={() => onBlock(kind)}>
              <Icon aria-hidden="true" />
              {label}
            </DropdownMenuItem>
          ))}
        </DropdownMenuContent>
      </DropdownMenu>
      <Button size="iconSm" variant="ghost" aria-label="Clear the selection" title="Clear (Escape)" onClick={onClear}>
        <X aria-hidden="true" />
      </Button>
    </fieldset>
  );
}
