import { Badge } from "@/components/ui/badge.tsx";
import type { ExchangeDemonstration } from "../../../../catalog/attacks/attack.ts";

/** What is sent and what is answered. The numbers are those that a test gets from a real gateway. */
export function Exchanges({ demonstration }: { demonstration: ExchangeDemonstration }) {
  return (
    <ol className="divide-y overflow-hidden rounded-lg border bg-surface">
      {demonstration.exchanges.map(({ id, about, sent, status, answer }) => (
        <li key={id} className="grid gap-1.5 px-4 py-3 text-sm">
          <p className="font-medium">{about}</p>
          <ul className="grid gap-0.5 font-mono text-ink-muted text-xs">
            {sent.map((line) => (
              <li key={line} className="[overflow-wrap:anywhere]">
                {line}
              </li>
            ))}
          </ul>
          <p className="flex flex-wrap items-baseline gap-x-2 gap-y-1 text-ink-muted">
            <Badge tone={status < 300 ? "ok" : "danger"} className="self-center font-mono">
              {status}
            </Badge>
            {answer}
          </p>
        </li>
      ))}
    </ol>
  );
}
