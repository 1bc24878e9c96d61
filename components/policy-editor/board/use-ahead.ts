import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { type Edit, editDocument } from "../../../policy/edit.ts";
import type { PolicyDocument } from "../../../policy/schema.ts";

/** When no frame is drawn, as in a tab that nobody sees any more. */
const frameWaitMs = 1_000;

/**
 * Shows edits in the same frame and hands them on right behind it: writing a large text anew, and checking all of it, takes
 * longer than a card may hang in the air.
 */
export function useAhead(document: PolicyDocument, onEdits: (edits: Edit[]) => void) {
  const [ahead, setAhead] = useState<PolicyDocument | null>(null);
  const latest = useRef({ document, ahead, onEdits });
  useLayoutEffect(() => {
    latest.current = { document, ahead, onEdits };
  });
  const waiting = useRef<Edit[][]>([]);

  const handOn = useCallback(() => {
    const steps = waiting.current;
    if (steps.length === 0) return;
    waiting.current = [];
    for (const edits of steps) latest.current.onEdits(edits);
    latest.current.ahead = null;
    setAhead(null);
  }, []);

  const edit = useCallback(
    (edits: Edit[]) => {
      const { ahead, document } = latest.current;
      const next = editDocument(ahead ?? document, edits);
      latest.current.ahead = next;
      setAhead(next);
      waiting.current.push(edits);
      if (waiting.current.length === 1) afterFrame(handOn);
    },
    [handOn],
  );

  // Nothing is lost with the page: what waits is handed on before it goes.
  useEffect(() => {
    window.addEventListener("pagehide", handOn);
    return () => {
      window.removeEventListener("pagehide", handOn);
      handOn();
    };
  }, [handOn]);

  return { shown: ahead ?? document, edit };
}

/** Behind the frame that shows it: the next one begins when that one is on its way to the screen. */
function afterFrame(act: () => void) {
  const late = setTimeout(act, frameWaitMs);
  const soon = () => {
    clearTimeout(late);
    act();
  };
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(soon)));
}
