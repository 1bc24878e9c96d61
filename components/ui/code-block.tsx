import { cn } from "./cn.ts";
import { CopyButton } from "./copy-button.tsx";

/** Text in a fixed-width face, with a copy button. */
export function CodeBlock({
  text,
  label,
  copyLabel = "Copy",
  className,
  wrap,
}: {
  text: string;
  /** Says what the text is; shown above it. */
  label: string;
  copyLabel?: string;
  className?: string;
  wrap?: boolean;
}) {
  return (
    <figure className={cn("overflow-hidden rounded-md border bg-canvas", className)}>
      <figcaption className="flex min-h-9 items-center justify-between gap-3 border-b bg-raised/60 py-1 pr-1.5 pl-3">
        <span className="min-w-0 truncate font-mono text-ink-muted text-xs">{label}</span>
        <CopyButton text={text} label={copyLabel} variant="ghost" />
      </figcaption>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        tabIndex={0}
        className={cn("overflow-x-auto p-3 font-mono text-ink text-xs", wrap && "whitespace-pre-wrap break-all")}
      >
        <code>{text}</code>
      </pre>
    </figure>
  );
}
