// A real gateway and a collector that goes away and comes back: every call is a span, once, and the caller's trace goes on.
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { freshDatabase, type TestDatabase } from "../e2e/harness/database.ts";
import { type GrantRow, openHouse, type TestHouse } from "../e2e/harness/house.ts";
import { type RunningGateway, startGateway } from "../e2e/harness/processes.ts";

type Span = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: { stringValue?: string; intValue?: string } }[];
};

let database: TestDatabase;
let house: TestHouse;
let gateway: RunningGateway;
let grant: GrantRow;

/** What the collector answers, and what it has taken. */
let status = 200;
let asked = 0;
const spans: Span[] = [];
const metricNames = new Set<string>();
let lastHeaders: Record<string, unknown> = {};
const collector = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString());
  if (request.url === "/base/v1/traces") {
    asked += 1;
    lastHeaders = request.headers;
    if (status === 200) {
      for (const { scopeSpans } of body.resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans);
    }
  } else if (request.url === "/base/v1/metrics") {
    for (const { scopeMetrics } of body.resourceMetrics)
      for (const { metrics } of scopeMetrics) for (const { name } of metrics) metricNames.add(name);
  }
  response.writeHead(status, { "content-type": "application/json" }).end("{}");
});

/** The `traceparent` of each request that reached the server. */
const arrived: (string | undefined)[] = [];
const bodies: string[] = [];
const upstream = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  arrived.push(request.headers.traceparent as string | undefined);
  bodies.push(Buffer.concat(chunks).toString());
  response.writeHead(200, { "content-type": "application/json" });
  response.end('{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"done"}]}}');
});

const start = (dataDir?: string) =>
  startGateway({
    databaseUrl: database.url,
    ...(dataDir === undefined ? {} : { dataDir }),
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}/base/`,
      OTEL_EXPORTER_OTLP_HEADERS: "x-key=a%20key,other=1",
      OTEL_METRIC_EXPORT_INTERVAL: "300",
    },
  });

beforeAll(async () => {
  database = await freshDatabase();
  house = await openHouse(database.url);
  for (const server of [collector, upstream]) await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  gateway = await start();
  const serverId = await house.addServer({
    url: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/`,
    tools: { echo: "Read", drop: "Destructive" },
  });
  const policyId = await house.addPolicy(serverId, { version: "1", default: "deny", tools: { echo: {} } });
  grant = await house.addGrant(serverId, policyId);
  await vi.waitFor(async () => expect(await call("echo")).toContain("done"), 10_000);
});

afterAll(async () => {
  await gateway?.stop();
  if (gateway) await rm(gateway.dataDir, { recursive: true, force: true });
  for (const server of [collector, upstream]) {
    server.closeAllConnections();
    server.close();
  }
  await house?.close();
  await database?.drop();
});

async function call(name: string, headers: Record<string, string> = {}, meta?: object): Promise<string> {
  const modern = meta !== undefined;
  const params = { name, arguments: {}, ...(modern ? { _meta: meta } : {}) };
  const response = await fetch(`${gateway.url}${grant.path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${grant.token}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
  });
  return response.text();
}

const attribute = (span: Span, key: string) => span.attributes.find((one) => one.key === key)?.value;
const callSpans = () => spans.filter(({ name }) => name !== "upstream");
const trace = (n: number) => `00-${String(n).padStart(32, "0")}-${"b7ad6b7169203331"}-01`;

describe("a call", () => {
  it("is a span of its caller's trace, with the server's time inside, and the trace goes on unchanged", async () => {
    await call("echo", { traceparent: trace(7) });
    await call("drop", { traceparent: trace(8) });
    const inTrace = (n: number) => spans.filter(({ traceId }) => traceId === String(n).padStart(32, "0"));
    await expect.poll(() => [inTrace(7).length, inTrace(8).length]).toEqual([2, 1]);
    const [own, inner] = inTrace(7);
    expect(own).toMatchObject({ name: "tools/call echo", parentSpanId: "b7ad6b7169203331" });
    expect(inner).toMatchObject({ name: "upstream", parentSpanId: own?.spanId });
    expect(BigInt(own?.endTimeUnixNano ?? 0)).toBeGreaterThanOrEqual(BigInt(own?.startTimeUnixNano ?? 0));
    const [refused] = inTrace(8);
    if (refused) expect(attribute(refused, "policylayer.decision.code")).toEqual({ stringValue: "default_deny" });
    expect(arrived).toContain(trace(7));
    await expect
      .poll(
        async () => (await house.client.query('SELECT "traceparent" FROM "Call" WHERE "traceparent" IS NOT NULL')).rows,
      )
      .toEqual([{ traceparent: trace(7) }, { traceparent: trace(8) }]);
    expect(lastHeaders).toMatchObject({ "x-key": "a key", other: "1" });
  });

  it("may bring its trace in the message, in 2026-07-28", async () => {
    const meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28", traceparent: trace(9) };
    const headers = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "echo" };
    await call("echo", headers, {
      ...meta,
      "io.modelcontextprotocol/clientInfo": { name: "t", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
    });
    await expect.poll(() => spans.filter(({ traceId }) => traceId === "9".padStart(32, "0")).length).toBe(2);
    expect(bodies.at(-1)).toContain(trace(9));
  });

  it.each(["nonsense", `00-${"0".repeat(32)}-b7ad6b7169203331-01`])(
    "without a trace (%s) begins one",
    async (traceparent) => {
      const before = callSpans().length;
      await call("echo", { traceparent });
      await expect.poll(() => callSpans().length).toBe(before + 1);
      const span = callSpans().at(-1);
      expect(span?.parentSpanId).toBeUndefined();
      expect(attribute(span as Span, "policylayer.decision.id")?.stringValue?.replaceAll("-", "")).toBe(span?.traceId);
    },
  );
});

describe("a collector that goes away", () => {
  it("loses nothing and gets nothing twice, also when the gateway is killed meanwhile", async () => {
    await expect.poll(() => callSpans().length).toBeGreaterThan(4);
    const before = new Set(callSpans().map(({ spanId }) => spanId)).size;
    status = 503;
    const askedBefore = asked;
    for (let i = 0; i < 40; i++) await call(i % 2 ? "echo" : "drop");
    await expect.poll(() => asked).toBeGreaterThan(askedBefore);
    await gateway.kill9();
    gateway = await start(gateway.dataDir);
    await expect.poll(() => call("echo")).toContain("done");
    for (let i = 0; i < 10; i++) await call("echo");
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    expect(Number(/policylayer_telemetry_lag_seconds ([\d.]+)/.exec(metrics)?.[1])).toBeGreaterThan(0);
    status = 200;
    await expect.poll(() => callSpans().length, { timeout: 40_000 }).toBeGreaterThanOrEqual(before + 51);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const ids = callSpans().map(({ spanId }) => spanId);
    expect(ids).toHaveLength(new Set(ids).size);
    const onRecord = async () =>
      (await house.client.query('SELECT count(*)::int AS "calls" FROM "Call"')).rows[0].calls;
    await expect.poll(onRecord).toBe(ids.length);
  });

  it("gets the same figures that Prometheus does", async () => {
    const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    await expect.poll(() => names.filter((name) => !metricNames.has(name ?? ""))).toEqual([]);
    // Each says what it means.
    expect(names.filter((name) => !text.includes(`# HELP ${name} `))).toEqual([]);
  });
});
