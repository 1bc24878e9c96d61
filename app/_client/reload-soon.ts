// Reading anew what others have changed, as often as it is needed and no oftener.
import type { QueryClient, QueryKey } from "@tanstack/react-query";

export type Reloader = {
  /** To be called at every change that is heard of. */
  soon(): void;
  stop(): void;
};

const gatherMs = 150;
const patienceMs = 10_000;

/**
 * Reloads the queries in use under a key: once for all changes of a moment, and never so that a change is missed. What is on its way
 * when a change is heard of was perhaps answered before it. It is awaited and then asked for again, not cut off: under a stream of
 * changes nothing would ever arrive.
 */
export function reloader(client: QueryClient, queryKey: QueryKey): Reloader {
  const filter = { queryKey };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isReloading = false;
  let isWantedAgain = false;
  let isStopped = false;

  function soon(): void {
    if (isStopped) return;
    if (isReloading) isWantedAgain = true;
    else timer ??= setTimeout(() => void reload(), gatherMs);
  }

  async function reload(): Promise<void> {
    timer = undefined;
    isReloading = true;
    if (client.isFetching(filter) > 0) await arrived();
    await arrived();
    isReloading = false;
    if (!isWantedAgain) return;
    isWantedAgain = false;
    soon();
  }

  /** Asks for what is not on its way yet and awaits all. What never comes is given up, or it would be awaited for ever. */
  async function arrived(): Promise<void> {
    let late: ReturnType<typeof setTimeout> | undefined;
    const isLate = new Promise<boolean>((resolve) => {
      late = setTimeout(() => resolve(true), patienceMs);
    });
    const isHere = client.invalidateQueries(filter, { cancelRefetch: false }).then(() => false);
    if (await Promise.race([isHere, isLate])) await client.cancelQueries(filter);
    clearTimeout(late);
  }

  return {
    soon,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
