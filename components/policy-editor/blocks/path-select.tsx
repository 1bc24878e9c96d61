"use client";
import { type ReactNode, useMemo, useState } from "react";
import { argumentPaths } from "../../../policy/argument-paths.ts";
import { Combobox } from "../../ui/combobox.tsx";
import { Field } from "../../ui/field.tsx";
import type { Trouble } from "./block-change.ts";
import { type PathWant, pathChoices, pathDoubt, pathProblem } from "./subject.ts";
import { troubleNotes } from "./trouble-notes.tsx";

/** A field for a path: what the tool's schema and the language know is offered, anything else is checked as it is typed. */
export function PathSelect({
  label,
  labelHidden,
  value,
  inputSchema,
  wants,
  problem,
  mayBeUnknown,
  autoFocus,
  hint,
  disabled,
  className,
  onChange,
}: {
  label: string;
  labelHidden?: boolean;
  value: string;
  inputSchema: unknown;
  wants: PathWant;
  /** What the document's check says about the path that stands there. */
  problem?: Trouble | null;
  /** The path is one that the tool should not have. */
  mayBeUnknown?: boolean;
  autoFocus?: boolean;
  hint?: ReactNode;
  disabled?: boolean;
  className?: string;
  /** Only ever a path that can be written there. */
  onChange: (path: string) => void;
}) {
  // What was typed and cannot be written: kept in the field, so that it can be mended.
  const [refused, setRefused] = useState<string | null>(null);
  const options = useMemo(
    () =>
      pathChoices(wants, argumentPaths(inputSchema)).map(({ path, about, required, description }) => ({
        value: path,
        detail: required ? `${about} · required` : about,
        about: description,
      })),
    [wants, inputSchema],
  );
  const doubt = value === "" || mayBeUnknown ? null : pathDoubt(value, inputSchema);
  const notes = troubleNotes(problem ?? (doubt === null ? null : { message: doubt, severity: "warning" }), hint);

  function take(path: string) {
    setRefused(null);
    if (path !== value) onChange(path);
  }

  return (
    <Field
      label={labelHidden ? <span className="sr-only">{label}</span> : label}
      error={refused !== null ? pathProblem(refused, wants) : notes.error}
      hint={notes.hint}
      className={labelHidden ? `gap-0 ${className ?? ""}` : `gap-1 ${className ?? ""}`}
    >
      {(control) => (
        <Combobox
          {...control}
          mono
          autoFocus={autoFocus}
          value={refused ?? value}
          options={options}
          placeholder="args.name"
          disabled={disabled}
          onTake={take}
          onFree={(text) => {
            if (pathProblem(text, wants) === null) take(text);
            else setRefused(text === "" ? null : text);
          }}
        />
      )}
    </Field>
  );
}
