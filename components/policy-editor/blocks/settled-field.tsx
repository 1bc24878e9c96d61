"use client";
import { type ReactNode, useRef } from "react";
import { cn } from "../../ui/cn.ts";
import { Field } from "../../ui/field.tsx";
import { controlStyle } from "../../ui/input.tsx";
import type { Trouble } from "./block-change.ts";
import { troubleNotes } from "./trouble-notes.tsx";
import { useSettled } from "./use-settled.ts";

const noProblem = () => null;

/** A labelled text or number field; each finished edit is reported once. */
export function SettledField({
  label,
  labelHidden,
  value,
  problemOf = noProblem,
  problem,
  hint,
  optional,
  multiline,
  numeric,
  placeholder,
  disabled,
  mono,
  className,
  onSettle,
}: {
  label: string;
  labelHidden?: boolean;
  value: string;
  /** Why a typed text cannot be taken, or null. */
  problemOf?: (text: string) => string | null;
  /** What the document's check says about the value that stands there. */
  problem?: Trouble | null;
  hint?: ReactNode;
  optional?: boolean;
  multiline?: boolean;
  numeric?: boolean;
  placeholder?: string;
  disabled?: boolean;
  mono?: boolean;
  className?: string;
  onSettle: (text: string) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const settled = useSettled(multiline ? area : input, value, problemOf, onSettle);
  const notes = troubleNotes(problem, hint);
  const shared = {
    value: settled.text,
    placeholder,
    disabled,
    onFocus: settled.onFocus,
    onBlur: settled.onBlur,
  };
  const look = cn(controlStyle, "px-2 text-sm", mono && "font-mono text-xs", numeric && "tabular-nums");
  return (
    <Field
      label={labelHidden ? <span className="sr-only">{label}</span> : label}
      error={settled.problem ?? notes.error}
      hint={notes.hint}
      optional={optional}
      className={cn("content-start gap-1", labelHidden && "gap-0", className)}
    >
      {(control) =>
        multiline ? (
          <textarea
            ref={area}
            rows={2}
            className={cn(look, "field-sizing-content max-h-40 min-h-14 py-1.5")}
            {...shared}
            {...control}
            onChange={(event) => settled.onType(event.target.value)}
          />
        ) : (
          <input
            ref={input}
            type="text"
            inputMode={numeric ? "decimal" : undefined}
            autoComplete="off"
            className={cn(look, "h-8")}
            {...shared}
            {...control}
            onChange={(event) => settled.onType(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter") settled.settle();
            }}
          />
        )
      }
    </Field>
  );
}
