"use client";
import { Ban, Check, EyeOff, Gauge, Hand } from "lucide-react";
import { useId } from "react";
import type { Lane } from "../../policy/edit.ts";
import { cn } from "../ui/cn.ts";

export const lanes: readonly { lane: Lane; label: string; Icon: typeof Ban; chosen: string; hint: string }[] = [
  {
    lane: "allow",
    label: "Allow",
    Icon: Check,
    chosen: "bg-ok-soft text-ok ring-ok-line",
    hint: "Every call goes through",
  },
  {
    lane: "limit",
    label: "Limit",
    Icon: Gauge,
    chosen: "bg-warn-soft text-warn ring-warn-line",
    hint: "So many calls in a time",
  },
  {
    lane: "approve",
    label: "Approve",
    Icon: Hand,
    chosen: "bg-hold-soft text-hold ring-hold-line",
    hint: "A person decides each call",
  },
  {
    lane: "deny",
    label: "Deny",
    Icon: Ban,
    chosen: "bg-danger-soft text-danger ring-danger-line",
    hint: "Refused; the agent still sees the tool",
  },
  {
    lane: "hide",
    label: "Hide",
    Icon: EyeOff,
    chosen: "bg-raised text-ink ring-line-strong",
    hint: "Refused, and gone from the agent's list",
  },
];

/** One choice of five, as radio buttons: arrow keys move, the name of the group is the tool. */
export function LaneControl({
  tool,
  value,
  inherited,
  disabled,
  onChange,
}: {
  tool: string;
  /** Null when none of the five says what the rule does. */
  value: Lane | null;
  /** The choice comes from something else than a rule for this very tool. */
  inherited: boolean;
  disabled?: boolean;
  onChange: (lane: Lane) => void;
}) {
  const name = useId();
  return (
    <div
      role="radiogroup"
      aria-label={tool}
      className={cn("inline-flex rounded-md border bg-surface p-0.5", disabled && "opacity-55")}
    >
      {lanes.map(({ lane, label, Icon, chosen, hint }) => {
        const isChosen = lane === value;
        return (
          <label
            key={lane}
            title={hint}
            className={cn(
              "relative flex h-6.5 cursor-pointer select-none items-center gap-1 rounded px-1.5 font-medium text-ink-muted text-xs hover:text-ink has-focus-visible:outline-2 has-focus-visible:outline-accent has-focus-visible:outline-offset-1",
              isChosen && `ring-1 ring-inset ${chosen}`,
              isChosen && inherited && "border-dashed bg-transparent ring-line-strong",
            )}
          >
            <input
              type="radio"
              name={name}
              value={lane}
              checked={isChosen}
              disabled={disabled}
              onChange={() => onChange(lane)}
              // A click on what is inherited makes it the tool's own rule; `change` does not fire for that.
              onClick={() => {
                if (isChosen && inherited) onChange(lane);
              }}
              className="absolute inset-0 cursor-pointer opacity-0"
            />
            <Icon aria-hidden="true" className="size-3.5" />
            {label}
          </label>
        );
      })}
    </div>
  );
}
