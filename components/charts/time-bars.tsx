import { useId } from "react";
import { cn } from "../ui/cn.ts";
import { ChartTable } from "./chart-table.tsx";

export type Series<Key extends string> = {
  key: Key;
  label: string /** Tailwind classes for an SVG shape and for a box. */;
  fill: string;
  box: string;
};
type Point<Key extends string> = Record<Key, number> & { at: string };

const height = 120;
const barWidth = 10;

/** Counts over time as stacked bars, and the same numbers as a table behind them. */
export function TimeBars<Key extends string>({
  label,
  points,
  series,
  step,
}: {
  label: string;
  points: readonly Point<Key>[];
  /** From the bottom of a bar to its top. */
  series: readonly Series<Key>[];
  step: "hour" | "day";
}) {
  const titleId = useId();
  const totals = points.map((point) => series.reduce((sum, { key }) => sum + point[key], 0));
  const most = Math.max(1, ...totals);
  const sum = totals.reduce((all, total) => all + total, 0);
  const first = points[0];
  const last = points.at(-1);
  return (
    <figure className="grid gap-2">
      <figcaption className="flex flex-wrap gap-x-4 gap-y-1 text-ink-muted text-xs">
        {series.map(({ key, label: name, box }) => (
          <span key={key} className="inline-flex items-center gap-1.5">
            <span aria-hidden="true" className={cn("size-2.5 rounded-xs", box)} />
            {name}
          </span>
        ))}
      </figcaption>
      <div className="flex gap-2">
        <div
          aria-hidden="true"
          className="flex flex-col justify-between text-right text-2xs text-ink-muted tabular-nums"
        >
          <span>{most.toLocaleString("en")}</span>
          <span>0</span>
        </div>
        <svg
          role="img"
          aria-labelledby={titleId}
          viewBox={`0 0 ${Math.max(1, points.length) * barWidth} ${height}`}
          preserveAspectRatio="none"
          className="h-32 w-full min-w-0 border-line border-b"
        >
          <title id={titleId}>{`${label}: ${sum.toLocaleString("en")} in all`}</title>
          {points.map((point, index) => {
            let top = height;
            return (
              <g key={point.at}>
                <title>{`${moment(point.at, step)}: ${series.map(({ key, label: name }) => `${point[key]} ${name.toLowerCase()}`).join(", ")}`}</title>
                <rect
                  x={index * barWidth}
                  y={0}
                  width={barWidth}
                  height={height}
                  className="fill-transparent hover:fill-raised"
                />
                {series.map(({ key, fill }) => {
                  const size = (point[key] / most) * (height - 4);
                  top -= size;
                  return size <= 0 ? null : (
                    <rect
                      key={key}
                      x={index * barWidth + 1}
                      y={top}
                      width={barWidth - 2}
                      height={Math.max(size, 0.75)}
                      className={cn("pointer-events-none", fill)}
                    />
                  );
                })}
              </g>
            );
          })}
        </svg>
      </div>
      <div aria-hidden="true" className="flex justify-between pl-6 text-2xs text-ink-muted tabular-nums">
        <span>{first && moment(first.at, step)}</span>
        <span>{last && moment(last.at, step)}</span>
      </div>
      <ChartTable
        label={label}
        head={["Time", ...series.map(({ label: name }) => name)]}
        rows={points.map((point) => [moment(point.at, step), ...series.map(({ key }) => point[key])])}
      />
    </figure>
  );
}

function moment(at: string, step: "hour" | "day"): string {
  const date = new Date(at);
  return step === "hour"
    ? date
        .toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" })
        .replace(",", "")
    : // Days are those of UTC.
      date.toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
}
