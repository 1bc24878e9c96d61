// The names again, at a gateway that runs: what the dashboard and the alerts ask for, it renders.
import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../e2e/harness/database.ts";
import { type RunningGateway, startGateway } from "../e2e/harness/processes.ts";

let database: TestDatabase;
let gateway: RunningGateway;

beforeAll(async () => {
  database = await freshDatabase();
  // Spans are counted only where there is somebody to send them to.
  gateway = await startGateway({
    databaseUrl: database.url,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" },
  });
});

afterAll(async () => {
  await gateway?.stop();
  await database?.drop();
});

it.each(["grafana/policylayer.json", "prometheus/alerts.yaml"])(
  "%s names only metrics that a gateway renders",
  async (file) => {
    const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    const rendered = new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name));
    const named = readFileSync(path.join(import.meta.dirname, file), "utf8").match(/policylayer_\w+/g) ?? [];
    expect(named.length).toBeGreaterThan(8);
    const missing = named.filter((name) => !rendered.has(name) && !rendered.has(name.replace(/_bucket$/, "")));
    expect([...new Set(missing)]).toEqual([]);
  },
);
