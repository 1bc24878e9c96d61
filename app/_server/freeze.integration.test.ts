// The brake from the API through two real gateways: what was open ends with a reason, what is new is refused, on both.
import { rm } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../../e2e/harness/database.ts";
import { type RunningGateway, startGateway } from "../../e2e/harness/processes.ts";
import { database } from "../../prisma/client.ts";
import { addMember, ask, setEnvironment, signUp } from "./test-world.ts";

let fresh: TestDatabase;
let gateways: RunningGateway[];
let key: string;
let owner: Awaited<ReturnType<typeof signUp>>;
let serverId: string;
let policyId: string;

/** Answers `quick` at once, begins to stream an answer to `stream` and never ends it, and never answers `silent`. */
const open = new Set<ServerResponse>();
const upstream = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : null;
  open.add(response);
  response.on("close", () => open.delete(response));
  const listens = request.method === "GET";
  if (listens || body?.params?.name === "stream") {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(": begun\n\n");
    return;
  }
  if (body?.params?.name === "silent") return;
  response.writeHead(200, { "content-type": "application/json" });
  const result =
    body?.method === "tools/list"
      ? { tools: ["quick", "stream", "silent"].map((name) => ({ name, inputSchema: { type: "object" } })) }
      : {
          protocolVersion: "2025-06-18",
          capabilities: { tools: {} },
          serverInfo: { name: "u", version: "1" },
          content: [],
        };
  response.end(JSON.stringify({ jsonrpc: "2.0", id: body?.id, result }));
});

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
  await new Promise<void>((ready) => upstream.listen(0, "127.0.0.1", ready));
  const options = { databaseUrl: fresh.url, env: { SECRET_KEY: process.env.SECRET_KEY ?? "" } };
  gateways = await Promise.all([startGateway(options), startGateway(options)]);
  owner = await signUp();
  key = owner.apiKey;
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/mcp`;
  serverId = (await must("POST", "/servers", { name: "u", transport: "http", url })).id;
  const document = { version: "1", default: "allow" };
  policyId = (await must("POST", `/servers/${serverId}/policies`, { name: "p", document })).id;
});

afterAll(async () => {
  await Promise.all((gateways ?? []).map((gateway) => gateway.stop()));
  for (const { dataDir } of gateways ?? []) await rm(dataDir, { recursive: true, force: true });
  upstream.closeAllConnections();
  upstream.close();
  await database().$disconnect();
  await fresh?.drop();
});

async function must(method: string, path: string, body?: unknown) {
  const answer = await ask(method, path, { key, body });
  expect(answer.status, `${method} ${path} ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer.body;
}

const addGrant = async () => must("POST", `/servers/${serverId}/grants`, { label: "ci", policyId });

function send(gateway: RunningGateway | undefined, token: string, tool: string | null): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, accept: "application/json, text/event-stream" };
  const url = `${gateway?.url}/mcp/${serverId}`;
  if (tool === null) return fetch(url, { headers: { ...headers, accept: "text/event-stream" } });
  const body = JSON.stringify({ jsonrpc: "2.0", id: 7, method: "tools/call", params: { name: tool } });
  return fetch(url, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body });
}

const freeze = (scope: string, id: string | undefined, frozen: boolean, reason?: string) =>
  ask("POST", "/freeze", { key, body: { scope, id, frozen, reason } });

describe("a freeze", () => {
  it.each(["organisation", "server", "grant"] as const)(
    "of the %s ends what is open on both gateways, says why, and refuses what is new",
    async (scope) => {
      const grant = await addGrant();
      const id = scope === "organisation" ? undefined : scope === "server" ? serverId : grant.id;
      const begun = await Promise.all(
        gateways.flatMap((gateway) => [send(gateway, grant.token, null), send(gateway, grant.token, "stream")]),
      );
      const waiting = gateways.map((gateway) => send(gateway, grant.token, "silent"));
      await expect.poll(() => open.size).toBe(6);
      const radius = await must("GET", `/freeze/radius?scope=${scope}${id ? `&id=${id}` : ""}`);
      expect(radius).toMatchObject({ servers: 1, openStreams: 4, gateways: { answered: 2, of: 2 } });
      expect(radius.grants).toBeGreaterThan(0);

      const texts = begun.map((response) => response.text());
      const { body } = await freeze(scope, id, true, "a drill");
      const answeredAt = performance.now();
      expect(body.gateways).toMatchObject({ live: 2, of: 2 });
      expect(body.each).toHaveLength(2);
      for (const { ms } of body.each) expect(ms).toBeTypeOf("number");

      const [listened = "", streamed = ""] = await Promise.all(texts);
      expect(performance.now() - answeredAt).toBeLessThan(1_000);
      expect(listened).toContain('"code":"frozen"');
      expect(streamed).toContain('"id":7');
      expect(streamed).toContain(
        "[POLICY DENIED] The owner has frozen this connection. The call may have taken effect",
      );
      for (const answer of await Promise.all(waiting)) expect(await answer.text()).toContain('"code":"frozen"');
      await expect.poll(() => open.size).toBe(0);
      for (const gateway of gateways) {
        expect(await (await send(gateway, grant.token, "quick")).text()).toContain('"code":"frozen"');
        expect((await send(gateway, grant.token, null)).status).toBe(403);
        const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
        expect(metrics).toContain(`policylayer_frozen_${scope}s 1`);
        expect(Number(/policylayer_cut_by_freeze_total (\d+)/.exec(metrics)?.[1])).toBeGreaterThanOrEqual(3);
      }
      expect((await must("GET", "/freeze")).items).toEqual([
        expect.objectContaining({ scope, by: expect.stringContaining(owner.user.email), reason: "a drill" }),
      ]);

      expect((await freeze(scope, id, false)).body).toMatchObject({
        code: "invalid_body",
        errors: [{ pointer: "/reason" }],
      });
      expect((await freeze(scope, id, false, "over")).status).toBe(200);
      for (const gateway of gateways)
        expect(await (await send(gateway, grant.token, "quick")).text()).toContain('"result"');
      expect((await must("GET", "/freeze")).items).toEqual([]);
      const events = await database().auditEvent.findMany({
        where: { action: { startsWith: "brake." } },
        orderBy: { id: "desc" },
        take: 2,
      });
      expect(
        events.map(({ action, targetKind, after }) => [action, targetKind, (after as { reason: string }).reason]),
      ).toEqual([
        ["brake.unfrozen", scope, "over"],
        ["brake.frozen", scope, "a drill"],
      ]);
    },
  );

  it("releases calls that wait for a person, as refused", async () => {
    const document = {
      version: "1",
      default: "allow",
      tools: { quick: { approve_if: [{ conditions: [], timeout: 60 }] } },
    };
    const { id: askingId } = await must("POST", `/servers/${serverId}/policies`, { name: "asking", document });
    const grant = await must("POST", `/servers/${serverId}/grants`, { label: "asking", policyId: askingId });
    const held = gateways.map((gateway, i) =>
      fetch(`${gateway.url}/mcp/${serverId}`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${grant.token}`,
          accept: "application/json, text/event-stream",
          "content-type": "application/json",
        },
        body: JSON.stringify({
          ...{ jsonrpc: "2.0", id: i, method: "tools/call" },
          params: { name: "quick", arguments: { i }, _meta: { progressToken: "p" } },
        }),
      }).then((response) => response.text()),
    );
    const radius = () => must("GET", `/freeze/radius?scope=grant&id=${grant.id}`);
    await expect.poll(async () => (await radius()).heldCalls).toBe(2);
    expect(await radius()).toMatchObject({ pendingApprovals: 2, grants: 1, servers: 1 });
    const from = performance.now();
    await freeze("grant", grant.id, true, "a drill");
    for (const text of await Promise.all(held)) expect(text).toContain('"code":"frozen"');
    expect(performance.now() - from).toBeLessThan(3_000);
    expect(await radius()).toMatchObject({ heldCalls: 0 });
    await freeze("grant", grant.id, false, "over");
  });

  it("leaves what is not under it alone", async () => {
    const [frozen, free] = [await addGrant(), await addGrant()];
    const streams = await Promise.all([frozen, free].map(({ token }) => send(gateways[0], token, null)));
    const ended = streams.map((stream) => stream.text().then(() => true));
    await freeze("grant", frozen.id, true);
    await ended[0];
    expect(await Promise.race([ended[1], new Promise((resolve) => setTimeout(resolve, 300, "open"))])).toBe("open");
    expect(await (await send(gateways[1], free.token, "quick")).text()).toContain('"result"');
    await freeze("grant", free.id, true);
    await ended[1];
  });

  it("is no business of another organisation, nor of those who may not", async () => {
    const stranger = await signUp();
    for (const scope of ["organisation", "server"]) {
      const id = scope === "server" ? serverId : owner.organisation.id;
      const body = { scope, id, frozen: true };
      expect((await ask("POST", "/freeze", { key: stranger.apiKey, body })).status).toBe(404);
      expect((await ask("GET", `/freeze/radius?scope=${scope}&id=${id}`, { key: stranger.apiKey })).status).toBe(404);
    }
    const manager = await addMember(owner, "policy_manager");
    expect(
      (await ask("POST", "/freeze", { key: manager.apiKey, body: { scope: "organisation", frozen: true } })).status,
    ).toBe(403);
    expect((await ask("GET", "/freeze", { key: manager.apiKey })).status).toBe(200);
  });
});
