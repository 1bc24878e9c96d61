"use client";
import { itemOf, type KnownBlock, type PlacedBlock } from "../../../policy/blocks.ts";
import type { Problem } from "../../../policy/problems.ts";
import type { Group } from "../../../policy/schema.ts";
import { cn } from "../../ui/cn.ts";
import { Field } from "../../ui/field.tsx";
import { Select } from "../../ui/select.tsx";
import { type BlockChange, problemAt, withField } from "./block-change.ts";
import { SettledField } from "./settled-field.tsx";

const weekdays = [
  { day: 1, short: "Mo", name: "Monday" },
  { day: 2, short: "Tu", name: "Tuesday" },
  { day: 3, short: "We", name: "Wednesday" },
  { day: 4, short: "Th", name: "Thursday" },
  { day: 5, short: "Fr", name: "Friday" },
  { day: 6, short: "Sa", name: "Saturday" },
  { day: 7, short: "Su", name: "Sunday" },
] as const;
const everyDay = weekdays.map(({ day }) => day);

const hourOptions = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, nth) => ({ value: String(first + nth), label: hourWords(first + nth) }));
const fromOptions = hourOptions(0, 23);
const toOptions = hourOptions(1, 24);

type Hours = KnownBlock & { kind: "hours" };

/** The hours and weekdays in which calls are allowed. */
export function HoursForm({
  placed,
  block,
  timezone,
  problems,
  disabled,
  onChange,
}: {
  placed: PlacedBlock;
  block: Hours;
  timezone: string | undefined;
  problems: readonly Problem[];
  disabled: boolean;
  onChange: (change: BlockChange) => void;
}) {
  const chosen = block.weekdays ?? everyDay;
  const group = placed.item as Group;

  function set(change: Partial<Hours>) {
    onChange(itemOf({ ...block, ...change }));
  }
  function toggle(day: number) {
    const next = chosen.includes(day) ? chosen.filter((one) => one !== day) : [...chosen, day].sort((a, b) => a - b);
    set({ weekdays: next.length === everyDay.length ? null : next });
  }

  return (
    <>
      <div className="grid grid-cols-2 gap-2">
        <Field label="From" className="gap-1">
          {(control) => (
            <Select
              {...control}
              className="h-8 px-2 text-sm tabular-nums"
              disabled={disabled}
              value={String(block.from)}
              options={fromOptions}
              onValueChange={(value) => set({ from: Number(value) })}
            />
          )}
        </Field>
        <Field label="Until" className="gap-1">
          {(control) => (
            <Select
              {...control}
              className="h-8 px-2 text-sm tabular-nums"
              disabled={disabled}
              value={String(block.to)}
              options={toOptions}
              onValueChange={(value) => set({ to: Number(value) })}
            />
          )}
        </Field>
      </div>
      <fieldset className="grid gap-1">
        <legend className="mb-1 font-medium text-ink text-sm">On</legend>
        <div className="grid grid-cols-7 gap-1">
          {weekdays.map(({ day, short, name }) => {
            const isOn = chosen.includes(day);
            return (
              <button
                key={day}
                type="button"
                aria-label={name}
                aria-pressed={isOn}
                title={isOn && chosen.length === 1 ? "One day has to stay" : name}
                disabled={disabled || (isOn && chosen.length === 1)}
                onClick={() => toggle(day)}
                className={cn(
                  "h-8 rounded-md border text-ink-muted text-xs hover:border-line-strong",
                  isOn && "border-accent bg-accent-soft font-medium text-accent hover:border-accent",
                )}
              >
                {short}
              </button>
            );
          })}
        </div>
      </fieldset>
      <p role="status" className={cn("text-pretty text-xs", block.from === block.to ? "text-warn" : "text-ink-muted")}>
        {nightWords(block)} The clock is that of <span className="text-ink">{timezone ?? "UTC"}</span>
        {timezone === undefined ? "; `timezone` in the JSON sets another one." : ", the policy's `timezone`."}
      </p>
      <SettledField
        label="Told to the agent"
        optional
        multiline
        value={block.onDeny ?? ""}
        placeholder="Like: Only during working hours."
        problem={problemAt(problems, placed.at, "on_deny")}
        disabled={disabled}
        onSettle={(text) => {
          if (placed.list !== "require" && placed.list !== "deny_if") return;
          const item = withField(group, "on_deny", text.trim() === "" ? undefined : text);
          onChange({ list: placed.list, item });
        }}
      />
    </>
  );
}

function nightWords({ from, to, weekdays: days }: Hours): string {
  if (from === to) return "That is no time at all: every call is refused.";
  if (from < to) return "";
  const after = days === null ? "" : " What is after midnight counts as the next day's.";
  return `Over night: from ${hourWords(from)} until ${hourWords(to)} the next morning.${after}`;
}

function hourWords(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00`;
}
