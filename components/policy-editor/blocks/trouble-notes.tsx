import type { ReactNode } from "react";
import type { Trouble } from "./block-change.ts";

/** A field's error and hint for a trouble: an error is announced and marks the field, a warning stands with the hint. */
export function troubleNotes(
  trouble: Trouble | null | undefined,
  hint?: ReactNode,
): { error: string | null; hint: ReactNode } {
  if (!trouble) return { error: null, hint };
  if (trouble.severity === "error") return { error: trouble.message, hint };
  return {
    error: null,
    hint: (
      <>
        <span className="text-warn">{trouble.message}.</span> {hint}
      </>
    ),
  };
}

/** The same for a control that is no `Field`. */
export function TroubleLine({ trouble, id }: { trouble: Trouble | null; id?: string }) {
  if (!trouble) return null;
  const isError = trouble.severity === "error";
  return (
    <p id={id} role={isError ? "alert" : undefined} className={isError ? "text-danger text-sm" : "text-warn text-xs"}>
      {trouble.message}
      {isError ? "" : "."}
    </p>
  );
}
