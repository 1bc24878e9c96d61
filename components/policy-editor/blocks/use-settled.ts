"use client";
import { type RefObject, useEffect, useRef, useState } from "react";

/** Typing that rests this long is one finished change, and one step to undo. */
const pauseMs = 800;

/**
 * The text of a field whose edits are one step each. What is typed is reported when typing pauses or ends; Escape brings
 * back what stood there when the field was entered. A text with a problem is kept in the field and reported to nobody.
 *
 * @param value What stands in the document.
 * @param problemOf Why a text cannot be taken, or null.
 */
export function useSettled(
  field: RefObject<HTMLInputElement | HTMLTextAreaElement | null>,
  value: string,
  problemOf: (text: string) => string | null,
  onSettle: (text: string) => void,
) {
  const [typed, setTyped] = useState<string | null>(null);
  const [known, setKnown] = useState(value);
  // Undo, or the JSON beside it: what was typed here is no longer the news.
  if (value !== known) {
    setKnown(value);
    if (typed !== value) setTyped(null);
  }
  const entered = useRef(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef({ typed, value, problemOf, onSettle });
  useEffect(() => {
    latest.current = { typed, value, problemOf, onSettle };
  });

  function settle(text: string | null = latest.current.typed) {
    clearTimeout(timer.current);
    const now = latest.current;
    if (text === null || text === now.value || now.problemOf(text) !== null) return;
    latest.current.value = text;
    now.onSettle(text);
  }

  // A popover that closes takes its fields away without a blur.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the field goes
  useEffect(() => () => settle(), []);

  const isDirty = typed !== null && (typed !== value || value !== entered.current);
  useEffect(() => {
    if (!isDirty) return;
    // Ahead of the popover around the field, which would close at the same key.
    function revert(event: KeyboardEvent) {
      if (event.key !== "Escape" || event.target !== field.current) return;
      event.preventDefault();
      event.stopPropagation();
      clearTimeout(timer.current);
      setTyped(null);
      latest.current.typed = null;
      if (latest.current.value !== entered.current) latest.current.onSettle(entered.current);
    }
    window.addEventListener("keydown", revert, true);
    return () => window.removeEventListener("keydown", revert, true);
  }, [isDirty, field]);

  return {
    text: typed ?? value,
    problem: typed === null ? null : problemOf(typed),
    onFocus() {
      entered.current = value;
    },
    onType(text: string) {
      setTyped(text);
      latest.current.typed = text;
      clearTimeout(timer.current);
      timer.current = setTimeout(settle, pauseMs);
    },
    onBlur() {
      settle();
      if (typed !== null && problemOf(typed) === null) setTyped(null);
    },
    /** Takes a text at once, as from a list of suggestions. */
    take(text: string) {
      setTyped(null);
      latest.current.typed = null;
      settle(text);
    },
    settle: () => settle(),
  };
}
