// A dashboard or an alert on a metric that nobody renders shows nothing, and says nothing when it should.
import { readFileSync } from "node:fs";
import path from "node:path";
import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { meanings } from "../gateway/metrics.ts";
import { refusals } from "../gateway/refusals.ts";

const read = (file: string) => readFileSync(path.join(import.meta.dirname, file), "utf8");

/** Metrics that Prometheus makes itself. */
const ofPrometheus = ["up"];
const histograms = ["gateway_seconds", "upstream_seconds"];
const rendered = new Set([
  ...Object.keys(meanings).map((name) => `policylayer_${name}`),
  ...histograms.flatMap((name) => ["bucket", "sum", "count"].map((part) => `policylayer_${name}_${part}`)),
  ...ofPrometheus,
]);
/** What each may be selected and grouped by. */
const labelsOf: Record<string, string[]> = {
  policylayer_decisions_total: ["code"],
  policylayer_outcomes_total: ["outcome"],
  policylayer_http_responses_total: ["status"],
};
const everywhere = ["job", "instance", "le"];

/** @returns What is wrong with an expression: it cannot be read, or names what is not there. */
function troubles(expression: string): string[] {
  // Grafana puts the lengths of time in; to a reader they are durations like others.
  const text = expression.replaceAll("$__rate_interval", "5m");
  const found: string[] = [];
  const labels: string[] = [];
  parser.parse(text).iterate({
    enter: ({ type, from, to }) => {
      const word = text.slice(from, to);
      if (type.isError) found.push(`cannot be read at ${from}: ${text}`);
      if (type.name === "VectorSelector") {
        const name = /^[\w:]+/.exec(word)?.[0] ?? "";
        if (!rendered.has(name)) found.push(`${name} is not rendered`);
        labels.push(...(labelsOf[name] ?? []));
      }
    },
  });
  parser.parse(text).iterate({
    enter: ({ type, from, to }) => {
      const word = text.slice(from, to);
      if (type.name === "LabelName" && ![...everywhere, ...labels].includes(word))
        found.push(`${word} is no label here`);
    },
  });
  return found;
}

describe("the check", () => {
  it.each([
    ["rate(policylayer_decision_total[5m])", "policylayer_decision_total is not rendered"],
    ["sum by (outcome) (rate(policylayer_decisions_total[5m]))", "outcome is no label here"],
    ["sum(rate(policylayer_decisions_total[5m])", "cannot be read"],
  ])("finds what is wrong with %s", (expression, words) => {
    expect(troubles(expression).join()).toContain(words);
  });
});

describe("the dashboard for Grafana", () => {
  type Panel = {
    id: number;
    title: string;
    type: string;
    targets?: { expr: string; refId: string }[];
    gridPos: { x: number; y: number; w: number; h: number };
  };
  const { panels, templating } = JSON.parse(read("grafana/policylayer.json")) as {
    panels: Panel[];
    templating: { list: { name: string }[] };
  };
  const expressions = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const));

  it.each(expressions)("asks in `%s` for what a gateway renders: %s", (_, expression) => {
    expect(troubles(expression)).toEqual([]);
  });

  it("shows every metric that there is", () => {
    const shown = expressions.map(([, expression]) => expression).join("\n");
    const missing = Object.keys(meanings).filter((name) => !new RegExp(`policylayer_${name}(_bucket)?\\b`).test(shown));
    expect(missing).toEqual([]);
  });

  it("uses only variables that it has, and no panel lies over another", () => {
    const known = templating.list.map(({ name }) => name);
    const used = [...JSON.stringify(panels).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name ?? "");
    expect([...new Set(used)].filter((name) => !known.includes(name) && !name.startsWith("__"))).toEqual([]);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });
});

describe("the alerts for Prometheus", () => {
  type Rule = {
    alert: string;
    expr: string;
    for?: string;
    labels: { severity: string };
    annotations: Record<string, string>;
  };
  const { groups } = parse(read("prometheus/alerts.yaml")) as { groups: { name: string; rules: Rule[] }[] };
  const rules = groups.flatMap((group) => group.rules);

  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    "%s asks for what a gateway renders, and says what it means",
    (_, rule) => {
      expect(troubles(rule.expr)).toEqual([]);
      expect(rule.for ?? "0s").toMatch(/^\d+[smh]$/);
      expect(["page", "ticket"]).toContain(rule.labels.severity);
      expect(Object.keys(rule.annotations).sort()).toEqual(["description", "summary"]);
      // What they say an agent hears is what it hears.
      for (const [code] of JSON.stringify(rule.annotations).matchAll(/\b\w+_unavailable\b/g))
        expect(refusals).toHaveProperty(code);
    },
  );

  it("watch whatever makes a gateway refuse every call", () => {
    const all = rules.map(({ expr }) => expr).join("\n");
    for (const name of ["snapshot_fresh", "journal_writable", "counters_available", "record_lag_seconds"])
      expect(all).toContain(`policylayer_${name}`);
  });

  it("know the job by the name that Prometheus is told", () => {
    const { scrape_configs: jobs, rule_files: files } = parse(read("prometheus/prometheus.yaml"));
    const names = [
      ...rules
        .map(({ expr }) => expr)
        .join()
        .matchAll(/job="([^"]+)"/g),
    ].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(jobs.map((job: { job_name: string }) => job.job_name)).toContain(name);
    expect(files).toEqual(["alerts.yaml"]);
  });
});
