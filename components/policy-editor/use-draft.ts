"use client";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { applyEdits, type Edit } from "../../policy/edit.ts";
import { Autosave, type SaveDraft, type SaveState } from "./autosave.ts";
import { changed, type History, redone, startHistory, typed, undone } from "./history.ts";

export type LoadDraft = () => Promise<{ ok: true; text: string; revision: number } | { ok: false; detail: string }>;

/** A draft under a person's hands: its text, undo and redo over every kind of change, and its way to the server. */
export function useDraft(start: { text: string; revision: number; save: SaveDraft; load: LoadDraft }) {
  const [history, setHistory] = useState<History>(() => startHistory(start.text));
  const [saveState, setSaveState] = useState<SaveState>({ kind: "saved" });
  const calls = useRef({ save: start.save, load: start.load });
  useEffect(() => {
    calls.current = { save: start.save, load: start.load };
  });

  // The first text and revision start it; what comes later it knows better itself.
  // biome-ignore lint/correctness/useExhaustiveDependencies: made once for the life of the editor
  const autosave = useMemo(
    () =>
      new Autosave({
        text: start.text,
        revision: start.revision,
        save: (text, revision) => calls.current.save(text, revision),
        onState: setSaveState,
      }),
    [],
  );

  useEffect(() => autosave.edited(history.text), [autosave, history.text]);

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

  const type = useCallback((text: string) => setHistory((now) => typed(now, text, Date.now())), []);
  const edit = useCallback(
    (edits: readonly Edit[]) => setHistory((now) => changed(now, applyEdits(now.text, edits))),
    [],
  );
  const undo = useCallback(() => setHistory(undone), []);
  const redo = useCallback(() => setHistory(redone), []);

  /** @returns what went wrong, or null. The text that was here can be had back by undo. */
  async function takeTheirs(): Promise<string | null> {
    const theirs = await calls.current.load();
    if (!theirs.ok) return theirs.detail;
    autosave.takeTheirs(theirs.text, theirs.revision);
    setHistory((now) => changed(now, theirs.text));
    return null;
  }

  /** @returns what went wrong, or null. */
  async function keepMine(): Promise<string | null> {
    const theirs = await calls.current.load();
    if (!theirs.ok) return theirs.detail;
    await autosave.keepMine(theirs.revision);
    return null;
  }

  return {
    text: history.text,
    /** Whether the newest change came from the keyboard. */
    isTyping: history.typedAt > 0,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    saveState,
    type,
    edit,
    undo,
    redo,
    takeTheirs,
    keepMine,
    /** Saves what is not saved yet. @returns the revision on the server, or null when the text could not be saved. */
    flush: async (): Promise<number | null> => ((await autosave.flush()) ? autosave.revision : null),
  };
}
