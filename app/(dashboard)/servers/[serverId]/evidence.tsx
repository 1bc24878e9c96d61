import type { ToolAnswer } from "@/app/api/v1/schemas.ts";

/** Why the classifier says what it says: the words of the definition. */
export function Evidence({ tool }: { tool: Pick<ToolAnswer, "classified" | "confidence" | "signals"> }) {
  return (
    <div className="grid gap-1.5">
      <h2 className="font-medium text-sm">
        Why {tool.classified.category}{" "}
        <span className="font-normal text-ink-muted tabular-nums">
          · {tool.classified.severity} risk · confidence {Math.round(tool.confidence * 100)} %
        </span>
      </h2>
      {tool.signals.length === 0 ? (
        <p className="text-ink-muted text-sm">
          Nothing in the definition says what this tool does, so it counts as high risk.
        </p>
      ) : (
        <ul className="grid gap-1">
          {tool.signals.map((signal) => (
            <li
              key={`${signal.id} ${signal.source} ${signal.quote}`}
              className="flex flex-wrap items-baseline gap-x-2 gap-y-0.5 text-sm"
            >
              <q className="min-w-0 break-words rounded bg-warn-soft px-1 font-mono text-ink text-xs">{signal.quote}</q>
              <span className="text-ink-muted text-xs">
                in the {signal.source} speaks for {signal.category}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
