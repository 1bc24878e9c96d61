"use client";
import { ArrowRight } from "lucide-react";
import { Popover } from "radix-ui";
import type { Severity } from "../../catalog/schema.ts";
import type { Exposure } from "../../policy/exposure.ts";
import { severityLabel } from "../risk-badge.tsx";
import { cn } from "../ui/cn.ts";
import { exposureWords, worstFirst } from "./exposure-words.ts";

// Softer than the same colours of text, and still told apart in both themes.
const fills: Record<Severity, string> = {
  critical: "bg-danger-solid",
  high: "bg-[color-mix(in_oklab,var(--high)_60%,var(--high-line))]",
  medium: "bg-[color-mix(in_oklab,var(--warn)_45%,var(--warn-line))]",
  low: "bg-[color-mix(in_oklab,var(--ok)_60%,var(--ok-line))]",
};

const reaches = [
  { field: "freely", label: "Freely" },
  { field: "underConditions", label: "Under conditions" },
  { field: "withApproval", label: "With a person's approval" },
  { field: "never", label: "Never" },
] as const satisfies readonly { field: keyof Exposure; label: string }[];

/** How much of a server the draft lets through, beside what is live; a click shows what that is made of. */
export function ExposureMeter({ before, now }: { before: Exposure | null; now: Exposure | null }) {
  if (now === null || now.of === 0) return null;
  const wasWords = before && before.callable !== now.callable ? `live: ${before.callable}` : null;
  const words = exposureWords(now);
  return (
    <Popover.Root>
      <Popover.Trigger
        title="What agents can call"
        className="flex min-w-0 items-center gap-2.5 rounded-md px-1.5 py-1 text-left hover:bg-raised"
      >
        <Bar exposure={now} mark={before} className="w-24" />
        <span className="min-w-0 truncate text-ink text-sm tabular-nums">
          <span className="sr-only">Exposure: </span>
          {words}
          {wasWords && <span className="text-ink-muted"> · {wasWords}</span>}
        </span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={6}
          collisionPadding={8}
          aria-label="What agents can call"
          className="z-50 w-80 max-w-[calc(100vw-1rem)] animate-enter rounded-lg border bg-surface p-3.5 shadow-pop"
        >
          <Detail before={before} now={now} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** Callable tools by severity, worst first; the rest of the bar is what no agent can call. */
function Bar({ exposure, mark, className }: { exposure: Exposure; mark?: Exposure | null; className?: string }) {
  return (
    <span aria-hidden="true" className={cn("relative flex h-2 shrink-0 rounded-full bg-line", className)}>
      <span className="flex w-full gap-px overflow-hidden rounded-full">
        {worstFirst.map((severity) => (
          <span
            key={severity}
            style={{ width: share(exposure.bySeverity[severity], exposure.of) }}
            className={cn("h-full transition-[width] duration-300 ease-out", fills[severity])}
          />
        ))}
      </span>
      {mark && mark.of > 0 && mark.callable !== exposure.callable && (
        <span
          style={{ left: share(mark.callable, mark.of) }}
          className="-translate-x-1/2 -inset-y-1 absolute w-0.5 rounded-full bg-ink-muted transition-[left] duration-300"
        />
      )}
    </span>
  );
}

function Detail({ before, now }: { before: Exposure | null; now: Exposure }) {
  return (
    <div className="grid gap-3 text-sm">
      {before && (
        <div className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-3 gap-y-1.5">
          <span className="text-ink-muted text-xs">Live</span>
          <Bar exposure={before} />
          <span className="text-ink-muted text-xs">Draft</span>
          <Bar exposure={now} />
        </div>
      )}
      <Rows
        caption="Callable, by risk"
        rows={worstFirst.map((severity) => ({
          label: severityLabel[severity],
          fill: fills[severity],
          was: before?.bySeverity[severity],
          is: now.bySeverity[severity],
        }))}
      />
      <Rows
        caption={`All ${now.of} tools, by how they are reached`}
        rows={reaches.map(({ field, label }) => ({ label, was: before?.[field], is: now[field] }))}
      />
    </div>
  );
}

function Rows({
  caption,
  rows,
}: {
  caption: string;
  rows: readonly { label: string; fill?: string; was: number | undefined; is: number }[];
}) {
  return (
    <table className="w-full">
      <caption className="pb-1 text-left font-medium text-ink text-xs">{caption}</caption>
      <tbody>
        {rows.map(({ label, fill, was, is }) => (
          <tr key={label}>
            <th scope="row" className="py-0.5 text-left font-normal text-ink-muted">
              <span className="flex items-center gap-2">
                {fill && <span aria-hidden="true" className={cn("size-2 rounded-full", fill)} />}
                {label}
              </span>
            </th>
            <td className="py-0.5 text-right text-ink tabular-nums">
              {was !== undefined && was !== is && (
                <span className="text-ink-muted">
                  {was}
                  <ArrowRight role="img" aria-label="becomes" className="mx-1 inline size-3" />
                </span>
              )}
              {is}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function share(part: number, of: number): string {
  return `${of === 0 ? 0 : (100 * part) / of}%`;
}
