import type { CallAnswer } from "@/app/api/v1/schemas.ts";
import { milliseconds } from "@/components/charts/milliseconds.ts";
import { Card, CardBody, CardHeader } from "@/components/ui/card.tsx";
import { outcomeWords } from "../filters.ts";

/** What came of it and how long it took, as bars of one scale. */
export function TimingCard({ call }: { call: CallAnswer }) {
  const { gatewayMs, upstreamMs } = call;
  const most = Math.max(gatewayMs ?? 0, upstreamMs ?? 0);
  return (
    <Card>
      <CardHeader title="What came of it" />
      <CardBody className="grid gap-3 text-sm">
        <p>
          {outcomeWords[call.outcome] ?? call.outcome}
          {call.upstreamStatus !== null && <span className="text-ink-muted"> · HTTP {call.upstreamStatus}</span>}
        </p>
        {gatewayMs === null && upstreamMs === null ? (
          <p className="text-ink-muted">How long it took was not measured.</p>
        ) : (
          <dl className="grid gap-2.5">
            <Bar term="In the gateway" value={gatewayMs} most={most} tone="bg-accent" />
            <Bar term="On the server" value={upstreamMs} most={most} tone="bg-ok" />
          </dl>
        )}
      </CardBody>
    </Card>
  );
}

function Bar({ term, value, most, tone }: { term: string; value: number | null; most: number; tone: string }) {
  if (value === null) return null;
  return (
    <div className="grid grid-cols-[1fr_auto] gap-x-3 gap-y-1">
      <dt className="text-ink-muted">{term}</dt>
      <dd className="contents">
        <span className="tabular-nums">{milliseconds(value)}</span>
        <span aria-hidden="true" className="col-span-2 h-2 overflow-hidden rounded-full bg-raised">
          <span
            className={`block h-full rounded-full ${tone}`}
            style={{ width: `${most === 0 ? 0 : Math.max(1, (value / most) * 100)}%` }}
          />
        </span>
      </dd>
    </div>
  );
}
