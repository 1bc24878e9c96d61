// Calls as spans and figures as metrics, in OTLP's JSON encoding (opentelemetry-proto 1, over HTTP).
import { createHash } from "node:crypto";
import type { DecisionRecord, OutcomeRecord } from "./journal.ts";
import type { Metric } from "./metrics.ts";

/** What a span needs of a decision. */
export type Traced = Pick<
  DecisionRecord,
  | "id"
  | "at"
  | "organisationId"
  | "serverId"
  | "grantId"
  | "tool"
  | "policyId"
  | "policyVersion"
  | "code"
  | "rule"
  | "wouldDeny"
  | "clientName"
  | "gatewayMs"
> & { approvalId?: string; traceparent?: string };

export function tracedOf(record: DecisionRecord): Traced {
  const { id, at, organisationId, serverId, grantId, tool, policyId, policyVersion, code, rule } = record;
  const { wouldDeny, clientName, gatewayMs, approvalId, traceparent } = record;
  return {
    ...{ id, at, organisationId, serverId, grantId, tool, policyId, policyVersion, code, rule },
    ...{ wouldDeny, clientName, gatewayMs },
    ...(approvalId === undefined ? {} : { approvalId }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

const traceparentForm = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

/** A `traceparent` as W3C has it; null when it is none. */
export function readTraceparent(text: string | null): { traceId: string; spanId: string; sampled: boolean } | null {
  const [, traceId, spanId, flags] = traceparentForm.exec(text ?? "") ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export type Span = Record<string, unknown>;

/**
 * One span for the call and, when it was forwarded, one inside for the server. Their ids follow from the decision's, so that what
 * is sent twice is the same span. None when the caller's own trace is not sampled.
 */
export function spansOf(decision: Traced, outcome: OutcomeRecord | null): Span[] {
  const parent = readTraceparent(decision.traceparent ?? null);
  if (parent !== null && !parent.sampled) return [];
  const hex = decision.id.replaceAll("-", "");
  const traceId = parent?.traceId ?? hex;
  const spanId = hex.slice(16);
  const endedAt = outcome?.at ?? decision.at;
  const isError = outcome !== null && failed.has(outcome.outcome);
  const call: Span = {
    traceId,
    spanId,
    ...(parent === null ? {} : { parentSpanId: parent.spanId }),
    name: decision.tool === null ? "tools/call" : `tools/call ${decision.tool}`,
    kind: 2,
    startTimeUnixNano: nanos(decision.at - (outcome === null ? (decision.gatewayMs ?? 0) : 0)),
    endTimeUnixNano: nanos(endedAt),
    attributes: attributes({
      "mcp.method.name": "tools/call",
      "gen_ai.tool.name": decision.tool,
      "policylayer.decision.id": decision.id,
      "policylayer.decision.code": decision.code,
      "policylayer.decision.rule": decision.rule,
      "policylayer.decision.trial": decision.wouldDeny || null,
      "policylayer.organisation.id": decision.organisationId,
      "policylayer.server.id": decision.serverId,
      "policylayer.grant.id": decision.grantId,
      "policylayer.policy.id": decision.policyId,
      "policylayer.policy.version": decision.policyVersion,
      "policylayer.approval.id": decision.approvalId ?? null,
      "policylayer.client.name": decision.clientName,
      "policylayer.outcome": outcome?.outcome ?? null,
    }),
    status: isError ? { code: 2, message: outcome.outcome } : {},
  };
  if (outcome?.upstreamMs == null) return [call];
  const upstream: Span = {
    traceId,
    spanId: createHash("sha256").update(`${decision.id} upstream`).digest("hex").slice(0, 16),
    parentSpanId: spanId,
    name: "upstream",
    kind: 3,
    startTimeUnixNano: nanos(Math.max(decision.at, endedAt - outcome.upstreamMs)),
    endTimeUnixNano: nanos(endedAt),
    attributes: attributes({ "http.response.status_code": outcome.upstreamStatus }),
    status: isError ? { code: 2, message: outcome.outcome } : {},
  };
  return [call, upstream];
}

const failed: ReadonlySet<string> = new Set(["tool_error", "upstream_error", "not_sent", "unknown"]);

type Value = string | number | boolean | null;

function attributes(values: Record<string, Value>): object[] {
  return Object.entries(values).flatMap(([key, value]): object[] => {
    if (value === null) return [];
    if (typeof value === "number") return [{ key, value: { intValue: String(Math.round(value)) } }];
    return [{ key, value: typeof value === "boolean" ? { boolValue: value } : { stringValue: value } }];
  });
}

function nanos(ms: number): string {
  return String(BigInt(Math.round(ms * 1_000)) * 1_000n);
}

/** Who sends: `service.name` may be set with OTEL_SERVICE_NAME. */
export type Sender = { serviceName: string; instanceId: string };

const resourceOf = ({ serviceName, instanceId }: Sender) => ({
  attributes: attributes({ "service.name": serviceName, "service.instance.id": instanceId }),
});
const scope = { name: "policylayer" };

/** The body of `POST /v1/traces`. */
export function tracesBody(sender: Sender, spans: readonly Span[]): string {
  return JSON.stringify({ resourceSpans: [{ resource: resourceOf(sender), scopeSpans: [{ scope, spans }] }] });
}

/** The body of `POST /v1/metrics`. Counters and histograms are cumulative since the start. */
export function metricsBody(sender: Sender, metrics: readonly Metric[], startedAt: number, now: number): string {
  const times = { startTimeUnixNano: nanos(startedAt), timeUnixNano: nanos(now) };
  const rendered = metrics.map((metric) => {
    const { name, help: description } = metric;
    if (metric.kind === "histogram") {
      const { bounds, buckets, sum, count } = metric;
      const point = { ...times, explicitBounds: bounds, bucketCounts: buckets.map(String), sum, count: String(count) };
      return { name, description, unit: "s", histogram: { aggregationTemporality: 2, dataPoints: [point] } };
    }
    const dataPoints = metric.points.map(({ labels, value }) => ({
      ...times,
      attributes: attributes(labels),
      asDouble: value,
    }));
    if (metric.kind === "gauge") return { name, description, gauge: { dataPoints } };
    return { name, description, sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints } };
  });
  const scopeMetrics = [{ scope, metrics: rendered }];
  return JSON.stringify({ resourceMetrics: [{ resource: resourceOf(sender), scopeMetrics }] });
}
