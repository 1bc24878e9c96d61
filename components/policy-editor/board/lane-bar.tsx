import type { Lane } from "../../../policy/edit.ts";
import { cn } from "../../ui/cn.ts";
import { useHands } from "./context.ts";
import { lanes } from "./lanes.ts";
import { useBoardState } from "./store.ts";

/** All lanes in little room, where not all columns fit: to go to one, and to drop on. */
export function LaneBar({
  counts,
  shown,
  onGo,
}: {
  counts: Record<Lane, number>;
  /** The lanes whose columns are in sight. */
  shown: ReadonlySet<Lane>;
  onGo: (lane: Lane) => void;
}) {
  const { store } = useHands();
  const over = useBoardState(store, ({ target }) => (target && "lane" in target ? target.lane : ""));
  return (
    <fieldset aria-label="Lanes" className="grid grid-cols-5 gap-1 px-3 pt-2.5 @min-[57rem]/board:hidden">
      {lanes.map(({ lane, short, Icon, text }) => (
        <button
          key={lane}
          type="button"
          data-lane={lane}
          aria-current={shown.has(lane) || undefined}
          onClick={() => onGo(lane)}
          className={cn(
            "flex min-h-9 min-w-0 @max-[30rem]/board:flex-col items-center justify-center gap-x-1.5 rounded-lg border border-transparent px-1 @max-[30rem]/board:py-1.5 font-medium text-ink-muted text-xs hover:bg-raised hover:text-ink",
            shown.has(lane) && "bg-raised text-ink",
            over === lane && "border-accent bg-accent-soft text-ink",
          )}
        >
          <Icon aria-hidden="true" className={cn("size-3.5 shrink-0", text)} />
          <span className="truncate">{short}</span>{" "}
          <span className="font-normal text-ink-muted tabular-nums">{counts[lane]}</span>
        </button>
      ))}
    </fieldset>
  );
}
