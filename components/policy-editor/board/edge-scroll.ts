const edgePx = 44;
const speedPx = 14;

/**
 * Scrolls what lies under the pointer while something is dragged near its edge: the lane, and all lanes sideways.
 *
 * @returns a function that ends it.
 */
export function scrollAtEdges(pointer: () => { x: number; y: number } | null, onScroll: () => void): () => void {
  let frame = 0;
  const step = () => {
    frame = requestAnimationFrame(step);
    const at = pointer();
    if (!at) return;
    const under = document.elementFromPoint(at.x, at.y);
    const list = under?.closest("[data-lane]")?.querySelector("[data-lane-scroll]");
    const columns = under?.closest("[data-columns]");
    const down = list ? pull(list.getBoundingClientRect(), at.y, "top", "bottom") : 0;
    const right = columns ? pull(columns.getBoundingClientRect(), at.x, "left", "right") : 0;
    if (down === 0 && right === 0) return;
    list?.scrollBy({ top: down });
    columns?.scrollBy({ left: right, behavior: "instant" });
    onScroll();
  };
  frame = requestAnimationFrame(step);
  return () => cancelAnimationFrame(frame);
}

function pull(box: DOMRect, at: number, start: "top" | "left", end: "bottom" | "right"): number {
  const before = at - box[start];
  const behind = box[end] - at;
  if (before < edgePx) return -speedPx * (1 - Math.max(0, before) / edgePx);
  return behind < edgePx ? speedPx * (1 - Math.max(0, behind) / edgePx) : 0;
}
