// Counted in plain numbers on the way, put into Prometheus' text only when somebody asks.

/** Upper bounds of the histograms' buckets, in seconds. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

type Histogram = { buckets: number[]; sum: number; count: number };

export type Metrics = {
  countDecision(code: string): void;
  countHttp(status: number): void;
  observeCall(gatewayMs: number, upstreamMs: number | null): void;
  /** Streams and calls that a freeze has ended. */
  countFrozenOff(count: number): void;
  /**
   * @param gauges What is true at this moment, by name.
   * @param totals What others have counted since the start, by name.
   */
  render(gauges: Record<string, number>, totals: Record<string, number>): string;
};

export function startMetrics(): Metrics {
  const decisions = new Map<string, number>();
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
    observeCall(gatewayMs, upstreamMs) {
      observe(gateway, gatewayMs / 1_000);
      if (upstreamMs !== null) observe(upstream, upstreamMs / 1_000);
    },
    render(gauges, totals) {
      const lines = ["# TYPE policylayer_decisions_total counter"];
      for (const [code, count] of decisions) lines.push(`policylayer_decisions_total{code="${code}"} ${count}`);
      lines.push("# TYPE policylayer_http_responses_total counter");
      for (const [status, count] of statuses)
        lines.push(`policylayer_http_responses_total{status="${status}"} ${count}`);
      lines.push(...histogramLines("policylayer_gateway_seconds", gateway));
      lines.push(...histogramLines("policylayer_upstream_seconds", upstream));
      for (const [name, value] of Object.entries(gauges)) {
        lines.push(`# TYPE policylayer_${name} gauge`, `policylayer_${name} ${value}`);
      }
      for (const [name, value] of Object.entries({ cut_by_freeze: frozenOff, ...totals })) {
        lines.push(`# TYPE policylayer_${name}_total counter`, `policylayer_${name}_total ${value}`);
      }
      return `${lines.join("\n")}\n`;
    },
  };
}

function histogram(): Histogram {
  return { buckets: bounds.map(() => 0), sum: 0, count: 0 };
}

function observe(into: Histogram, seconds: number): void {
  into.sum += seconds;
  into.count += 1;
  const bucket = bounds.findIndex((bound) => seconds <= bound);
  if (bucket !== -1) into.buckets[bucket] = (into.buckets[bucket] ?? 0) + 1;
}

function histogramLines(name: string, { buckets, sum, count }: Histogram): string[] {
  const lines = [`# TYPE ${name} histogram`];
  let below = 0;
  bounds.forEach((bound, i) => {
    below += buckets[i] ?? 0;
    lines.push(`${name}_bucket{le="${bound}"} ${below}`);
  });
  lines.push(`${name}_bucket{le="+Inf"} ${count}`, `${name}_sum ${sum}`, `${name}_count ${count}`);
  return lines;
}
