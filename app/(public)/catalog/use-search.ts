"use client";
import { useSearchParams } from "next/navigation";
import { useCallback, useEffect, useRef, useState } from "react";
import { send, type Trouble } from "@/app/_client/api.ts";
import { readSearchAsked, type SearchAsked, searchApiPath, searchPath } from "./search-asked.ts";
import { type Find, type Found, type Suggestion, suggest } from "./suggest.ts";

/** Long enough to type the next letter in, short enough not to be waited for. */
const typingPauseMs = 140;
const perPage = 25;

export type SearchState = { asked: SearchAsked; found: Found; suggestion: Suggestion | null };

/**
 * The search while somebody types: the newest question wins, an older answer is dropped, and the address follows. `shown` is
 * what was found last, with the question that it answers.
 */
export function useSearch(initial: SearchState) {
  const [given, setGiven] = useState(initial);
  const [asked, setAsked] = useState(initial.asked);
  const [shown, setShown] = useState(initial);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  // A link to another search, the next page for one, brings the same page with other results.
  if (given !== initial) {
    setGiven(initial);
    setAsked(initial.asked);
    setShown(initial);
    setBusy(false);
    setTrouble(null);
  }
  const address = useSearchParams();
  /** The search that is shown, as an address. */
  const answered = useRef({ given: initial, path: searchPath(initial.asked) });
  const running = useRef<AbortController | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const run = useCallback(async (question: SearchAsked) => {
    running.current?.abort();
    const abort = new AbortController();
    running.current = abort;
    setBusy(true);
    const answer = await search(question, abort.signal);
    if (abort.signal.aborted) return;
    setBusy(false);
    if ("trouble" in answer) {
      setTrouble(answer.trouble);
      return;
    }
    setTrouble(null);
    setShown({ asked: question, ...answer });
    answered.current.path = searchPath(question);
    window.history.replaceState(null, "", searchPath(question));
  }, []);

  /** Asks anew; what is typed waits for the next letter. */
  const ask = useCallback(
    (question: SearchAsked, { typing = false } = {}) => {
      clearTimeout(timer.current);
      setAsked(question);
      if (typing) timer.current = setTimeout(() => void run(question), typingPauseMs);
      else void run(question);
    },
    [run],
  );

  useEffect(() => {
    if (answered.current.given !== initial) answered.current = { given: initial, path: searchPath(initial.asked) };
    // Coming back to this page, or led to it once more, the address may ask for something else than what is shown.
    const there = readSearchAsked(Object.fromEntries(address));
    if (searchPath(there) !== answered.current.path) ask(there);
  }, [ask, initial, address]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is given, and nothing of the one before is waited for
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      running.current?.abort();
    },
    [initial],
  );

  return { asked, shown, busy, trouble, ask };
}

async function search(
  asked: SearchAsked,
  signal: AbortSignal,
): Promise<Omit<SearchState, "asked"> | { trouble: Trouble }> {
  const answer = await send<Found>("GET", searchApiPath(asked, perPage), undefined, signal);
  if (!answer.ok) return { trouble: answer.trouble };
  if (answer.value.items.length > 0) return { found: answer.value, suggestion: null };
  const find: Find = async (instead, limit) => {
    const other = await send<Found>("GET", searchApiPath(instead, limit), undefined, signal);
    return other.ok ? other.value : { items: [], nextCursor: null };
  };
  return { found: answer.value, suggestion: await suggest(asked, find) };
}
