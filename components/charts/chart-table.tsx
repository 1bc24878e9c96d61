/** The numbers of a chart, for whoever cannot or does not want to look at it. */
export function ChartTable({
  label,
  head,
  rows,
}: {
  label: string;
  head: readonly string[];
  rows: readonly (readonly (string | number)[])[];
}) {
  return (
    <details>
      <summary className="w-fit cursor-pointer rounded text-ink-muted text-xs hover:text-ink">
        As a table<span className="sr-only">: {label}</span>
      </summary>
      <section
        aria-label={`${label}, as a table`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        tabIndex={0}
        className="mt-1 max-h-64 overflow-auto rounded-md border"
      >
        <table className="w-full text-left text-xs tabular-nums">
          <caption className="sr-only">{label}</caption>
          <thead className="sticky top-0 bg-raised text-ink-muted">
            <tr>
              {head.map((name) => (
                <th key={name} scope="col" className="px-2.5 py-1 font-medium">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y">
            {rows.map(([first = "", ...rest]) => (
              <tr key={String(first)}>
                <th scope="row" className="whitespace-nowrap px-2.5 py-1 font-normal text-ink">
                  {first}
                </th>
                {rest.map((value, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns never move
                  <td key={index} className="px-2.5 py-1 text-ink">
                    {typeof value === "number" ? value.toLocaleString("en") : value}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
