"use client";
import { useCallback, useSyncExternalStore } from "react";

const listeners = new Set<() => void>();

/** A choice that this browser remembers. `read` makes sense of what is stored, which may be anything. */
export function useRemembered<T extends string | number>(
  name: string,
  read: (stored: string | null) => T,
): [T, (value: T) => void] {
  const key = `policylayer.${name}`;
  const value = useSyncExternalStore(
    subscribe,
    () => read(stored(key)),
    () => read(null),
  );
  const set = useCallback(
    (next: T) => {
      try {
        localStorage.setItem(key, String(next));
      } catch {
        // A browser that stores nothing forgets the choice with the page.
        unstored.set(key, String(next));
      }
      for (const listener of listeners) listener();
    },
    [key],
  );
  return [value, set];
}

const unstored = new Map<string, string>();

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key) ?? unstored.get(key) ?? null;
  } catch {
    return unstored.get(key) ?? null;
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

/** Whether the window is at least so wide. */
export function useIsWide(pixels: number): boolean {
  const subscribeWidth = useCallback(
    (listener: () => void) => {
      const query = window.matchMedia(`(min-width: ${pixels}px)`);
      query.addEventListener("change", listener);
      return () => query.removeEventListener("change", listener);
    },
    [pixels],
  );
  return useSyncExternalStore(
    subscribeWidth,
    () => window.matchMedia(`(min-width: ${pixels}px)`).matches,
    () => true,
  );
}
