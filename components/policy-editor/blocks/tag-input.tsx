"use client";
import { X } from "lucide-react";
import { useId, useRef, useState } from "react";
import { isDeepEqual } from "../../../policy/deep-equal.ts";
import { cn } from "../../ui/cn.ts";
import type { Trouble } from "./block-change.ts";
import { itemOf } from "./tag-item.ts";
import { TroubleLine } from "./trouble-notes.tsx";
import type { ItemType } from "./value-control.ts";

const placeholders: Record<ItemType, string> = {
  text: "Add a text…",
  number: "Add a number…",
  any: 'Add text, 5, or "5"…',
};

/** A list of values as tags: Enter or a comma adds, Backspace in the empty field takes the last one out. */
export function TagInput({
  label,
  item,
  values,
  problem,
  disabled,
  onChange,
}: {
  label: string;
  /** What typed items are: `any` takes JSON, and what is no JSON for a text. */
  item: ItemType;
  values: readonly unknown[];
  problem: Trouble | null;
  disabled?: boolean;
  onChange: (values: unknown[]) => void;
}) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const [refused, setRefused] = useState<string | null>(null);
  const trouble: Trouble | null = refused === null ? problem : { message: refused, severity: "error" };
  const isError = trouble?.severity === "error";

  function add() {
    if (typed.trim() === "") return;
    const read = itemOf(typed, item);
    if (!read.ok) return setRefused(read.message);
    setTyped("");
    setRefused(null);
    if (!values.some((value) => isDeepEqual(value, read.value))) onChange([...values, read.value]);
  }

  return (
    <div className="grid gap-1">
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the click only leads to the field, which keys reach anyway */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: as above */}
      <div
        onClick={() => input.current?.focus()}
        className={cn(
          "flex min-h-8 flex-wrap items-center gap-1 rounded-md border border-control-line/70 bg-surface p-1 has-[input:focus-visible]:outline-2 has-[input:focus-visible]:outline-accent",
          isError && "border-danger-solid",
          disabled && "bg-raised",
        )}
      >
        <ul aria-label={label} className="contents">
          {values.map((value) => (
            <li
              key={JSON.stringify(value)}
              className="flex h-6 max-w-full items-center gap-0.5 rounded border bg-raised pl-1.5 font-mono text-xs"
              style={{
                color: `var(--code-${typeof value === "string" ? "string" : typeof value === "number" ? "number" : "atom"})`,
              }}
            >
              <span className="min-w-0 truncate">{JSON.stringify(value)}</span>
              <button
                type="button"
                aria-label={`Remove ${JSON.stringify(value)}`}
                disabled={disabled}
                onClick={() => {
                  onChange(values.filter((one) => one !== value));
                  input.current?.focus();
                }}
                className="grid size-5 shrink-0 place-items-center rounded text-ink-muted hover:text-ink"
              >
                <X aria-hidden="true" className="size-3" />
              </button>
            </li>
          ))}
        </ul>
        <input
          ref={input}
          type="text"
          aria-label={`${label}: add a value`}
          aria-invalid={isError || undefined}
          aria-describedby={trouble ? `${id}-trouble` : undefined}
          inputMode={item === "number" ? "decimal" : undefined}
          autoComplete="off"
          disabled={disabled}
          placeholder={values.length === 0 ? placeholders[item] : "Add…"}
          className="h-6 min-w-16 flex-1 bg-transparent px-1 text-ink text-sm outline-none placeholder:text-ink-faint"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setRefused(null);
          }}
          onBlur={add}
          onKeyDown={(event) => {
            // A comma may belong to a text in quotes or to JSON.
            const separates = event.key === "Enter" || (event.key === "," && !/^\s*["[{]/.test(typed));
            if (separates && typed.trim() !== "") {
              event.preventDefault();
              add();
            } else if (event.key === "Backspace" && typed === "" && values.length > 0) {
              onChange(values.slice(0, -1));
            }
          }}
        />
      </div>
      <TroubleLine id={`${id}-trouble`} trouble={trouble} />
    </div>
  );
}
