import { type DragStartEvent, MouseSensor, TouchSensor, useSensor, useSensors } from "@dnd-kit/core";
import { type RefObject, useEffect, useMemo } from "react";
import { blockKinds } from "./block-kinds.ts";
import { firstTarget, type Ground, targetAt, targetByKey } from "./drag-target.ts";
import { scrollAtEdges } from "./edge-scroll.ts";
import { KeySensor } from "./key-sensor.ts";
import type { Place } from "./places.ts";
import { cancelled, over, pickedUp } from "./speech.ts";
import type { BoardStore, Load, Target } from "./store.ts";

export type DragGround = Ground & { places: ReadonlyMap<string, Place> };

type DragActs = {
  labelOf: (target: Target) => string;
  drop: (load: Load, target: Target, by: "pointer" | "keyboard") => void;
  /** Brings a target into sight. */
  show: (target: Target) => void;
};

/** Dragging by mouse, finger and keys. dnd-kit says when it begins and ends; what lies below is found here. */
export function useBoardDrag(
  store: BoardStore,
  /** As it is now, read when something happens. */
  ground: RefObject<DragGround>,
  acts: DragActs,
) {
  const drag = useMemo(() => new Drag(store, ground, acts), [store, ground, acts]);
  useEffect(() => () => drag.end(), [drag]);

  const sensors = useSensors(
    useSensor(MouseSensor, { activationConstraint: { distance: 5 } }),
    // A finger that moves at once scrolls.
    useSensor(TouchSensor, { activationConstraint: { delay: 220, tolerance: 8 } }),
    useSensor(KeySensor, { onArrow: drag.onArrow, onDrop: drag.onEnd, onCancel: drag.onCancel }),
  );
  return { sensors, onDragStart: drag.onStart, onDragEnd: drag.onEnd, onDragCancel: drag.onCancel };
}

class Drag {
  readonly #store: BoardStore;
  readonly #ground: RefObject<DragGround>;
  readonly #acts: DragActs;
  #pointer: { x: number; y: number } | null = null;
  #stop: (() => void) | null = null;

  constructor(store: BoardStore, ground: RefObject<DragGround>, acts: DragActs) {
    this.#store = store;
    this.#ground = ground;
    this.#acts = acts;
  }

  readonly onStart = ({ active, activatorEvent }: DragStartEvent): void => {
    const load = this.#loadOf(active.data.current);
    if (!load) return;
    const by = activatorEvent instanceof KeyboardEvent ? "keyboard" : "pointer";
    const target = by === "pointer" ? null : this.#firstOf(load);
    this.#store.set({ load, by, target, menu: null, open: null });
    if (by === "pointer") {
      this.#follow(activatorEvent);
      return;
    }
    this.#store.say([pickedUp(load), ...(load.kind === "block" && target ? [this.#over(target)] : [])].join(" "));
    if (target) this.#acts.show(target);
  };

  readonly onEnd = (): void => {
    const { load, by, target } = this.#store.state;
    // Where the pointer is now: the last move may not have been looked at yet.
    const found = by === "pointer" && load && this.#pointer ? this.#targetAt(this.#pointer, load) : target;
    this.end();
    if (!load || !by) return;
    const isRefused = found !== null && "tool" in found && found.refusal !== null;
    if (found && !isRefused) this.#acts.drop(load, found, by);
    else this.#store.say(isRefused ? `Not dropped: ${found.refusal}.` : cancelled(load));
  };

  readonly onCancel = (): void => {
    const { load } = this.#store.state;
    this.end();
    if (load) this.#store.say(cancelled(load));
  };

  readonly onArrow = (code: string): void => {
    const { load, target } = this.#store.state;
    if (!load) return;
    const next = targetByKey(code, load, target, this.#ground.current);
    if (!next) return;
    this.#store.set({ target: next });
    this.#store.say(this.#over(next));
    this.#acts.show(next);
  };

  end(): void {
    this.#stop?.();
    this.#stop = null;
    this.#pointer = null;
    if (this.#store.state.load) this.#store.set({ load: null, by: null, target: null });
  }

  #over(target: Target): string {
    return over(target, this.#acts.labelOf);
  }

  #firstOf(load: Load): Target | null {
    if (load.kind === "tools") return { lane: load.from };
    return firstTarget(load.block, this.#store.state.active, this.#ground.current);
  }

  #targetAt(point: { x: number; y: number }, load: Load): Target | null {
    return targetAt(point, load, this.#ground.current);
  }

  #follow(first: Event): void {
    const look = () => {
      const { load, target } = this.#store.state;
      if (!load || !this.#pointer) return;
      const next = this.#targetAt(this.#pointer, load);
      if (!isSame(target, next)) this.#store.set({ target: next });
    };
    const move = (event: Event) => {
      this.#pointer = pointOf(event) ?? this.#pointer;
      look();
    };
    const kinds = ["mousemove", "mouseup", "touchmove"] as const;
    for (const kind of kinds) window.addEventListener(kind, move, { capture: true, passive: true });
    const stopScrolling = scrollAtEdges(() => this.#pointer, look);
    this.#stop = () => {
      for (const kind of kinds) window.removeEventListener(kind, move, { capture: true });
      stopScrolling();
    };
    move(first);
  }

  #loadOf(data: Record<string, unknown> | undefined): Load | null {
    const { selection } = this.#store.state;
    const { places } = this.#ground.current;
    const name = typeof data?.name === "string" ? data.name : null;
    if (data?.kind === "tool" && name !== null) {
      const names = selection.has(name) ? [...selection] : [name];
      return { kind: "tools", names, held: name, from: places.get(name)?.lane ?? "deny" };
    }
    if (data?.kind === "group" && Array.isArray(data.names)) {
      const names = data.names.filter((each) => typeof each === "string");
      const [held = ""] = names;
      return { kind: "tools", names, held, from: places.get(held)?.lane ?? "deny" };
    }
    const block = blockKinds.find(({ kind }) => kind === data?.block);
    return block ? { kind: "block", block: block.kind } : null;
  }
}

function isSame(one: Target | null, other: Target | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function pointOf(event: Event): { x: number; y: number } | null {
  if (event instanceof MouseEvent) return { x: event.clientX, y: event.clientY };
  const touch = "touches" in event ? (event as TouchEvent).touches[0] : undefined;
  return touch ? { x: touch.clientX, y: touch.clientY } : null;
}
