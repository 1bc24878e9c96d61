"use client";
import { ChartColumn } from "lucide-react";
import Link from "next/link";
import { troubleIn } from "@/app/_client/api.ts";
import { type Period, periods, useCallStats } from "@/app/_client/call-queries.ts";
import type { CallStats } from "@/app/api/v1/call-schemas.ts";
import { milliseconds } from "@/components/charts/milliseconds.ts";
import { RankedBars } from "@/components/charts/ranked-bars.tsx";
import { Spread } from "@/components/charts/spread.tsx";
import { type Series, TimeBars } from "@/components/charts/time-bars.tsx";
import { decisionLook } from "@/components/decision-badge.tsx";
import { Card, CardBody, CardHeader } from "@/components/ui/card.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { ErrorState } from "@/components/ui/error-state.tsx";
import { Select } from "@/components/ui/select.tsx";
import { SkeletonRows } from "@/components/ui/skeleton.tsx";
import { useUrlState } from "../use-url-state.ts";

const series: readonly Series<"passed" | "errors" | "asked" | "refused">[] = [
  { key: "passed", label: "Allowed", fill: "fill-ok", box: "bg-ok" },
  { key: "errors", label: "Allowed, then an error", fill: "fill-high", box: "bg-high" },
  { key: "asked", label: "Asked a person", fill: "fill-hold", box: "bg-hold" },
  { key: "refused", label: "Refused", fill: "fill-danger-solid", box: "bg-danger-solid" },
];

/** Figures about the calls of a time, of the organisation or of one server. */
export function CallFigures({
  serverId,
  compact = false,
}: {
  serverId?: string /** Without what the page says anyway. */;
  compact?: boolean;
}) {
  const [wanted, setPeriod] = useUrlState("period");
  const period: Period = wanted in periods ? (wanted as Period) : "24h";
  const stats = useCallStats(period, serverId === undefined ? {} : { serverId });
  return (
    <section aria-label="Figures" className="grid gap-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="text-ink-muted text-sm tabular-nums" role="status">
          {stats.data ? totalWords(stats.data) : "\u00a0"}
        </p>
        <Select
          aria-label="Period"
          className="w-40"
          value={period}
          onValueChange={(value) => setPeriod(value === "24h" ? "" : value)}
          options={Object.entries(periods).map(([value, { label }]) => ({ value, label }))}
        />
      </div>
      {stats.isPending && (
        <Card>
          <SkeletonRows label="Loading the figures" rows={6} />
        </Card>
      )}
      {stats.isError && !stats.data && (
        <ErrorState
          title="The figures could not be loaded"
          detail={troubleIn(stats.error).detail}
          onRetry={() => void stats.refetch()}
        />
      )}
      {stats.data && stats.data.totals.calls === 0 && (
        <Card>
          <EmptyState icon={<ChartColumn />} title="No calls in this time">
            Choose a longer time, or let an agent call a tool through its gateway URL.
          </EmptyState>
        </Card>
      )}
      {stats.data && stats.data.totals.calls > 0 && (
        <Figures stats={stats.data} serverId={serverId} compact={compact} />
      )}
    </section>
  );
}

function Figures({ stats, serverId, compact }: { stats: CallStats; serverId: string | undefined; compact: boolean }) {
  const points = stats.over.map(({ at, calls, refused, asked, errors }) => ({
    at,
    refused,
    asked,
    errors,
    passed: Math.max(0, calls - refused - asked - errors),
  }));
  const log = (filters: Record<string, string>) =>
    `/calls?${new URLSearchParams({ ...(serverId === undefined ? {} : { serverId }), ...filters, from: stats.from })}`;
  const link = "rounded text-accent underline-offset-4 hover:underline";
  return (
    <>
      <Card>
        <CardHeader title="Calls over time" />
        <CardBody>
          <TimeBars label="Calls over time" points={points} series={series} step={stats.step} />
        </CardBody>
      </Card>
      <div className="grid gap-4 lg:grid-cols-2">
        <Card>
          <CardHeader
            title="What refused or asked the most"
            description="With what a policy that is only watched would have refused."
          />
          <CardBody>
            {stats.rules.length === 0 ? (
              <p className="text-ink-muted text-sm">Nothing was refused, and nobody was asked.</p>
            ) : (
              <RankedBars
                label="What refused or asked the most"
                tone="danger"
                rows={stats.rules.map(({ policyId, policyName, rule, code, calls }) => ({
                  key: `${policyId} ${rule} ${code}`,
                  label: (
                    <Link
                      href={log({ rule, code, ...(policyId ? { policyId } : {}) })}
                      className={`${link} font-mono text-xs`}
                    >
                      {rule}
                    </Link>
                  ),
                  about: [decisionLook(code).label, policyName].filter(Boolean).join(" · "),
                  value: calls,
                }))}
              />
            )}
          </CardBody>
        </Card>
        <Card>
          <CardHeader title="What was called the most" />
          <CardBody>
            {stats.tools.length === 0 ? (
              <p className="text-ink-muted text-sm">No tool of a server was called.</p>
            ) : (
              <RankedBars
                label="What was called the most"
                tone="accent"
                partWords="refused"
                rows={stats.tools.map((tool) => ({
                  key: `${tool.serverId} ${tool.tool}`,
                  label: (
                    <Link
                      href={log({ tool: tool.tool, serverId: tool.serverId })}
                      className={`${link} font-mono text-xs`}
                    >
                      {tool.tool}
                    </Link>
                  ),
                  ...(serverId === undefined ? { about: tool.serverName ?? "deleted server" } : {}),
                  value: tool.calls,
                  part: tool.refused,
                }))}
              />
            )}
          </CardBody>
        </Card>
      </div>
      <Card>
        <CardHeader title="How long it took" description="Estimated from how many calls took how long, in ranges." />
        <CardBody className="grid gap-6 sm:grid-cols-2">
          <Spread
            label="Added by the gateway"
            percentiles={stats.latency.gateway}
            buckets={bucketsOf(stats, "gateway")}
          />
          <Spread
            label="Taken by the server"
            percentiles={stats.latency.upstream}
            buckets={bucketsOf(stats, "upstream")}
          />
        </CardBody>
      </Card>
      {serverId === undefined && !compact && <Servers stats={stats} />}
      {serverId === undefined && compact && stats.servers.length > 1 && <Servers stats={stats} />}
    </>
  );
}

function Servers({ stats }: { stats: CallStats }) {
  const cell = "px-4 py-2 text-right tabular-nums";
  return (
    <Card>
      <CardHeader title="By server" />
      <section
        aria-label="Calls by server"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        tabIndex={0}
        className="overflow-x-auto"
      >
        <table className="w-full border-t text-sm">
          <thead className="text-ink-muted text-xs">
            <tr>
              <th scope="col" className="px-4 py-2 text-left font-medium">
                Server
              </th>
              {["Calls", "Refused", "Asked", "Errors", "Added, p95"].map((name) => (
                <th key={name} scope="col" className="whitespace-nowrap px-4 py-2 text-right font-medium">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y border-t">
            {stats.servers.map((server) => (
              <tr key={server.serverId}>
                <th scope="row" className="max-w-56 truncate px-4 py-2 text-left font-medium">
                  {server.name === null ? (
                    <span className="text-ink-muted">deleted server</span>
                  ) : (
                    <Link href={`/servers/${server.serverId}?tab=figures`} className="rounded hover:underline">
                      {server.name}
                    </Link>
                  )}
                </th>
                <td className={cell}>{server.calls.toLocaleString("en")}</td>
                <td className={cell}>{server.refused.toLocaleString("en")}</td>
                <td className={cell}>{server.asked.toLocaleString("en")}</td>
                <td className={cell}>{server.errors.toLocaleString("en")}</td>
                <td className={cell}>{server.gateway.p95 === null ? "–" : milliseconds(server.gateway.p95)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Card>
  );
}

function bucketsOf({ latency }: CallStats, of: "gateway" | "upstream") {
  return latency.buckets.map((bucket) => ({ from: bucket.from, to: bucket.to, count: bucket[of] }));
}

function totalWords({ totals: { calls, refused, asked, errors, trials } }: CallStats): string {
  const number = (n: number) => n.toLocaleString("en");
  const parts = [`${number(calls)} ${calls === 1 ? "call" : "calls"}`, `${number(refused)} refused`];
  if (asked > 0) parts.push(`${number(asked)} asked a person`);
  if (errors > 0) parts.push(`${number(errors)} ended in an error`);
  if (trials > 0) parts.push(`${number(trials)} would have been refused by a policy that is only watched`);
  return parts.join(" · ");
}
