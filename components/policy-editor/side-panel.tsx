"use client";
import { type KeyboardEvent, type PointerEvent, useRef } from "react";

export const panelWidth = { least: 26, most: 70, first: 36, step: 2 };

/** The line between the board and the panel: dragged, or moved with the arrow keys. `value` is the panel's share in percent. */
export function PanelResizer({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  const bar = useRef<HTMLDivElement>(null);
  const within = (wanted: number) =>
    onChange(Math.min(panelWidth.most, Math.max(panelWidth.least, Math.round(wanted))));

  function onPointerMove(event: PointerEvent<HTMLDivElement>) {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const around = bar.current?.parentElement?.getBoundingClientRect();
    if (around && around.width > 0) within(((around.right - event.clientX) / around.width) * 100);
  }

  function onKeyDown(event: KeyboardEvent) {
    const moves: Record<string, number> = {
      ArrowLeft: value + panelWidth.step,
      ArrowRight: value - panelWidth.step,
      Home: panelWidth.most,
      End: panelWidth.least,
    };
    const wanted = moves[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    within(wanted);
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved; this is ARIA's window splitter
    <div
      ref={bar}
      role="separator"
      tabIndex={0}
      aria-label="Width of the side panel"
      aria-orientation="vertical"
      aria-valuemin={panelWidth.least}
      aria-valuemax={panelWidth.most}
      aria-valuenow={value}
      aria-valuetext={`${value} percent`}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={onPointerMove}
      onDoubleClick={() => onChange(panelWidth.first)}
      className="relative z-10 w-px shrink-0 cursor-col-resize touch-none bg-line before:absolute before:inset-y-0 before:-left-1.5 before:w-3 hover:bg-accent focus-visible:bg-accent focus-visible:outline-2"
    />
  );
}
