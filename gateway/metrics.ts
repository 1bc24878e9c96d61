// Counted in plain numbers on the way, put into Prometheus' text or OTLP only when somebody asks.

/** Upper bounds of the histograms' buckets, in seconds. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

type Histogram = { buckets: number[]; sum: number; count: number };

/** One metric at one moment. `buckets` has one more than `bounds`: what is above the last. */
export type Metric = { name: string; help: string } & (
  | { kind: "counter" | "gauge"; points: { labels: Record<string, string>; value: number }[] }
  | { kind: "histogram"; bounds: readonly number[]; buckets: number[]; sum: number; count: number }
);

export type Metrics = {
  countDecision(code: string): void;
  countHttp(status: number): void;
  /** What came of a call that was let through, and how long it took. */
  observeCall(outcome: string, gatewayMs: number, upstreamMs: number | null): void;
  /** Streams and calls that a freeze has ended. */
  countFrozenOff(count: number): void;
  /**
   * @param gauges What is true at this moment, by name.
   * @param totals What others have counted since the start, by name.
   */
  collect(gauges: Record<string, number>, totals: Record<string, number>): Metric[];
};

/** What each metric means, by its name without `policylayer_`. A new one does not go without. */
export const meanings: Record<string, string> = {
  decisions_total: "Decided calls, by the decision's code.",
  outcomes_total: "What came of the calls that were let through.",
  http_responses_total: "HTTP answers, by status.",
  gateway_seconds: "What the gateway adds to a call.",
  upstream_seconds: "What the server takes for a call.",
  open_streams: "Answers that are streamed at this moment.",
  exchanges_under_way: "Requests that a server has not finished.",
  frozen_organisations: "Organisations that are frozen.",
  frozen_servers: "Servers that are frozen.",
  frozen_grants: "Grants that are frozen.",
  cut_by_freeze_total: "Streams and calls that a freeze has ended.",
  held_calls: "Calls that wait on an open request for a person.",
  upstream_processes: "Commands that run.",
  snapshot_fresh: "1 while the configuration may decide calls.",
  snapshot_epoch: "The number of the configuration in force.",
  journal_writable: "1 while decisions can be written down.",
  counters_available: "1 while limits can be counted.",
  changes_unwritten: "Seen changes of definitions that Postgres does not have yet.",
  record_pending: "Records of the journal that Postgres does not have yet.",
  record_lag_seconds: "Age of the oldest of them.",
  record_shipped: "Records that Postgres has taken since the start.",
  record_rejected: "Records that Postgres cannot take.",
  telemetry_lag_seconds: "Age of the oldest span that the collector has not taken.",
  telemetry_sent_total: "Spans that the collector has taken.",
  telemetry_dropped_total: "Spans that the collector will not take, or that it was away too long for.",
  upstream_skipped_lines_total: "Lines of commands that were no messages.",
  upstream_dropped_messages_total: "Messages of commands that nobody waited for.",
  upstream_restarts_total: "Commands that ended by themselves.",
};

export function startMetrics(): Metrics {
  const decisions = new Map<string, number>();
  const outcomes = new Map<string, number>();
  const statuses = new Map<number, number>();
  const gateway = histogram();
  const upstream = histogram();
  let frozenOff = 0;
  return {
    countDecision: (code) => decisions.set(code, (decisions.get(code) ?? 0) + 1),
    countHttp: (status) => statuses.set(status, (statuses.get(status) ?? 0) + 1),
    countFrozenOff: (count) => {
      frozenOff += count;
    },
    observeCall(outcome, gatewayMs, upstreamMs) {
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      observe(gateway, gatewayMs / 1_000);
      if (upstreamMs !== null) observe(upstream, upstreamMs / 1_000);
    },
    collect(gauges, totals) {
      const single = (value: number) => [{ labels: {}, value }];
      const named = (name: string) => ({ name: `policylayer_${name}`, help: meanings[name] ?? "" });
      const spread = (histogram: Histogram) => ({
        ...{ kind: "histogram" as const, bounds, sum: histogram.sum, count: histogram.count },
        buckets: [...histogram.buckets],
      });
      return [
        {
          ...named("decisions_total"),
          kind: "counter",
          points: [...decisions].map(([code, value]) => ({ labels: { code }, value })),
        },
        {
          ...named("outcomes_total"),
          kind: "counter",
          points: [...outcomes].map(([outcome, value]) => ({ labels: { outcome }, value })),
        },
        {
          ...named("http_responses_total"),
          kind: "counter",
          points: [...statuses].map(([status, value]) => ({ labels: { status: String(status) }, value })),
        },
        { ...named("gateway_seconds"), ...spread(gateway) },
        { ...named("upstream_seconds"), ...spread(upstream) },
        ...Object.entries(gauges).map(([name, value]) => ({
          ...named(name),
          kind: "gauge" as const,
          points: single(value),
        })),
        ...Object.entries({ cut_by_freeze: frozenOff, ...totals }).map(([name, value]) => ({
          ...named(`${name}_total`),
          kind: "counter" as const,
          points: single(value),
        })),
      ];
    },
  };
}

function histogram(): Histogram {
  return { buckets: new Array<number>(bounds.length + 1).fill(0), sum: 0, count: 0 };
}

function observe(into: Histogram, seconds: number): void {
  into.sum += seconds;
  into.count += 1;
  const found = bounds.findIndex((bound) => seconds <= bound);
  const bucket = found === -1 ? bounds.length : found;
  into.buckets[bucket] = (into.buckets[bucket] ?? 0) + 1;
}

/** The text format of Prometheus, version 0.0.4. */
export function prometheusText(metrics: readonly Metric[]): string {
  const lines: string[] = [];
  for (const metric of metrics) {
    const { name, help, kind } = metric;
    if (help !== "") lines.push(`# HELP ${name} ${help}`);
    lines.push(`# TYPE ${name} ${kind}`);
    if (metric.kind === "histogram") lines.push(...histogramLines(metric));
    else for (const { labels, value } of metric.points) lines.push(`${name}${labelText(labels)} ${value}`);
  }
  return `${lines.join("\n")}\n`;
}

function labelText(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, "")}"`);
  return pairs.length === 0 ? "" : `{${pairs.join()}}`;
}

function histogramLines(metric: Extract<Metric, { kind: "histogram" }>): string[] {
  const { name, buckets, sum, count } = metric;
  let below = 0;
  const lines = metric.bounds.map((bound, i) => {
    below += buckets[i] ?? 0;
    return `${name}_bucket{le="${bound}"} ${below}`;
  });
  return [...lines, `${name}_bucket{le="+Inf"} ${count}`, `${name}_sum ${sum}`, `${name}_count ${count}`];
}
