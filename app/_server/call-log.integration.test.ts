import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../../e2e/harness/database.ts";
import { sealCallArguments } from "../../prisma/call-arguments.ts";
import { database } from "../../prisma/client.ts";
import type { CallAnswer, CallFilters } from "../api/v1/schemas.ts";
import { bucketBounds } from "./call-buckets.ts";
import { fits } from "./call-query.ts";
import { type MadeCall, madeCall } from "./call-world.ts";
import { secretKeys } from "./environment.ts";
import { addMember, ask, type StandInGateway, setEnvironment, signUp, startStandInGateway } from "./test-world.ts";

type Owner = Awaited<ReturnType<typeof signUp>>;

let fresh: TestDatabase;
let gateway: StandInGateway;
let owner: Owner;
let stranger: Owner;
let serverIds: string[];
let grantIds: string[];
let policyId: string;
let calls: MadeCall[];

const hourMs = 60 * 60 * 1_000;
const now = Date.now();
let seed = 7;
/** The same numbers at each run. */
const random = () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return seed / 2_147_483_648;
};
const oneOf = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
  gateway = await startStandInGateway();
  [owner, stranger] = [await signUp(), await signUp()];
  serverIds = [await made("/servers", serverBody("one")), await made("/servers", serverBody("two"))];
  policyId = await made(`/servers/${serverIds[0]}/policies`, { name: "p", document: policy });
  grantIds = [
    await made(`/servers/${serverIds[0]}/grants`, { label: "ci", policyId }),
    await made(`/servers/${serverIds[1]}/grants`, { label: "dev" }),
  ];
  calls = Array.from({ length: 600 }, () => randomCall());
  await database().call.createMany({ data: calls });
  const others = { organisationId: stranger.organisation.id, serverId: randomUUID() };
  await database().call.createMany({ data: [madeCall({ ...others, at: new Date(now - hourMs), tool: "theirs" })] });
});

afterAll(async () => {
  await gateway.stop();
  await database().$disconnect();
  await fresh.drop();
});

const policy = {
  version: "1",
  default: "deny",
  tools: {
    vm_create: { deny_if: [{ conditions: [{ path: "args.size", op: "eq", value: "huge" }], on_deny: "Too big." }] },
  },
};
const serverBody = (name: string) => ({ name, transport: "http", url: "http://127.0.0.1:9/mcp" });

async function made(path: string, body: unknown): Promise<string> {
  const answer = await ask("POST", path, { key: owner.apiKey, body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body.id;
}

const messages = ["", "No t3.micro today.", "Ask Ada first; say why", "näher geht es nicht", "10 calls a minute"];

function randomCall(): MadeCall {
  const place = random() < 0.5 ? 0 : 1;
  const code = oneOf(["allowed", "allowed", "denied", "rate_limited", "approval_required", "unknown_tool"]);
  const wouldDeny = code !== "allowed" && random() < 0.2;
  const outcome = code === "allowed" || wouldDeny ? oneOf(["answered", "tool_error", "unknown", "pending"]) : "none";
  const shadowCode = random() < 0.2 ? oneOf(["allowed", "denied"]) : null;
  const clientName = oneOf(["claude", "cursor", null]);
  return madeCall({
    organisationId: owner.organisation.id,
    serverId: serverIds[place] ?? "",
    grantId: random() < 0.1 ? null : (grantIds[place] ?? null),
    // Over two weeks, so over several partitions; some of the hour that has just begun.
    at: new Date(now - Math.floor(random() ** 3 * 14 * 24) * hourMs - Math.floor(random() * 1_000)),
    tool: oneOf(["vm_create", "vm_list", "vm delete", null]),
    code,
    rule: oneOf(["/tools/vm_create", "/default", `/tools/${"x".repeat(240)}a`, `/tools/${"x".repeat(240)}b`]),
    message: code === "allowed" ? "" : oneOf(messages),
    wouldDeny,
    outcome,
    policyId: place === 0 ? policyId : null,
    policyVersion: place === 0 ? 1 : null,
    sessionId: oneOf(["s1", "s2", null]),
    clientName,
    approvalId: code === "approval_required" ? oneOf(approvals) : null,
    ...(shadowCode === null ? {} : { shadowCode, shadowRule: "/default", shadowVersion: 2 }),
    gatewayMs: random() * 4,
    upstreamMs: outcome === "answered" ? random() * 900 : null,
  });
}
const approvals = [randomUUID(), randomUUID()];

function answerOf(call: MadeCall): CallAnswer {
  const absent = { grantId: null, sessionId: null, tool: null, policyId: null, policyVersion: null, clientName: null };
  const none = { approvalId: null, traceparent: null, shadowVersion: null, shadowCode: null, shadowRule: null };
  const { organisationId: _, at, ...rest } = { ...absent, ...none, wouldDeny: false, ...call };
  return { ...rest, at: at.toISOString() } as CallAnswer;
}

async function pages(query: string, key = owner.apiKey): Promise<CallAnswer[]> {
  const items: CallAnswer[] = [];
  let cursor: string | null = null;
  do {
    const { status, body }: Awaited<ReturnType<typeof ask>> = await ask(
      "GET",
      `/calls?limit=37&${query}${cursor ? `&cursor=${cursor}` : ""}`,
      { key },
    );
    expect(status, JSON.stringify(body)).toBe(200);
    items.push(...body.items);
    cursor = body.nextCursor;
  } while (cursor);
  return items;
}

function randomFilters(): CallFilters {
  const call = oneOf(calls);
  const some = <T>(value: T | null | undefined): T | undefined => (random() < 0.3 ? (value ?? undefined) : undefined);
  const from = new Date(now - random() * 14 * 24 * hourMs);
  return JSON.parse(
    JSON.stringify({
      serverId: some(call.serverId),
      grantId: some(call.grantId),
      tool: some(call.tool),
      code: some(call.code),
      outcome: some(call.outcome),
      rule: some(call.rule),
      policyId: some(call.policyId),
      sessionId: some(call.sessionId),
      clientName: some(call.clientName),
      approvalId: random() < 0.1 ? oneOf(approvals) : undefined,
      q: some(oneOf(["micro", "T3", "ask ada", "näh", "10 min", "nowhere"])),
      differs: some("shadow"),
      from: some(from.toISOString()),
      to: some(new Date(from.getTime() + random() * 200 * hourMs).toISOString()),
    }),
  );
}

describe("a page of the call log", () => {
  it("holds what a plain reading of the filters would, whichever are combined, in pages of any size", async () => {
    const all = calls.map(answerOf);
    for (let round = 0; round < 60; round++) {
      const filters = randomFilters();
      const expected = all.filter((call) => fits(call, filters)).map(({ id }) => id);
      const found = await pages(new URLSearchParams(filters as Record<string, string>).toString());
      expect(
        found.map(({ id }) => id),
        JSON.stringify(filters),
      ).toEqual(expected.sort().reverse());
    }
  });

  it("is never another organisation's, whatever is asked for", async () => {
    const foreign = (await pages("", stranger.apiKey)).map(({ tool }) => tool);
    expect(foreign).toEqual(["theirs"]);
    const id = calls[0]?.id;
    for (const path of [
      `/calls?id=${id}`,
      `/calls/${id}`,
      `/calls?serverId=${serverIds[0]}`,
      `/calls?grantId=${grantIds[0]}`,
    ]) {
      expect((await ask("GET", path, { key: stranger.apiKey })).status, path).toBe(404);
    }
    expect((await ask("POST", `/calls/${id}/test`, { key: stranger.apiKey })).status).toBe(404);
    expect(await pages(`policyId=${policyId}`, stranger.apiKey)).toEqual([]);
    const { body } = await ask("GET", `/calls/stats?serverId=${serverIds[0]}`, { key: stranger.apiKey });
    expect(body).toMatchObject({ totals: { calls: 0 }, tools: [], servers: [] });
  });

  it("refuses a cursor that is not ours", async () => {
    for (const cursor of ["x", Buffer.from("no id").toString("base64url")]) {
      const { status, body } = await ask("GET", `/calls?cursor=${cursor}`, { key: owner.apiKey });
      expect([status, body.code]).toEqual([400, "invalid_query"]);
    }
  });
});

describe("figures about calls", () => {
  it("are what counting the calls gives, by server and grant, in hours and in days", async () => {
    const asked: { from: number; filter: CallFilters; step: "hour" | "day" }[] = [
      { from: now - 24 * hourMs, filter: {}, step: "hour" },
      { from: now - 24 * hourMs, filter: { serverId: serverIds[0] }, step: "hour" },
      { from: now - 15 * 24 * hourMs, filter: {}, step: "day" },
      { from: now - 15 * 24 * hourMs, filter: { grantId: grantIds[1] }, step: "day" },
    ];
    for (const { from, filter, step } of asked) {
      const query = new URLSearchParams({ ...(filter as Record<string, string>), from: new Date(from).toISOString() });
      const { status, body } = await ask("GET", `/calls/stats?${query}`, { key: owner.apiKey });
      expect(status, JSON.stringify(body)).toBe(200);
      const stepMs = step === "hour" ? hourMs : 24 * hourMs;
      const since = Math.floor(from / stepMs) * stepMs;
      const seen = calls.map(answerOf).filter((call) => Date.parse(call.at) >= since && fits(call, filter));
      expect(body.step).toBe(step);
      expect(body.totals).toMatchObject(countedOf(seen));
      expect(body.codes).toEqual(
        expect.arrayContaining([{ code: "denied", calls: seen.filter(({ code }) => code === "denied").length }]),
      );
      for (const bucket of body.over) {
        const start = Date.parse(bucket.at);
        const those = seen.filter(({ at }) => Date.parse(at) >= start && Date.parse(at) < start + stepMs);
        expect(bucket).toMatchObject(countedOf(those));
      }
      for (const tool of body.tools) {
        const those = seen.filter(
          (call) => call.tool === tool.tool && call.serverId === tool.serverId && call.code !== "unknown_tool",
        );
        expect(tool.calls, tool.tool).toBe(those.length);
      }
      for (const rule of body.rules) {
        const those = seen.filter(
          (call) => call.rule === rule.rule && call.code === rule.code && call.policyId === rule.policyId,
        );
        expect(rule.calls, rule.rule).toBe(those.length);
      }
      if (filter.grantId === undefined) expect(body.latency.gateway.calls).toBe(seen.length);
      if (filter.grantId !== undefined) continue;
      const times = seen.flatMap(({ upstreamMs }) => upstreamMs ?? []).sort((one, other) => one - other);
      const median = times[Math.floor(times.length / 2)] ?? 0;
      expect(body.latency.upstream.p50).toBeGreaterThan(median * 0.7);
      expect(body.latency.upstream.p50).toBeLessThan(median * 1.45);
    }
  });

  it("have the same buckets here and in the database", async () => {
    for (const [index, bound] of bucketBounds.entries()) {
      const rows = await database().$queryRaw`
        SELECT "Call_bucket"(${bound}::float8) AS "at", "Call_bucket"(${bound * 0.999}::float8) AS "below"`;
      expect(rows).toEqual([{ at: index + 1, below: index }]);
    }
  });

  it("refuse a time that ends before it begins", async () => {
    const { body } = await ask("GET", "/calls/stats?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", {
      key: owner.apiKey,
    });
    expect(body.code).toBe("invalid_query");
  });
});

function countedOf(seen: readonly CallAnswer[]) {
  const count = (test: (call: CallAnswer) => boolean) => seen.filter(test).length;
  const asks = ({ code, wouldDeny }: CallAnswer) => code === "approval_required" && !wouldDeny;
  return {
    calls: seen.length,
    refused: count((call) => call.code !== "allowed" && !call.wouldDeny && !asks(call)),
    asked: count(asks),
    errors: count(({ outcome }) => outcome === "tool_error" || outcome === "unknown"),
  };
}

describe("an export", () => {
  it("has every call that fits, newest first, in both forms", async () => {
    const { body, headers } = await ask("GET", "/calls/export?format=jsonl&code=denied", { key: owner.apiKey });
    const lines: CallAnswer[] = body
      .trimEnd()
      .split("\n")
      .map((line: string) => JSON.parse(line));
    expect(lines).toEqual(await pages("code=denied"));
    expect(headers.get("content-disposition")).toContain("calls.jsonl");
    const csv = await ask("GET", "/calls/export?format=csv&code=denied", { key: owner.apiKey });
    expect(
      readCsv(csv.body)
        .slice(1)
        .map(([, id]) => id),
    ).toEqual(lines.map(({ id }) => id));
  });

  it("keeps awkward values whole and makes no formula of them", async () => {
    const [admin] = [await signUp()];
    const awkward = [
      'say "hi", ok',
      "two\r\nlines",
      "=1+1",
      "+1",
      "-2",
      "@SUM(A1)",
      "\t=1",
      "  =1",
      "＝1",
      "plain",
      "",
    ];
    const at = (n: number) => new Date(now - n * 1_000);
    await database().call.createMany({
      data: awkward.map((tool, n) =>
        madeCall({
          organisationId: admin.organisation.id,
          serverId: randomUUID(),
          at: at(n),
          tool,
          clientName: tool,
          argumentKeys: [tool, "b"],
        }),
      ),
    });
    const { body } = await ask("GET", "/calls/export?format=csv", { key: admin.apiKey });
    const [head = [], ...rows] = readCsv(body);
    const column = head.indexOf("tool");
    expect(rows).toHaveLength(awkward.length);
    expect(rows.every((row) => row.length === head.length)).toBe(true);
    expect(rows.map((row) => row[column])).toEqual([
      'say "hi", ok',
      "two\r\nlines",
      "'=1+1",
      "'+1",
      "'-2",
      "'@SUM(A1)",
      "'\t=1",
      "'  =1",
      "'＝1",
      "plain",
      "",
    ]);
  });
});

/** RFC 4180, strictly. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = "", end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

describe("a call's story", () => {
  it("asks the version that decided again and says what decided", async () => {
    const at = new Date();
    const recorded = { paths: ["args.size"], values: [["size", { value: "huge" }]] as [string, { value: string }][] };
    const call = madeCall({
      organisationId: owner.organisation.id,
      serverId: serverIds[0] ?? "",
      grantId: grantIds[0] ?? null,
      at,
      code: "denied",
      rule: "/tools/vm_create/deny_if/0",
      message: "Too big.",
      policyId,
      policyVersion: 1,
      outcome: "none",
      argumentKeys: ["size"],
    });
    const sealedArguments = sealCallArguments(secretKeys(), JSON.stringify(recorded), String(call.id));
    await database().call.createMany({ data: [{ ...call, sealedArguments }] });
    const { status, body } = await ask("GET", `/calls/${call.id}`, { key: owner.apiKey });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toMatchObject({
      call: { id: call.id, code: "denied" },
      server: { name: "one" },
      grant: { label: "ci" },
      policy: { name: "p", activeVersion: 1 },
      version: { version: 1, author: owner.user.email },
      retraced: { known: true, code: "denied", rule: "/tools/vm_create/deny_if/0", message: "Too big." },
      approval: null,
    });
    expect(body.retraced.trace.at(-1)).toMatchObject({ step: "deny_if", outcome: "decides" });
    expect(body.sentences.length).toBeGreaterThan(0);
    expect(JSON.stringify(body)).not.toContain('"huge"}');
    const test = await ask("POST", `/calls/${call.id}/test`, { key: owner.apiKey });
    expect(test.body).toMatchObject({
      complete: true,
      missing: [],
      expectation: {
        tool: "vm_create",
        arguments: { size: "huge" },
        grant: "ci",
        expect: { code: "denied", rule: call.rule },
      },
    });
    expect(
      await database().auditEvent.count({ where: { action: "call.values_read", targetId: String(call.id) } }),
    ).toBe(1);
    const viewer = await addMember(owner, "viewer");
    expect((await ask("POST", `/calls/${call.id}/test`, { key: viewer.apiKey })).status).toBe(403);
  });

  it("says so when the record has not what is needed", async () => {
    const call = madeCall({
      organisationId: owner.organisation.id,
      serverId: serverIds[0] ?? "",
      at: new Date(),
      policyId,
      policyVersion: 1,
      argumentKeys: ["size"],
    });
    const frozen = madeCall({
      organisationId: owner.organisation.id,
      serverId: serverIds[0] ?? "",
      at: new Date(),
      code: "frozen",
    });
    await database().call.createMany({ data: [call, frozen] });
    const story = async (id: unknown) => (await ask("GET", `/calls/${id}`, { key: owner.apiKey })).body;
    expect((await story(call.id)).retraced).toMatchObject({
      known: false,
      why: expect.stringContaining("not on record"),
    });
    expect((await story(frozen.id)).retraced).toMatchObject({ known: false });
    const test = await ask("POST", `/calls/${call.id}/test`, { key: owner.apiKey });
    expect(test.body).toMatchObject({ complete: false, missing: ["size"] });
  });
});

describe("saved views", () => {
  it("are one's own or the organisation's, and only filters", async () => {
    const viewer = await addMember(owner, "viewer");
    const save = (key: string, body: unknown) => ask("POST", "/views", { key, body });
    const own = await save(viewer.apiKey, { name: "mine", query: "code=denied" });
    const shared = await save(viewer.apiKey, { name: "ours", query: "?tool=vm_list", shared: true });
    expect([own.status, shared.status]).toEqual([201, 201]);
    expect((await save(viewer.apiKey, { name: "odd", query: "next=https://evil.example" })).body.code).toBe(
      "invalid_body",
    );
    const again = await save(viewer.apiKey, { name: "mine", query: "code=allowed" });
    expect([again.status, again.body.errors[0].pointer]).toEqual([422, "/name"]);
    const names = async (key: string) =>
      (await ask("GET", "/views", { key })).body.items.map(({ name }: { name: string }) => name);
    expect(await names(viewer.apiKey)).toEqual(["mine", "ours"]);
    expect(await names(owner.apiKey)).toEqual(["ours"]);
    expect(await names(stranger.apiKey)).toEqual([]);
    const remove = async (id: string, key: string) => (await ask("DELETE", `/views/${id}`, { key })).status;
    expect(await remove(own.body.id, owner.apiKey)).toBe(404);
    expect(await remove(own.body.id, stranger.apiKey)).toBe(404);
    expect(await remove(own.body.id, viewer.apiKey)).toBe(204);
    const manager = await addMember(owner, "policy_manager");
    expect(await remove(shared.body.id, manager.apiKey)).toBe(403);
    expect(await remove(shared.body.id, owner.apiKey)).toBe(204);
  });
});

describe("how long calls are kept", () => {
  it("is said by an admin, within bounds, and is on the audit log", async () => {
    const set = (days: unknown, key = owner.apiKey) =>
      ask("PATCH", "/retention", { key, body: { callRetentionDays: days } });
    expect((await ask("GET", "/retention", { key: owner.apiKey })).body.callRetentionDays).toBe(90);
    expect((await set(30)).body).toMatchObject({ callRetentionDays: 30, oldestAt: expect.any(String) });
    for (const days of [0, 731, 1.5]) expect((await set(days)).status).toBe(422);
    expect((await set(7, (await addMember(owner, "policy_manager")).apiKey)).status).toBe(403);
    const event = await database().auditEvent.findFirst({
      where: { action: "organisation.changed", organisationId: owner.organisation.id },
    });
    expect(event).toMatchObject({ before: { callRetentionDays: 90 }, after: { callRetentionDays: 30 } });
    await set(90);
  });
});
