"use client";
import { useState } from "react";
import type { PlacedBlock } from "../../../policy/blocks.ts";
import type { Problem } from "../../../policy/problems.ts";
import type { Limit, RateLimit, Scope } from "../../../policy/schema.ts";
import { asLimit } from "../../../policy/words.ts";
import { Field } from "../../ui/field.tsx";
import { Select } from "../../ui/select.tsx";
import { type BlockChange, isLimit, problemAt, withField } from "./block-change.ts";
import { PathSelect } from "./path-select.tsx";
import { SettledField } from "./settled-field.tsx";
import { troubleNotes } from "./trouble-notes.tsx";
import { numberProblem, readNumber } from "./typed-number.ts";
import { WindowFields } from "./window-fields.tsx";

const scopes: readonly { value: Scope; label: string }[] = [
  { value: "grant", label: "Each grant" },
  { value: "session", label: "Each session" },
  { value: "server", label: "All grants of this server" },
  { value: "organisation", label: "The whole organisation" },
];

const maxBounds = { min: 0 };

/** A limit on calls, or on what they add up to. */
export function LimitForm({
  placed,
  inputSchema,
  problems,
  disabled,
  onChange,
}: {
  placed: PlacedBlock;
  inputSchema: unknown;
  problems: readonly Problem[];
  disabled: boolean;
  onChange: (change: BlockChange) => void;
}) {
  const { item, at } = placed;
  const isShort = !isLimit(item);
  const limit = isShort ? asLimit(item as RateLimit) : item;
  const isSpend = limit.increment_from !== undefined;
  const [countsApart, setCountsApart] = useState(limit.key !== undefined);
  const isApart = countsApart || limit.key !== undefined;
  const problem = (field: string) => problemAt(problems, at, field);

  function change(next: Limit) {
    onChange({ list: "limits", item: next });
  }
  function set<Key extends keyof Limit>(key: Key, value: Limit[Key] | undefined) {
    change(withField(limit, key, value));
  }
  /** Both forms have these two, so that the short one stays short. */
  function setQuota(quota: Partial<RateLimit>) {
    if (isShort) return onChange({ rateLimit: { ...(item as RateLimit), ...quota } });
    const next = { ...limit, ...quota };
    // Only a named window has a calendar.
    change(typeof next.window === "number" && next.reset === "calendar" ? withField(next, "reset", undefined) : next);
  }

  return (
    <>
      {isSpend && (
        <PathSelect
          label="Amount in"
          value={limit.increment_from ?? ""}
          inputSchema={inputSchema}
          wants="amount"
          problem={problem("increment_from")}
          hint="A number in the arguments, added up over calls"
          disabled={disabled}
          onChange={(path) => set("increment_from", path)}
        />
      )}
      <div className="grid grid-cols-2 gap-2">
        <SettledField
          label={isSpend ? "At most, in total" : "Calls, at most"}
          numeric
          value={String(limit.max)}
          problemOf={numberProblem(maxBounds)}
          problem={problem("max")}
          disabled={disabled}
          onSettle={(text) => {
            const read = readNumber(text, maxBounds);
            if (read.ok && read.value !== limit.max) setQuota({ max: read.value });
          }}
        />
        <WindowFields
          limit={limit}
          problem={problem("window")}
          disabled={disabled}
          onWindow={(window) => setQuota({ window })}
          onReset={(reset) => set("reset", reset)}
        />
      </div>
      <Field
        label="Counted for"
        {...troubleNotes(
          problem("scope"),
          isShort
            ? "Written in its short form, `rate_limit`. Another choice makes it a full limit, which counts anew."
            : undefined,
        )}
        className="gap-1"
      >
        {(control) => (
          <Select
            {...control}
            className="h-8 px-2 text-sm"
            value={limit.scope ?? "grant"}
            disabled={disabled}
            options={scopes}
            onValueChange={(value) => set("scope", scopes.find((scope) => scope.value === value)?.value)}
          />
        )}
      </Field>
      <div className="grid gap-1.5">
        <label className="flex items-center gap-2 text-ink text-sm">
          <input
            type="checkbox"
            className="size-3.5 accent-accent"
            checked={isApart}
            disabled={disabled}
            onChange={(event) => {
              setCountsApart(event.target.checked);
              if (!event.target.checked && limit.key !== undefined) set("key", undefined);
            }}
          />
          Count each value of an argument apart
        </label>
        {isApart && (
          <PathSelect
            label="Each value of"
            value={limit.key ?? ""}
            inputSchema={inputSchema}
            wants="key"
            problem={problem("key")}
            disabled={disabled}
            onChange={(path) => set("key", path)}
          />
        )}
      </div>
      <SettledField
        label="Told to the agent"
        optional
        multiline
        value={limit.on_deny ?? ""}
        placeholder={isSpend ? "Like: The budget for today is used up." : "Like: Enough for now. Ask again later."}
        problem={problem("on_deny")}
        disabled={disabled}
        onSettle={(text) => set("on_deny", text.trim() === "" ? undefined : text)}
      />
    </>
  );
}
