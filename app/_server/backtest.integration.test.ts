import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../../e2e/harness/database.ts";
import { sealCallArguments } from "../../prisma/call-arguments.ts";
import { database, Prisma } from "../../prisma/client.ts";
import { callsMax } from "./backtest.ts";
import { secretKeys } from "./environment.ts";
import { addMember, ask, type StandInGateway, setEnvironment, signUp, startStandInGateway } from "./test-world.ts";

const start = Date.UTC(2026, 4, 4, 12);
const from = new Date(start).toISOString();
const to = new Date(start + 86_400_000).toISOString();

let fresh: TestDatabase;
let gateway: StandInGateway;
let owner: Awaited<ReturnType<typeof signUp>>;
let serverId: string;
let grantId: string;

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
  gateway = await startStandInGateway();
});

beforeEach(async () => {
  owner = await signUp();
  serverId = await made("/servers", { name: "s", transport: "http", url: "http://127.0.0.1:9/mcp" });
  grantId = await made(`/servers/${serverId}/grants`, { label: "ci" });
});

afterAll(async () => {
  await gateway.stop();
  await database().$disconnect();
  await fresh.drop();
});

async function made(path: string, body: unknown): Promise<string> {
  const answer = await ask("POST", path, { key: owner.apiKey, body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body.id;
}

type CallColumns = { seconds: number; [column: string]: unknown };

/** A call on record that was allowed unless something else is said. */
function row({ seconds, ...columns }: CallColumns) {
  return {
    id: randomUUID(),
    organisationId: owner.organisation.id,
    serverId,
    grantId,
    at: new Date(start + 100 + seconds * 1_000),
    method: "tools/call",
    tool: "vm_create",
    code: "allowed",
    rule: "/tools/vm_create",
    message: "",
    argumentKeys: [] as string[],
    outcome: "answered",
    ...columns,
  };
}

function record(calls: CallColumns[]) {
  return database().call.createMany({ data: calls.map(row) });
}

/** So many allowed calls, at a time that Postgres makes of their number `n`. */
function recordMany(count: number, at: Prisma.Sql) {
  return database().$executeRaw`
    INSERT INTO "Call" ("id", "organisationId", "serverId", "grantId", "at", "method", "tool", "code", "rule", "message", "outcome", "argumentKeys")
    SELECT gen_random_uuid(), ${owner.organisation.id}::uuid, ${serverId}::uuid, ${grantId}::uuid,
      ${new Date(start + 100)}::timestamptz + ${at}, 'tools/call', 'vm_create', 'allowed', '/tools/vm_create', '', 'answered', '{}'
    FROM generate_series(0, ${count - 1}::int) n`;
}
const everySecond = Prisma.sql`n * interval '1 second'`;

const allowing = (rule: object) => ({ version: "1", default: "deny", tools: { vm_create: rule } });
const atMost = (max: number, window: string | number = "minute") =>
  allowing({ limits: [{ counter: "c", window, max }] });

function backtest(document: unknown, more: object = {}, key = owner.apiKey) {
  return ask("POST", `/servers/${serverId}/backtest`, { key, body: { document, from, to, ...more } });
}

describe("a backtest", () => {
  it("replays every page of the calls, and each changed call opens", async () => {
    // Sixty calls a minute, evenly, where forty are allowed: twenty of each minute are too many.
    await recordMany(6_000, everySecond);
    const { status, body } = await backtest(atMost(40));
    expect(status).toBe(200);
    expect(body).toMatchObject({ calls: 6_000, decided: 6_000, unknown: 0, notDecided: 0, truncated: false });
    expect(body).toMatchObject({ same: 4_000, newlyRefused: 2_000, newlyAllowed: 0, otherwiseDifferent: 0 });
    expect(body.rules).toEqual([{ rule: "/tools/vm_create/limits/0", code: "rate_limited", calls: 2_000 }]);
    expect(body.changed).toHaveLength(500);
    const first = body.changed[0];
    expect(first).toMatchObject({
      at: new Date(start + 40_100).toISOString(),
      tool: "vm_create",
      grantLabel: "ci",
      was: { code: "allowed", rule: "/tools/vm_create" },
      would: { code: "rate_limited", rule: "/tools/vm_create/limits/0", message: expect.stringContaining("40 calls") },
    });
    for (const { callId, at } of [first, body.changed[499]]) {
      const opened = await ask("GET", `/calls?id=${callId}`, { key: owner.apiKey });
      expect(opened.body.items).toMatchObject([{ id: callId, at, code: "allowed" }]);
    }
    const stranger = await signUp();
    expect((await ask("GET", `/calls?id=${first.callId}`, { key: stranger.apiKey })).status).toBe(404);
  });

  it("fills limits with the calls before its time", async () => {
    await record([-50, -40, -30, 0, 5, 40].map((seconds) => ({ seconds })));
    expect((await backtest(atMost(4))).body).toMatchObject({ calls: 3, same: 2, newlyRefused: 1 });
  });

  it("counts apart what no policy decided", async () => {
    const codes = ["frozen", "unknown_tool", "policy_unavailable", "no_policy"];
    await record(codes.map((code, seconds) => ({ seconds, code, outcome: "none" })));
    await record([{ seconds: 9 }, { seconds: 10, tool: null, code: "unknown_tool" }]);
    expect((await backtest(allowing({}))).body).toMatchObject({ calls: 6, notDecided: 5, decided: 1, same: 1 });
  });

  it("opens the argument values that were recorded, and shows none of them", async () => {
    const secret = "do-not-show-4242";
    const calls = [secret, "other", null].map((value, seconds) => {
      const id = randomUUID();
      const recorded = { paths: ["args.size"], values: [["size", { value }]] as [string, { value: string | null }][] };
      const sealedArguments = value === null ? null : sealCallArguments(secretKeys(), JSON.stringify(recorded), id);
      return { id, seconds, argumentKeys: ["size"], sealedArguments };
    });
    await record(calls);
    const document = allowing({ deny_if: [{ conditions: [{ path: "args.size", op: "regex", value: "^do-not" }] }] });
    const answer = await backtest(document);
    expect(answer.body).toMatchObject({ calls: 3, decided: 2, unknown: 1, newlyRefused: 1, same: 1 });
    expect(answer.body.changed).toMatchObject([{ callId: calls[0]?.id, would: { code: "denied" } }]);
    const listed = await ask("GET", `/calls?serverId=${serverId}`, { key: owner.apiKey });
    expect(listed.body.items).toHaveLength(3);
    for (const { body } of [answer, listed]) {
      const text = JSON.stringify(body);
      expect(text).not.toContain(secret);
      expect(text).not.toContain("sealed");
      for (const { sealedArguments } of calls) if (sealedArguments) expect(text).not.toContain(sealedArguments);
    }
    // Whoever may ask what holds for which call can find out values.
    const viewer = await addMember(owner, "viewer");
    expect((await backtest(document, {}, viewer.apiKey)).status).toBe(403);
    const manager = await addMember(owner, "policy_manager");
    expect((await backtest(document, {}, manager.apiKey)).status).toBe(200);
  });

  it("of one policy's calls leaves out the others, which may have used a limit that they share", async () => {
    const document = allowing({ limits: [{ counter: "c", window: "minute", max: 1, scope: "server" }] });
    const policyId = await made(`/servers/${serverId}/policies`, { name: "one", document });
    await record([{ seconds: 0, policyId }, { seconds: 1, policyId }, { seconds: 2 }]);
    expect((await backtest(document)).body).toMatchObject({ calls: 3, same: 1, newlyRefused: 2 });
    expect((await backtest(document, { policyId })).body).toMatchObject({ calls: 2, same: 1, newlyRefused: 1 });
    await made(`/servers/${serverId}/policies`, { name: "other", document });
    expect((await backtest(document, { policyId })).body).toMatchObject({ calls: 2, unknown: 2 });
  });

  it("looks at the newest calls only when there are too many, without stopping everything else", async () => {
    // A hundred quick calls, then silence for longer than the window.
    await recordMany(callsMax + 550, Prisma.sql`n * interval '300 milliseconds' + n / 100 * interval '70 seconds'`);
    let longestMs = 0;
    let last = performance.now();
    const beat = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - last);
      last = performance.now();
    }, 5);
    const startedAt = performance.now();
    const { body } = await backtest(atMost(60), { to: new Date(start + 3 * 86_400_000).toISOString() });
    clearInterval(beat);
    const ms = Math.round(performance.now() - startedAt);
    console.log(`${body.calls} calls in ${ms} ms; nothing else waited longer than ${Math.round(longestMs)} ms`);
    expect(body).toMatchObject({ calls: callsMax, truncated: true, decided: expect.any(Number) });
    expect(body.newlyRefused).toBeGreaterThan(10_000);
    // Only the calls of the first minute may have found the limit full of calls that were not looked at.
    expect(body.unknown).toBe(50);
    expect(longestMs).toBeLessThan(1_000);
    const early = new Date(start + 5 * 60_000).toISOString();
    expect((await backtest(atMost(60), { to: early })).body).toMatchObject({
      calls: 300,
      truncated: false,
      unknown: 0,
    });
  });

  it.each(['"organisation"', '"\\u006frganisation"'])(
    "does not guess what other policies counted in the same scope: %s",
    async (scope) => {
      await record([0, 1, 2].map((seconds) => ({ seconds })));
      const limits = `"limits": [{ "counter": "c", "window": "minute", "max": 2, "scope": ${scope} }]`;
      const document = `{ "version": "1", "default": "deny", "tools": { "vm_create": { ${limits} } } }`;
      expect((await backtest(document)).body).toMatchObject({ unknown: 0, same: 2, newlyRefused: 1 });
      const other = await made("/servers", { name: "o", transport: "http", url: "http://127.0.0.1:9/mcp" });
      await made(`/servers/${other}/policies`, { name: "p", document });
      expect((await backtest(document)).body).toMatchObject({ unknown: 3, newlyRefused: 0 });
    },
  );

  it("is one at a time for an organisation", async () => {
    await recordMany(10, everySecond);
    let refusals = 0;
    // While the calls cannot be read, whichever came first is still at it.
    const asked = await database().$transaction(async (locked) => {
      await locked.$executeRaw`LOCK TABLE "Call" IN ACCESS EXCLUSIVE MODE`;
      const all = [1, 2, 3].map(async () => {
        const answer = await backtest(atMost(5));
        if (answer.status === 429) refusals += 1;
        return answer;
      });
      await expect.poll(() => refusals, { timeout: 4_000 }).toBe(2);
      return all;
    });
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 429, 429]);
    expect(answers.find(({ status }) => status === 429)?.body.code).toBe("backtest_running");
    expect((await backtest(atMost(5))).status).toBe(200);
  });

  it("says what is wrong with a document, a time or a policy", async () => {
    const invalid = await backtest({ version: "1" });
    expect(invalid).toMatchObject({ status: 422, body: { code: "policy_invalid" } });
    expect(invalid.body.problems.length).toBeGreaterThan(0);
    expect(await backtest(atMost(1), { to: from })).toMatchObject({ status: 422, body: { code: "invalid_body" } });
    const stranger = await signUp();
    const other = await ask("POST", "/servers", {
      key: stranger.apiKey,
      body: { name: "s", transport: "http", url: "http://127.0.0.1:9/mcp" },
    });
    const foreign = await ask("POST", `/servers/${other.body.id}/policies`, {
      key: stranger.apiKey,
      body: { name: "x", document: atMost(1) },
    });
    expect((await backtest(atMost(1), { policyId: foreign.body.id })).status).toBe(404);
  });
});

describe("the traffic of a server", () => {
  it("has each tool's calls and the most that one grant made in a minute, an hour and a day", async () => {
    const second = await made(`/servers/${serverId}/grants`, { label: "other" });
    const day = Math.floor(Date.now() / 86_400_000) * 86_400 - 2 * 86_400;
    const at = (seconds: number) => new Date((day + seconds) * 1_000);
    const calls = [
      // The first grant: 3 in a minute, 4 in an hour, 5 on a day, and one the next day.
      ...[0, 1, 59, 60, 3_600, 86_400].map((seconds) => ({ at: at(seconds), grantId })),
      ...[0, 1].map((seconds) => ({ at: at(seconds), grantId: second })),
      { at: at(2), grantId: second, code: "rate_limited" },
      { at: at(2), grantId: second, code: "denied", wouldDeny: true },
      { at: at(3), grantId: second, code: "frozen" },
      { at: at(3), grantId, tool: "nonsense", code: "unknown_tool" },
      { at: at(4), grantId, tool: "vm_list", code: "default_deny" },
      { at: at(-20 * 86_400), grantId, tool: "vm_list" },
    ];
    await record(calls.map((columns) => ({ seconds: 0, ...columns })));
    const traffic = (query: string) => ask("GET", `/servers/${serverId}/traffic${query}`, { key: owner.apiKey });
    const { body } = await traffic("");
    expect(body).toMatchObject({ calls: 11, from: expect.any(String), to: expect.any(String) });
    expect(body.tools).toEqual([
      { tool: "vm_create", calls: 10, refused: 1, perMinuteMax: 3, perHourMax: 4, perDayMax: 5, grants: 2 },
      { tool: "vm_list", calls: 1, refused: 1, perMinuteMax: 0, perHourMax: 0, perDayMax: 0, grants: 1 },
    ]);
    expect((await traffic("?days=30")).body.tools[1]).toMatchObject({ tool: "vm_list", calls: 2, refused: 1 });
    expect((await traffic("?days=91")).status).toBe(400);
    expect((await traffic("?days=0")).status).toBe(400);
  });
});

describe("a server's owner", () => {
  it("says whether argument values are recorded", async () => {
    const read = async () => (await ask("GET", `/servers/${serverId}`, { key: owner.apiKey })).body.logArgumentValues;
    expect(await read()).toBe(true);
    const patched = await ask("PATCH", `/servers/${serverId}`, {
      key: owner.apiKey,
      body: { logArgumentValues: false },
    });
    expect(patched).toMatchObject({ status: 200, body: { logArgumentValues: false, name: "s" } });
    await ask("PATCH", `/servers/${serverId}`, { key: owner.apiKey, body: { name: "renamed" } });
    expect(await read()).toBe(false);
    const manager = await addMember(owner, "policy_manager");
    const body = { logArgumentValues: true };
    expect((await ask("PATCH", `/servers/${serverId}`, { key: manager.apiKey, body })).status).toBe(403);
  });
});
