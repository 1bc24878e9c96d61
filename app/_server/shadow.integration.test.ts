// A version beside the enforced one, and a draft over what was called: the API in this process, a real gateway, a real server
// and a real client.
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectLegacy, decisionOf, type McpClient } from "../../e2e/harness/clients.ts";
import { freshDatabase, type TestDatabase } from "../../e2e/harness/database.ts";
import { tmuxClaudePath } from "../../e2e/harness/management.ts";
import { type RunningGateway, startGateway } from "../../e2e/harness/processes.ts";
import { database } from "../../prisma/client.ts";
import { addMember, ask, setEnvironment, signUp } from "./test-world.ts";

let fresh: TestDatabase;
let gateway: RunningGateway;
let owner: Awaited<ReturnType<typeof signUp>>;
let key: string;
let serverId: string;
const clients: McpClient[] = [];

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
  gateway = await startGateway({ databaseUrl: fresh.url, env: { SECRET_KEY: process.env.SECRET_KEY ?? "" } });
  owner = await signUp();
  key = owner.apiKey;
  const { id } = await must("POST", "/servers", {
    name: "tmux-claude",
    transport: "stdio",
    command: process.execPath,
    args: ["--import", import.meta.resolve("tsx"), tmuxClaudePath],
  });
  serverId = id;
});

afterAll(async () => {
  for (const client of clients) await client.close();
  await gateway?.stop();
  if (gateway) await rm(gateway.dataDir, { recursive: true, force: true });
  await database().$disconnect();
  await fresh?.drop();
});

async function must(method: string, path: string, body?: unknown) {
  const answer = await ask(method, path, { key, body });
  expect(answer.status, `${method} ${path} ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer.body;
}

const policy = (tools: object) => ({ version: "1", default: "deny", tools });
const ofTypes = (...types: string[]) => ({
  require: [{ conditions: [{ path: "args.instanceType", op: "in", value: types }] }],
});
const atMost = (max: number) => ({ limits: [{ counter: "c", window: "hour", max }] });

async function grantWith(document: object, mode: "enforce" | "shadow" = "enforce") {
  const { id: policyId } = await must("POST", `/servers/${serverId}/policies`, { name: "p", document, mode });
  const { id: grantId, token } = await must("POST", `/servers/${serverId}/grants`, { label: "ci", policyId });
  const client = await connectLegacy(`${gateway.url}/mcp/${serverId}`, token);
  clients.push(client);
  return { policyId, grantId, client };
}

/** Saves the document as the draft and publishes it. */
async function publish(policyId: string, document: unknown, more: object = {}) {
  const { draftRevision } = await must("GET", `/policies/${policyId}`);
  const draft = { document, seenRevision: draftRevision };
  const { revision } = await must("PUT", `/policies/${policyId}/draft`, draft);
  return must("POST", `/policies/${policyId}/versions`, { seenRevision: revision, ...more });
}

async function call(client: McpClient, tool: string, args: Record<string, unknown> = {}): Promise<string> {
  const answer = await client.call(tool, args);
  return answer.isError ? decisionOf(answer)?.code : "allowed";
}

/** Waits until so many calls of a grant are on record with what came of them. */
async function recorded(grantId: string, count: number) {
  const read = async () => (await must("GET", `/calls?grantId=${grantId}&limit=200`)).items;
  await expect
    .poll(async () => (await read()).filter(({ outcome }: { outcome: string }) => outcome !== "pending").length)
    .toBe(count);
  return read();
}

function backtest(policyId: string, document: unknown) {
  const [from, to] = [-3_600_000, 3_600_000].map((ms) => new Date(Date.now() + ms).toISOString());
  return must("POST", `/servers/${serverId}/backtest`, { document, from, to, policyId });
}

describe("a draft replayed over what a real client called", () => {
  it("counts what it would change, each change opens, and what was not recorded is unknown", async () => {
    const enforced = policy({ vm_list: atMost(4), vm_create: ofTypes("t3.micro", "m5.large") });
    const { policyId, grantId, client } = await grantWith(enforced);
    const answers: string[] = [];
    for (let nth = 0; nth < 5; nth += 1) answers.push(await call(client, "vm_list"));
    for (const instanceType of ["t3.micro", "m5.large", "c5.huge"]) {
      answers.push(await call(client, "vm_create", { name: "vm", instanceType }));
    }
    answers.push(await call(client, "vm_terminate", { identifier: "vm", confirm: true }));
    expect(answers).toEqual([
      ...["allowed", "allowed", "allowed", "allowed", "rate_limited"],
      ...["allowed", "allowed", "requirement_failed", "default_deny"],
    ]);
    await must("PATCH", `/grants/${grantId}`, { frozen: true });
    expect(await call(client, "vm_list")).toBe("frozen");
    await recorded(grantId, 10);

    const unchanged = await backtest(policyId, enforced);
    expect(unchanged).toMatchObject({ calls: 10, decided: 9, notDecided: 1, unknown: 0, same: 9, changed: [] });

    const draft = policy({ vm_list: atMost(2), vm_create: ofTypes("t3.micro", "c5.huge"), vm_terminate: {} });
    const answer = await backtest(policyId, draft);
    expect(answer).toMatchObject({ calls: 10, decided: 9, notDecided: 1, unknown: 0, truncated: false });
    expect(answer).toMatchObject({ same: 4, newlyRefused: 3, newlyAllowed: 2, newlyAsked: 0, otherwiseDifferent: 0 });
    expect(
      answer.changed.map(({ tool, was, would }: Record<string, { code: string }>) => [tool, was?.code, would?.code]),
    ).toEqual([
      ["vm_list", "allowed", "rate_limited"],
      ["vm_list", "allowed", "rate_limited"],
      ["vm_create", "allowed", "requirement_failed"],
      ["vm_create", "requirement_failed", "allowed"],
      ["vm_terminate", "default_deny", "allowed"],
    ]);
    for (const { callId, tool, was } of answer.changed) {
      const opened = await must("GET", `/calls?id=${callId}`);
      expect(opened.items).toMatchObject([{ id: callId, tool, ...was }]);
    }

    // No version has asked for names of VMs so far.
    const named = { require: [{ conditions: [{ path: "args.name", op: "eq", value: "vm" }] }] };
    expect(await backtest(policyId, policy({ vm_list: atMost(4), vm_create: named }))).toMatchObject({
      unknown: 3,
      decided: 6,
      same: 6,
    });
  });

  it("takes calls for allowed that a policy in shadow mode let through", async () => {
    const { policyId, grantId, client } = await grantWith(policy({ vm_list: {} }), "shadow");
    expect(await call(client, "vm_list")).toBe("allowed");
    expect(await call(client, "vm_terminate", { identifier: "vm", confirm: true })).toBe("allowed");
    await recorded(grantId, 2);
    const answer = await backtest(policyId, policy({ vm_list: {} }));
    expect(answer).toMatchObject({ same: 1, newlyRefused: 1 });
    expect(answer.changed).toMatchObject([{ tool: "vm_terminate", was: { code: "allowed" } }]);
  });
});

describe("a version that is tried beside the enforced one", () => {
  it("changes nothing, is compared call by call, and takes over when it is promoted", async () => {
    const first = policy({ vm_list: {}, vm_status: { action: "deny" } });
    const { policyId, grantId, client } = await grantWith(first);
    const trial = policy({ vm_list: atMost(2), vm_status: {} });
    const published = await publish(policyId, trial, { shadow: true, note: "try it" });
    expect(published).toMatchObject({ version: 2, gateways: { live: 1, of: 1 } });
    expect(await must("GET", `/policies/${policyId}`)).toMatchObject({
      activeVersion: 1,
      shadowVersion: 2,
      draftDiffers: true,
    });
    const versions = (await must("GET", `/policies/${policyId}/versions`)).items;
    expect(versions).toMatchObject([
      { version: 2, active: false, shadow: true, note: "try it" },
      { version: 1, active: true, shadow: false },
    ]);

    for (let nth = 0; nth < 3; nth += 1) expect(await call(client, "vm_list")).toBe("allowed");
    expect(await call(client, "vm_status", { identifier: "vm" })).toBe("denied");
    expect(await call(client, "vm_terminate", { identifier: "vm", confirm: true })).toBe("default_deny");
    const calls = await recorded(grantId, 5);
    expect(
      calls.map(({ code, shadowCode, shadowVersion }: Record<string, unknown>) => [code, shadowCode, shadowVersion]),
    ).toEqual([
      ["default_deny", "default_deny", 2],
      ["denied", "allowed", 2],
      ["allowed", "rate_limited", 2],
      ["allowed", "allowed", 2],
      ["allowed", "allowed", 2],
    ]);
    const differing = (await must("GET", `/calls?grantId=${grantId}&differs=shadow`)).items;
    expect(differing.map(({ code }: { code: string }) => code)).toEqual(["denied", "allowed"]);
    const figures = await must("GET", `/policies/${policyId}/shadow`);
    expect(figures).toMatchObject({ version: 2, since: expect.any(String), calls: 5, same: 3 });
    expect(figures).toMatchObject({ newlyRefused: 1, newlyAllowed: 1, newlyAsked: 0, otherwiseDifferent: 0 });
    expect(figures.rules).toHaveLength(2);
    expect(figures.rules).toEqual(
      expect.arrayContaining([
        { rule: "/tools/vm_list/limits/0", code: "rate_limited", was: "allowed", calls: 1, tools: ["vm_list"] },
        { rule: "/tools/vm_status", code: "allowed", was: "denied", calls: 1, tools: ["vm_status"] },
      ]),
    );

    const other = await ask("POST", `/policies/${policyId}/shadow`, { key, body: { action: "promote", version: 1 } });
    expect(other).toMatchObject({ status: 409, body: { code: "no_shadow_version" } });
    const promoted = await must("POST", `/policies/${policyId}/shadow`, { action: "promote", version: 2 });
    expect(promoted).toMatchObject({ version: 2, gateways: { live: 1, of: 1 } });
    expect(await call(client, "vm_status", { identifier: "vm" })).not.toBe("denied");
    expect(await must("GET", `/policies/${policyId}`)).toMatchObject({
      activeVersion: 2,
      shadowVersion: null,
      draftDiffers: false,
    });
    expect(await must("GET", `/policies/${policyId}/shadow`)).toMatchObject({ version: null, since: null, calls: 0 });
    for (const action of ["promote", "stop"]) {
      const again = await ask("POST", `/policies/${policyId}/shadow`, { key, body: { action } });
      expect(again).toMatchObject({ status: 409, body: { code: "no_shadow_version" } });
    }
  });

  it("goes on when something else is published, and ends with the publishing of what it says", async () => {
    const [one, two, three] = [1, 2, 3].map((max) => JSON.stringify(policy({ vm_list: atMost(max) })));
    const { policyId } = await grantWith(JSON.parse(one ?? ""));
    const shadowVersion = async () => (await must("GET", `/policies/${policyId}`)).shadowVersion;
    await publish(policyId, two, { shadow: true });
    expect(await publish(policyId, three)).toMatchObject({ version: 3, problems: [] });
    expect(await shadowVersion()).toBe(2);
    await must("POST", `/policies/${policyId}/versions`, { restore: 2 });
    expect(await shadowVersion()).toBe(null);
    await publish(policyId, one, { shadow: true });
    expect(await shadowVersion()).toBe(5);
    await publish(policyId, three, { shadow: true });
    expect(await shadowVersion()).toBe(6);
    expect(await must("POST", `/policies/${policyId}/shadow`, { action: "stop" })).toMatchObject({ version: 6 });
    expect(await must("GET", `/policies/${policyId}`)).toMatchObject({ activeVersion: 4, shadowVersion: null });
    expect((await must("GET", `/servers/${serverId}/policies`)).items.at(-1)).toMatchObject({ shadowVersion: null });
  });

  it("can be promoted or stopped by whoever may publish only", async () => {
    const { policyId } = await grantWith(policy({}));
    await publish(policyId, policy({ vm_list: {} }), { shadow: true });
    const [viewer, manager] = [await addMember(owner, "viewer"), await addMember(owner, "policy_manager")];
    const stop = (who: { apiKey: string }) =>
      ask("POST", `/policies/${policyId}/shadow`, { key: who.apiKey, body: { action: "stop" } });
    expect((await ask("GET", `/policies/${policyId}/shadow`, { key: viewer.apiKey })).status).toBe(200);
    expect((await stop(viewer)).status).toBe(403);
    expect((await stop(await signUp())).status).toBe(404);
    expect((await stop(manager)).status).toBe(200);
  });
});

describe("publishing", () => {
  it("answers with warnings past the server's tools", async () => {
    const { policyId } = await grantWith(policy({}));
    const answer = await publish(policyId, policy({ vm_crate: {} }));
    expect(answer.problems).toMatchObject([
      { code: "unknown_tool", pointer: "/tools/vm_crate", severity: "warning", line: expect.any(Number) },
    ]);
  });
});
