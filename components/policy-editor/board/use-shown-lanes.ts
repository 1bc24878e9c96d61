import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import type { Lane } from "../../../policy/edit.ts";
import type { LaneRow } from "./lane-column.tsx";
import { lanes } from "./lanes.ts";

/** Which lanes are in sight where not all have room, and going to another. It begins at the fullest. */
export function useShownLanes(columns: RefObject<HTMLElement | null>, rows: Record<Lane, readonly LaneRow[]>) {
  const [shown, setShown] = useState<ReadonlySet<Lane>>(() => new Set());
  const hasBegun = useRef(false);

  const goToLane = useCallback(
    (lane: Lane) => {
      const box = columns.current;
      const column = box?.querySelector<HTMLElement>(`[data-lane=${lane}]`);
      if (!box || !column) return;
      const view = box.getBoundingClientRect();
      const at = column.getBoundingClientRect();
      const inset = 12;
      // Only as far as it has to: what stands beside it stays in sight.
      if (at.left < view.left) box.scrollBy({ left: at.left - view.left - inset, behavior: "instant" });
      else if (at.right > view.right) box.scrollBy({ left: at.right - view.right + inset, behavior: "instant" });
    },
    [columns],
  );

  const isEmpty = lanes.every(({ lane }) => rows[lane].length === 0);
  const fullest = lanes.reduce(
    (best, { lane }) => (rows[lane].length > rows[best].length ? lane : best),
    lanes[0]?.lane ?? "allow",
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: the columns are another element after an empty search
  useEffect(() => {
    const box = columns.current;
    if (!box) return;
    const look = () => {
      if (!hasBegun.current && box.clientWidth > 0) {
        hasBegun.current = true;
        goToLane(fullest);
      }
      const view = box.getBoundingClientRect();
      const seen = lanes.flatMap(({ lane }) => {
        const at = box.querySelector(`[data-lane=${lane}]`)?.getBoundingClientRect();
        return at && at.left > view.left - at.width / 2 && at.right < view.right + at.width / 2 ? [lane] : [];
      });
      setShown((before) =>
        seen.length === before.size && seen.every((lane) => before.has(lane)) ? before : new Set(seen),
      );
    };
    const resizing = new ResizeObserver(look);
    resizing.observe(box);
    box.addEventListener("scroll", look, { passive: true });
    return () => {
      resizing.disconnect();
      box.removeEventListener("scroll", look);
    };
  }, [columns, goToLane, isEmpty]);

  return { shownLanes: shown, goToLane };
}
