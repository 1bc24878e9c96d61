"use client";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { applyEdits, type Edit } from "../../policy/edit.ts";
import { mergeTexts } from "../../policy/merge.ts";
import { type Arrival, Autosave, type LoadDraft, type SaveDraft, type SaveState } from "./autosave.ts";
import { type DraftChannel, openDraftChannel } from "./draft-channel.ts";
import { changed, type History, redone, startHistory, typed, undone } from "./history.ts";

const lookEveryMs = 5_000;

/** A draft under a person's hands: its text, undo and redo over every kind of change, and its way to the server. */
export function useDraft(start: {
  policyId: string;
  text: string;
  revision: number;
  save: SaveDraft;
  load: LoadDraft;
}) {
  const [history, setHistory] = useState<History>(() => startHistory(start.text));
  const [saveState, setSaveState] = useState<SaveState>({ kind: "saved" });
  const [arrival, setArrival] = useState<Arrival | null>(null);
  const channel = useRef<DraftChannel | null>(null);
  const calls = useRef({ save: start.save, load: start.load });
  useEffect(() => {
    calls.current = { save: start.save, load: start.load };
  });

  // The first text and revision start it; what comes later it knows better itself.
  // biome-ignore lint/correctness/useExhaustiveDependencies: made once for the life of the editor
  const { autosave, apply } = useMemo(() => {
    let now = startHistory(start.text);
    /** What a text from elsewhere is merged with must be the newest, and not the one that was drawn last. */
    const apply = (change: (history: History) => History) => {
      now = change(now);
      setHistory(now);
      autosave.edited(now.text);
    };
    const autosave = new Autosave({
      text: start.text,
      revision: start.revision,
      save: async (text, revision) => {
        const answer = await calls.current.save(text, revision);
        if (answer.ok) channel.current?.tell();
        return answer;
      },
      load: () => calls.current.load(),
      merge: mergeTexts,
      onState: setSaveState,
      onArrival: (text, how) => {
        setArrival(how);
        apply((history) => changed(history, text));
      },
    });
    return { autosave, apply };
  }, []);

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (autosave.state.kind !== "saved") event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => {
      window.removeEventListener("beforeunload", warn);
      // Leaving the page by a link: what was typed last is sent on its way.
      void autosave.flush();
    };
  }, [autosave]);

  // Another tab of this browser says so itself; another person is noticed by asking.
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === "visible") void autosave.look();
    };
    const timer = setInterval(look, lookEveryMs);
    window.addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
    const opened = openDraftChannel(start.policyId, () => void autosave.look());
    channel.current = opened;
    return () => {
      clearInterval(timer);
      window.removeEventListener("focus", look);
      document.removeEventListener("visibilitychange", look);
      opened.close();
      channel.current = null;
    };
  }, [autosave, start.policyId]);

  const change = useCallback(
    (next: (history: History) => History) => {
      setArrival(null);
      apply(next);
    },
    [apply],
  );
  const type = useCallback((text: string) => change((now) => typed(now, text, Date.now())), [change]);
  const replace = useCallback((text: string) => change((now) => changed(now, text)), [change]);
  const edit = useCallback(
    (edits: readonly Edit[]) => change((now) => changed(now, applyEdits(now.text, edits))),
    [change],
  );
  const undo = useCallback(() => change(undone), [change]);
  const redo = useCallback(() => change(redone), [change]);

  /** Saves the text here over theirs, which undo can still bring back. */
  const keepMine = useCallback(async () => {
    const { state } = autosave;
    const saved = autosave.keepMine();
    if (state.kind === "conflict") change((now) => changed(changed(now, state.theirs), now.text));
    await saved;
  }, [autosave, change]);

  return {
    text: history.text,
    /** Whether the newest change came from the keyboard. */
    isTyping: history.typedAt > 0,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    saveState,
    /** How the newest text came in from elsewhere; null once the author went on. */
    arrival,
    type,
    /** Another text altogether, as one step. */
    replace,
    edit,
    undo,
    redo,
    takeTheirs: useCallback(() => autosave.takeTheirs(), [autosave]),
    keepMine,
    /** Saves what is not saved yet. @returns the revision on the server, or null when the text could not be saved. */
    flush: useCallback(
      async (): Promise<number | null> => ((await autosave.flush()) ? autosave.revision : null),
      [autosave],
    ),
  };
}
