"use client";
import { type ReactNode, useState } from "react";
import { localTimeIn } from "../../../policy/time.ts";
import { Field } from "../../ui/field.tsx";
import { Input } from "../../ui/input.tsx";
import { Segmented } from "../blocks/segmented.tsx";
import { numberProblem, readNumber } from "../blocks/typed-number.ts";
import { callsBeforeMax } from "./simulate.ts";

/** Who calls, when, and after how many calls. */
export type Circumstances = {
  grantLabel: string;
  clientName: string;
  sessionId: string;
  /** As `datetime-local` writes it; null for now. */
  at: string | null;
  callsBefore: number;
};

export const usualCircumstances: Circumstances = {
  grantLabel: "My agent",
  clientName: "",
  sessionId: "session-1",
  at: null,
  callsBefore: 0,
};

/** Milliseconds since the epoch; null when the field holds no date yet. */
export function momentOf({ at }: Circumstances, now: number): number | null {
  if (at === null) return now;
  const moment = new Date(at).getTime();
  return Number.isFinite(moment) ? moment : null;
}

const beforeBounds = { min: 0, max: callsBeforeMax, whole: true };
const weekdayNames = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

export function SituationFields({
  circumstances,
  now,
  timezone,
  beforeNote,
  onChange,
}: {
  circumstances: Circumstances;
  now: number;
  timezone: string | undefined;
  /** What became of the calls before. */
  beforeNote: ReactNode;
  onChange: (circumstances: Circumstances) => void;
}) {
  const { grantLabel, clientName, sessionId, at, callsBefore } = circumstances;
  const [typed, setTyped] = useState<string | null>(null);
  const set = (change: Partial<Circumstances>) => onChange({ ...circumstances, ...change });
  const moment = momentOf(circumstances, now);

  return (
    <section aria-label="Circumstances" className="grid gap-2.5">
      <h3 className="font-semibold text-ink text-sm">Circumstances</h3>
      <div className="grid gap-2.5 @md:grid-cols-2">
        <Field
          label="Calls like this one just before"
          error={typed === null ? null : numberProblem(beforeBounds)(typed)}
          hint={beforeNote}
          className="content-start gap-1"
        >
          {(control) => (
            <Input
              {...control}
              inputMode="numeric"
              autoComplete="off"
              className="h-8 px-2 text-sm tabular-nums"
              value={typed ?? String(callsBefore)}
              onChange={(event) => {
                setTyped(event.target.value);
                const read = readNumber(event.target.value, beforeBounds);
                if (read.ok) set({ callsBefore: read.value });
              }}
              onBlur={() => setTyped(null)}
            />
          )}
        </Field>
        <Field label="When" hint={momentWords(moment, timezone)} className="content-start gap-1">
          {(control) => (
            <div className="grid gap-1.5">
              <Segmented
                label="When"
                value={at === null ? "now" : "at"}
                options={[
                  { value: "now", label: "Now" },
                  { value: "at", label: "At…" },
                ]}
                onChange={(value) => set({ at: value === "now" ? null : localText(now) })}
              />
              {at !== null && (
                <Input
                  {...control}
                  type="datetime-local"
                  className="h-8 px-2 text-sm"
                  value={at}
                  onChange={(event) => set({ at: event.target.value })}
                />
              )}
            </div>
          )}
        </Field>
      </div>
      <div className="grid gap-2.5 @md:grid-cols-3">
        <Words label="Grant's label" value={grantLabel} onChange={(text) => set({ grantLabel: text })} />
        <Words
          label="Client's name"
          value={clientName}
          placeholder="It has none"
          onChange={(text) => set({ clientName: text })}
        />
        <Words
          label="Session"
          value={sessionId}
          placeholder="It has none"
          onChange={(text) => set({ sessionId: text })}
        />
      </div>
    </section>
  );
}

function Words({
  label,
  value,
  placeholder,
  onChange,
}: {
  label: string;
  value: string;
  placeholder?: string;
  onChange: (text: string) => void;
}) {
  return (
    <Field label={label} className="content-start gap-1">
      {(control) => (
        <Input
          {...control}
          autoComplete="off"
          className="h-8 px-2 text-sm"
          value={value}
          placeholder={placeholder}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

function momentWords(moment: number | null, timezone: string | undefined): string {
  if (moment === null) return "Choose a date and a time";
  const { hour, weekday } = localTimeIn(timezone)(moment);
  return `For the policy: ${weekdayNames[weekday - 1] ?? ""}, hour ${hour}, ${timezone ?? "UTC"}`;
}

/** As `datetime-local` wants it, in the browser's own time zone. */
function localText(now: number): string {
  const date = new Date(now - new Date(now).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 16);
}
