/** The text of a draft and how it came to be. Undo is keeping the old text. */
export type History = {
  readonly text: string;
  readonly past: readonly string[];
  readonly future: readonly string[];
  /** When the last keystroke came, 0 after anything else. Keystrokes in quick succession are undone together. */
  readonly typedAt: number;
};

const pastMax = 200;
const typingPauseMs = 800;

export function startHistory(text: string): History {
  return { text, past: [], future: [], typedAt: 0 };
}

/** One change made by a control. It is undone on its own. */
export function changed(history: History, text: string): History {
  if (text === history.text) return history;
  return { text, past: [...history.past, history.text].slice(-pastMax), future: [], typedAt: 0 };
}

/** A change made by typing at `now` (milliseconds). */
export function typed(history: History, text: string, now: number): History {
  if (text === history.text) return history;
  if (history.typedAt > 0 && now - history.typedAt < typingPauseMs) {
    return { ...history, text, future: [], typedAt: now };
  }
  return { ...changed(history, text), typedAt: now };
}

export function undone(history: History): History {
  const text = history.past.at(-1);
  if (text === undefined) return history;
  return { text, past: history.past.slice(0, -1), future: [history.text, ...history.future], typedAt: 0 };
}

export function redone(history: History): History {
  const [text, ...future] = history.future;
  if (text === undefined) return history;
  return { text, past: [...history.past, history.text], future, typedAt: 0 };
}

/** The smallest single replacement that turns `from` into `to`, so that a cursor elsewhere in the text stays. */
export function replacement(from: string, to: string): { from: number; to: number; insert: string } | null {
  if (from === to) return null;
  const shortest = Math.min(from.length, to.length);
  let start = 0;
  while (start < shortest && from[start] === to[start]) start += 1;
  let end = 0;
  while (end < shortest - start && from[from.length - 1 - end] === to[to.length - 1 - end]) end += 1;
  return { from: start, to: from.length - end, insert: to.slice(start, to.length - end) };
}
