import type { ReactNode } from "react";
import { cn } from "../ui/cn.ts";

export type Ranked = {
  key: string;
  label: ReactNode;
  about?: ReactNode;
  value: number /** Of these, drawn in another colour. */;
  part?: number;
};

/** The most of something, as rows with a bar each. Everything is said in text; the bars only repeat it. */
export function RankedBars({
  label,
  rows,
  tone,
  partWords,
}: {
  label: string;
  rows: readonly Ranked[];
  tone: "accent" | "danger";
  partWords?: string;
}) {
  const most = Math.max(1, ...rows.map(({ value }) => value));
  return (
    <ol aria-label={label} className="grid gap-2.5">
      {rows.map(({ key, label: name, about, value, part = 0 }) => (
        <li key={key} className="grid gap-1 text-sm">
          <span className="flex items-baseline justify-between gap-3">
            <span className="min-w-0 [overflow-wrap:anywhere]">{name}</span>
            <span className="shrink-0 text-ink tabular-nums">{value.toLocaleString("en")}</span>
          </span>
          <span aria-hidden="true" className="flex h-1.5 overflow-hidden rounded-full bg-raised">
            <span
              style={{ width: `${((value - part) / most) * 100}%` }}
              className={cn("h-full", tone === "accent" ? "bg-accent" : "bg-danger-solid")}
            />
            {part > 0 && <span style={{ width: `${(part / most) * 100}%` }} className="h-full bg-danger-solid" />}
          </span>
          {(about || (partWords && part > 0)) && (
            <span className="text-ink-muted text-xs [overflow-wrap:anywhere]">
              {about}
              {about && partWords && part > 0 && " · "}
              {partWords && part > 0 && `${part.toLocaleString("en")} ${partWords}`}
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}
