import type { Signal } from "./schema.ts";

/** A hint raises a Read to a Write. `readOnlyHint: true` says nothing: whoever wants to mislead would set it. */
export function annotationSignals(annotations: unknown): Signal[] {
  const hints: Record<string, unknown> = Object(annotations);
  const signals: Signal[] = [];
  if (hints.readOnlyHint === false) signals.push(hint("hint.writes", "Write", "readOnlyHint: false", 0.5));
  if (hints.destructiveHint === true && hints.readOnlyHint !== true) {
    // Servers set it on any tool that overwrites, and the specification assumes it: enough for Write, not for more.
    signals.push(hint("hint.changes", "Write", "destructiveHint: true", 0.5));
    signals.push(hint("hint.destroys", "Destructive", "destructiveHint: true", 0.3));
  }
  return signals;
}

function hint(id: string, category: Signal["category"], quote: string, weight: number): Signal {
  return { id, category, source: "annotation", quote, weight };
}
