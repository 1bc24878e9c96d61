"use client";
import { useState } from "react";
import { type Limit, type WindowName, windowNames } from "../../../policy/schema.ts";
import { durationWords } from "../../../policy/words.ts";
import { Field } from "../../ui/field.tsx";
import { Select } from "../../ui/select.tsx";
import type { Trouble } from "./block-change.ts";
import { Segmented } from "./segmented.tsx";
import { SettledField } from "./settled-field.tsx";
import { troubleNotes } from "./trouble-notes.tsx";
import { numberProblem, readNumber } from "./typed-number.ts";

const labels: Record<WindowName, string> = { minute: "A minute", hour: "An hour", day: "A day", month: "A month" };
const seconds: Record<WindowName, number> = { minute: 60, hour: 3_600, day: 86_400, month: 2_678_400 };
/** Longer ones cannot be counted in milliseconds. */
const bounds = { min: 1, max: Math.floor(Number.MAX_SAFE_INTEGER / 1_000), whole: true };

const resets = [
  { value: "sliding", label: "Any such time", hint: "No stretch of this length ever holds more" },
  { value: "calendar", label: "By the clock", hint: "Starts anew with each one, in UTC" },
] as const;

/** The time a limit is for: by name, or in seconds; a named one may start by the clock. Takes a grid cell and two rows. */
export function WindowFields({
  limit,
  problem,
  disabled,
  onWindow,
  onReset,
}: {
  limit: Limit;
  problem: Trouble | null;
  disabled: boolean;
  onWindow: (window: WindowName | number) => void;
  onReset: (reset: Limit["reset"]) => void;
}) {
  const { window, reset = "sliding" } = limit;
  const isNamed = typeof window === "string";
  const [lastName, setLastName] = useState<WindowName>(isNamed ? window : "minute");
  if (isNamed && window !== lastName) setLastName(window);

  return (
    <>
      <Field label="In" {...troubleNotes(isNamed ? problem : null)} className="content-start gap-1">
        {(control) => (
          <Select
            {...control}
            className="h-8 px-2 text-sm"
            disabled={disabled}
            value={isNamed ? window : "seconds"}
            options={[
              ...windowNames.map((value) => ({ value, label: labels[value] })),
              { value: "seconds", label: "Seconds…" },
            ]}
            onValueChange={(value) => {
              const name = windowNames.find((known) => known === value);
              if (name !== undefined || isNamed) onWindow(name ?? seconds[lastName]);
            }}
          />
        )}
      </Field>
      {isNamed ? (
        <div className="col-span-2 grid gap-1">
          <Segmented
            label="When it starts anew"
            value={reset}
            options={resets}
            disabled={disabled}
            onChange={(value) => onReset(value === "calendar" ? "calendar" : undefined)}
          />
          <p className="text-ink-muted text-xs">{resets.find(({ value }) => value === reset)?.hint}</p>
        </div>
      ) : (
        <SettledField
          label="Seconds"
          numeric
          className="col-span-2"
          value={String(window)}
          problemOf={numberProblem(bounds)}
          problem={problem}
          hint={window >= 60 ? `${durationWords(window)}, any such stretch of time` : "Any such stretch of time"}
          disabled={disabled}
          onSettle={(text) => {
            const read = readNumber(text, bounds);
            if (read.ok && read.value !== window) onWindow(read.value);
          }}
        />
      )}
    </>
  );
}
