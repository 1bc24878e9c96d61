import { useId } from "react";
import { ChartTable } from "./chart-table.tsx";
import { milliseconds } from "./milliseconds.ts";

type Percentiles = { calls: number; p50: number | null; p95: number | null; p99: number | null };
type Bucket = { from: number; to: number | null; count: number };

const height = 60;
const barWidth = 10;

/** How long something took: three percentiles, and how the calls spread between short and long. */
export function Spread({
  label,
  percentiles,
  buckets,
}: {
  label: string;
  percentiles: Percentiles;
  buckets: readonly Bucket[];
}) {
  const titleId = useId();
  const shown = trimmed(buckets);
  const most = Math.max(1, ...shown.map(({ count }) => count));
  return (
    <figure className="grid min-w-0 gap-2">
      <figcaption className="font-medium text-sm">{label}</figcaption>
      <dl className="flex flex-wrap gap-x-6 gap-y-1 text-sm tabular-nums">
        {(["p50", "p95", "p99"] as const).map((name) => (
          <div key={name} className="flex items-baseline gap-1.5">
            <dt className="text-ink-muted text-xs">{name}</dt>
            <dd className="font-medium text-ink">
              {percentiles[name] === null ? "–" : milliseconds(percentiles[name] ?? 0)}
            </dd>
          </div>
        ))}
      </dl>
      {shown.length > 0 && (
        <>
          <svg
            role="img"
            aria-labelledby={titleId}
            viewBox={`0 0 ${shown.length * barWidth} ${height}`}
            preserveAspectRatio="none"
            className="h-16 w-full border-line border-b"
          >
            <title id={titleId}>{`${label}: ${percentiles.calls.toLocaleString("en")} calls, by how long`}</title>
            {shown.map(({ from, to, count }, index) => (
              <rect
                key={from}
                x={index * barWidth + 0.5}
                y={height - Math.max((count / most) * (height - 2), count > 0 ? 0.75 : 0)}
                width={barWidth - 1}
                height={Math.max((count / most) * (height - 2), count > 0 ? 0.75 : 0)}
                className="fill-accent"
              >
                <title>{`${range(from, to)}: ${count}`}</title>
              </rect>
            ))}
          </svg>
          <div aria-hidden="true" className="flex justify-between text-2xs text-ink-muted tabular-nums">
            <span>{milliseconds(shown[0]?.from ?? 0)}</span>
            <span>{milliseconds(shown.at(-1)?.to ?? shown.at(-1)?.from ?? 0)}</span>
          </div>
          <ChartTable
            label={label}
            head={["Took", "Calls"]}
            rows={shown.map(({ from, to, count }) => [range(from, to), count])}
          />
        </>
      )}
    </figure>
  );
}

/** Without the empty ends. */
function trimmed(buckets: readonly Bucket[]): Bucket[] {
  const first = buckets.findIndex(({ count }) => count > 0);
  return first < 0 ? [] : buckets.slice(first, buckets.findLastIndex(({ count }) => count > 0) + 1);
}

function range(from: number, to: number | null): string {
  return to === null ? `${milliseconds(from)} or more` : `${milliseconds(from)} to ${milliseconds(to)}`;
}
