import { cn } from "../../ui/cn.ts";

/** A few choices side by side as toggle buttons. */
export function Segmented({
  label,
  value,
  options,
  disabled,
  className,
  onChange,
}: {
  label: string;
  /** Null when none is chosen. */
  value: string | null;
  options: readonly { value: string; label: string; hint?: string }[];
  disabled?: boolean;
  className?: string;
  onChange: (value: string) => void;
}) {
  return (
    <fieldset
      aria-label={label}
      className={cn("grid auto-cols-fr grid-flow-col rounded-md border bg-raised/60 p-0.5", className)}
    >
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          title={option.hint}
          disabled={disabled}
          onClick={() => {
            if (option.value !== value) onChange(option.value);
          }}
          className={cn(
            "h-6.5 truncate rounded px-2 font-medium text-ink-muted text-xs hover:text-ink",
            option.value === value && "bg-surface text-accent ring-1 ring-line-strong",
          )}
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}
