import { useId } from "react";
import { cn } from "./cn.ts";

/** A few choices that need a sentence each: radio buttons as cards. */
export function ChoiceCards({
  label,
  value,
  onChange,
  choices,
  columns = 2,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  choices: readonly { value: string; title: string; about: string }[];
  columns?: 1 | 2 | 3;
}) {
  const name = useId();
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1.5 font-medium text-sm">{label}</legend>
      <div className={cn("grid gap-2", columns === 2 && "sm:grid-cols-2", columns === 3 && "sm:grid-cols-3")}>
        {choices.map((choice) => (
          <label
            key={choice.value}
            className={cn(
              "relative cursor-pointer rounded-md border bg-surface px-3 py-2.5 hover:border-line-strong has-focus-visible:outline-2 has-focus-visible:outline-accent has-focus-visible:outline-offset-1",
              choice.value === value && "border-accent bg-accent-soft hover:border-accent",
            )}
          >
            <input
              type="radio"
              name={name}
              aria-label={choice.title}
              aria-describedby={`${name}-${choice.value}`}
              checked={choice.value === value}
              onChange={() => onChange(choice.value)}
              className="absolute opacity-0"
            />
            <span className="flex items-center justify-between gap-2 font-medium text-ink text-sm">
              {choice.title}
              <span
                aria-hidden="true"
                className={cn(
                  "size-3.5 rounded-full border border-control-line",
                  choice.value === value && "border-4 border-accent bg-surface",
                )}
              />
            </span>
            <span id={`${name}-${choice.value}`} className="mt-0.5 block text-pretty text-ink-muted text-xs">
              {choice.about}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
