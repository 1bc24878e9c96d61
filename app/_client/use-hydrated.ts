import { useSyncExternalStore } from "react";

const never = () => () => {};

/** Whether the page's script runs: false in what the server sends, and for ever where there is no JavaScript. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}
