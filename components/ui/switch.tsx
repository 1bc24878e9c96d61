import { cn } from "./cn.ts";

/** On or off, at once. */
export function Switch({
  label,
  checked,
  pending,
  onChange,
}: {
  label: string;
  checked: boolean;
  pending?: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={checked}
      aria-label={label}
      aria-busy={pending || undefined}
      aria-disabled={pending || undefined}
      onClick={() => !pending && onChange(!checked)}
      className={cn(
        "relative h-5.5 w-10 shrink-0 rounded-full border transition-colors",
        checked ? "border-accent bg-accent" : "border-control-line bg-raised",
      )}
    >
      <span
        aria-hidden="true"
        className={cn(
          "absolute top-1/2 left-0.5 size-4 -translate-y-1/2 rounded-full transition-transform",
          checked ? "translate-x-4.5 bg-accent-ink" : "bg-control-line",
        )}
      />
    </button>
  );
}
