import type { Traffic } from "../../policy/starting-points.ts";

const count = new Intl.NumberFormat("en");

/** What was seen of each tool: the evidence for the limits that come from it. */
export function TrafficTable({ traffic }: { traffic: Traffic }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls must be reachable with the keyboard
    <section aria-label="Calls by tool" tabIndex={0} className="max-h-48 overflow-auto rounded-md border">
      <table className="w-full text-sm">
        <caption className="sr-only">
          {count.format(traffic.calls)} calls, by tool, with the most in any minute, hour and day
        </caption>
        <thead className="sticky top-0 bg-raised text-ink-muted text-xs">
          <tr className="text-right [&>th]:px-2.5 [&>th]:py-1.5 [&>th]:font-medium">
            <th scope="col" className="text-left">
              Tool
            </th>
            <th scope="col">Calls</th>
            <th scope="col">Refused</th>
            <th scope="col">Most a minute</th>
            <th scope="col">An hour</th>
            <th scope="col">A day</th>
            <th scope="col">Grants</th>
          </tr>
        </thead>
        <tbody className="divide-y text-right tabular-nums">
          {traffic.tools.map((tool) => (
            <tr key={tool.tool} className="[&>*]:px-2.5 [&>*]:py-1">
              <th scope="row" className="text-left font-medium font-mono text-[0.8125rem] text-ink">
                {tool.tool}
              </th>
              {[tool.calls, tool.refused, tool.perMinuteMax, tool.perHourMax, tool.perDayMax, tool.grants].map(
                (value, column) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the columns never move
                  <td key={column}>{count.format(value)}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
