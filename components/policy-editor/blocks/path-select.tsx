"use client";
import { type ReactNode, useMemo, useState } from "react";
import { argumentPaths } from "../../../policy/argument-paths.ts";
import { Combobox } from "../../ui/combobox.tsx";
import { Field } from "../../ui/field.tsx";
import { type PathWant, pathChoices, pathDoubt, pathProblem } from "./subject.ts";

/** A field for a path: what the tool's schema and the language know is offered, anything else is checked as it is typed. */
export function PathSelect({
  label,
  labelHidden,
  value,
  inputSchema,
  wants,
  problem,
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
  problem?: string | null;
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
  const doubt = value === "" ? null : pathDoubt(value, inputSchema);
  const error = refused !== null ? pathProblem(refused, wants) : (problem ?? doubt);

  function take(path: string) {
    setRefused(null);
    if (path !== value) onChange(path);
  }

  return (
    <Field
      label={labelHidden ? <span className="sr-only">{label}</span> : label}
      error={error}
      hint={hint}
      className={labelHidden ? `gap-0 ${className ?? ""}` : `gap-1 ${className ?? ""}`}
    >
      {(control) => (
        <Combobox
          {...control}
          mono
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
