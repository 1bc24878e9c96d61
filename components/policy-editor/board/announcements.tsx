import { type BoardStore, useBoardState } from "./store.ts";

/** Says what happens on the board to people who do not see it. */
export function Announcements({ store }: { store: BoardStore }) {
  const said = useBoardState(store, (state) => state.said);
  return (
    <div role="status" aria-live="assertive" aria-atomic="true" data-announcements className="sr-only">
      {said}
    </div>
  );
}
