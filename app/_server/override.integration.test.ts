// An owner's own category: the API in this process, a real gateway, and a server that changes what it serves.
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectLegacy, decisionOf, type McpClient } from "../../e2e/harness/clients.ts";
import { freshDatabase, type TestDatabase } from "../../e2e/harness/database.ts";
import { type RunningGateway, startGateway } from "../../e2e/harness/processes.ts";
import { openChangingServer } from "../../e2e/servers/changing.ts";
import { database } from "../../prisma/client.ts";
import { addMember, ask, setEnvironment, signUp } from "./test-world.ts";

let fresh: TestDatabase;
let gateway: RunningGateway;
let owner: Awaited<ReturnType<typeof signUp>>;
let key: string;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
  gateway = await startGateway({ databaseUrl: fresh.url, env: { SECRET_KEY: process.env.SECRET_KEY ?? "" } });
  owner = await signUp();
  key = owner.apiKey;
});

afterAll(async () => {
  for (const close of closing.splice(0)) await close();
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

const definitions = {
  "look-up": { name: "look-up", description: "Reads a record.", inputSchema: { type: "object" } },
  delete_all: { name: "delete_all", description: "Deletes every record.", inputSchema: { type: "object" } },
};

/** A server whose list the test changes, registered, with a grant under a policy that allows what reads. */
async function guard(document: object = { version: "1", default: "deny", categories: { Read: {} } }) {
  const served = await openChangingServer(Object.values(definitions));
  closing.push(() => served.close());
  const { url } = served;
  const { id, tools } = await must("POST", "/servers", { name: "records", transport: "http", url });
  const { id: policyId } = await must("POST", `/servers/${id}/policies`, { name: "p", document });
  const { token } = await must("POST", `/servers/${id}/grants`, { label: "ci", policyId });
  const client = await connectLegacy(`${gateway.url}/mcp/${id}`, token);
  closing.unshift(() => client.close());
  const hashOf = (name: string) => (tools as Tool[]).find((tool) => tool.name === name)?.definitionHash;
  const override = (name: string, category: string | null, definitionHash = hashOf(name)) =>
    must("PATCH", `/servers/${id}/tools/override`, { name, definitionHash, category });
  return { served, id, policyId, client, override, hashOf };
}

type Tool = { name: string; definitionHash: string; category: string };
type Change = { name: string; definitionHash: string };

async function codeOf(client: McpClient, tool: string): Promise<string> {
  const answer = await client.call(tool);
  return answer.isError ? decisionOf(answer).code : "reached";
}

async function toolOf(serverId: string, name: string) {
  const { tools } = await must("GET", `/servers/${serverId}`);
  return (tools as Tool[]).find((tool) => tool.name === name);
}

/** The server serves another definition of a tool, and its owner reconnects. */
async function change({ served, id }: Awaited<ReturnType<typeof guard>>, name: keyof typeof definitions) {
  served.tools = Object.values(definitions).map((one) =>
    one.name === name ? { ...one, description: `${one.description} And more.` } : one,
  );
  await must("POST", `/servers/${id}/refresh`, {});
}

async function acceptAll(serverId: string) {
  const { items } = await must("GET", `/servers/${serverId}/changes`);
  const tools = (items as Change[]).map(({ name, definitionHash }) => ({ name, definitionHash }));
  await must("POST", `/servers/${serverId}/tools/review`, { tools, decision: "accept" });
}

describe("an owner's own category", () => {
  it("decides calls at once, in both directions, until it is taken away", async () => {
    const { client, override } = await guard();
    expect([await codeOf(client, "look-up"), await codeOf(client, "delete_all")]).toEqual(["reached", "default_deny"]);
    await override("look-up", "Write");
    await override("delete_all", "Read");
    expect([await codeOf(client, "look-up"), await codeOf(client, "delete_all")]).toEqual(["default_deny", "reached"]);
    await override("look-up", null);
    await override("delete_all", null);
    expect([await codeOf(client, "look-up"), await codeOf(client, "delete_all")]).toEqual(["reached", "default_deny"]);
  });

  it("hides what a category hides", async () => {
    const hiding = { version: "1", default: "allow", categories: { Financial: { action: "hide" } } };
    const { client, override } = await guard(hiding);
    const names = async () => await client.listTools();
    expect(await names()).toEqual(["look-up", "delete_all"]);
    await override("look-up", "Financial");
    expect(await names()).toEqual(["delete_all"]);
  });

  it("is what conditions on `tool.category` see, and what the simulation says", async () => {
    const condition = { conditions: [{ path: "tool.category", op: "in", value: ["Destructive", "Financial"] }] };
    const document = { version: "1", default: "allow", all_tools: { deny_if: [condition] } };
    const { client, override, id, policyId } = await guard(document);
    const simulated = async () => {
      const call = { serverId: id, policyId, tool: "look-up", arguments: {} };
      return (await must("POST", "/simulate", call)).decision.code;
    };
    expect([await codeOf(client, "look-up"), await simulated()]).toEqual(["reached", "allowed"]);
    await override("look-up", "Destructive");
    expect([await codeOf(client, "look-up"), await simulated()]).toEqual(["denied", "denied"]);
  });

  it("is what a replay of recorded calls applies", async () => {
    const { client, override, id } = await guard();
    expect(await codeOf(client, "look-up")).toBe("reached");
    const recorded = () => database().call.count({ where: { serverId: id, code: "allowed" } });
    for (let i = 0; i < 100 && (await recorded()) === 0; i += 1) await sleep(50);
    await override("look-up", "Write");
    const [from, to] = [new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)].map((at) => at.toISOString());
    const document = { version: "1", default: "deny", categories: { Read: {} } };
    const { newlyRefused } = await must("POST", `/servers/${id}/backtest`, { document, from, to });
    expect(newlyRefused).toBe(1);
  });

  it("is shown beside the classifier's, and counted", async () => {
    const { override, id } = await guard();
    const { tool } = await override("delete_all", "Read");
    const shown = {
      category: "Read",
      severity: "low",
      classified: { category: "Destructive", severity: "critical" },
      override: { category: "Read", at: expect.any(String), fallen: false },
    };
    expect(tool).toMatchObject(shown);
    expect(await toolOf(id, "delete_all")).toMatchObject(shown);
    const { items } = await must("GET", "/servers");
    const listed = (items as { id: string; severityCounts: object }[]).find((server) => server.id === id);
    expect(listed?.severityCounts).toMatchObject({ low: 2, critical: 0 });
  });

  it("falls back to the classifier's when another definition is accepted, and says so", async () => {
    const guarded = await guard();
    const { client, override, id } = guarded;
    await override("delete_all", "Read");
    expect(await codeOf(client, "delete_all")).toBe("reached");
    await change(guarded, "delete_all");
    expect(await codeOf(client, "delete_all")).toBe("definition_changed");
    await acceptAll(id);
    expect(await codeOf(client, "delete_all")).toBe("default_deny");
    expect(await toolOf(id, "delete_all")).toMatchObject({ category: "Destructive", override: { fallen: true } });
  });

  it("cannot make a tool harmless of which the server serves something else, where changes are let through", async () => {
    const guarded = await guard();
    const { client, override, id } = guarded;
    await must("PATCH", `/servers/${id}`, { onDefinitionChange: "serve" });
    await override("delete_all", "Read");
    await override("look-up", "Write");
    expect([await codeOf(client, "look-up"), await codeOf(client, "delete_all")]).toEqual(["default_deny", "reached"]);
    await change(guarded, "delete_all");
    expect(await codeOf(client, "delete_all")).toBe("default_deny");
    expect(await toolOf(id, "delete_all")).toMatchObject({ category: "Destructive", state: "changed" });
    // Nor does a server rid itself of its owner's distrust by changing its words.
    await change(guarded, "look-up");
    expect(await codeOf(client, "look-up")).toBe("default_deny");
  });

  it("is for the definition that was looked at, and for no other", async () => {
    const { id } = await guard();
    const body = { name: "delete_all", definitionHash: "0".repeat(64), category: "Read" };
    const answer = await ask("PATCH", `/servers/${id}/tools/override`, { key, body });
    expect([answer.status, answer.body.code]).toEqual([409, "definition_moved_on"]);
  });

  it("is for who publishes policies, in the own organisation alone", async () => {
    const { id, hashOf } = await guard();
    const body = { name: "look-up", definitionHash: hashOf("look-up"), category: "Write" };
    const path = `/servers/${id}/tools/override`;
    const [manager, viewer] = [await addMember(owner, "policy_manager"), await addMember(owner, "viewer")];
    const stranger = await signUp();
    const asked = async (apiKey: string | null) => (await ask("PATCH", path, { key: apiKey, body })).status;
    expect(await asked(manager.apiKey)).toBe(200);
    expect(await asked(viewer.apiKey)).toBe(403);
    expect(await asked(stranger.apiKey)).toBe(404);
    expect(await asked(null)).toBe(401);
    const unknown = await ask("PATCH", path, { key, body: { ...body, name: "nothing" } });
    expect(unknown.status).toBe(404);
    const invented = await ask("PATCH", path, { key, body: { ...body, category: "Harmless" } });
    expect(invented.status).toBe(422);
  });
});
