"use client";
import { useEffect, useRef, useState } from "react";

const key = "policylayer:approval-keys";

/** Single keys that do something on this page, unless somebody types, a window is open, or they were turned off. */
export function useShortcuts(actions: Readonly<Record<string, () => void>>): {
  isOn: boolean;
  turn(on: boolean): void;
} {
  const [isOn, setIsOn] = useState(true);
  const current = useRef(actions);
  useEffect(() => {
    current.current = actions;
  });
  useEffect(() => setIsOn(localStorage.getItem(key) !== "off"), []);
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.repeat || event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return;
      if (isTyping(event.target) || document.querySelector('[role="dialog"],[role="alertdialog"],[role="menu"]'))
        return;
      // Help is how the others are turned on again.
      if (!isOn && event.key !== "?") return;
      const action = current.current[event.key];
      if (!action) return;
      event.preventDefault();
      action();
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [isOn]);
  return {
    isOn,
    turn(on) {
      localStorage.setItem(key, on ? "on" : "off");
      setIsOn(on);
    },
  };
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
