import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../../e2e/harness/database.ts";
import { database } from "../../prisma/client.ts";
import { open } from "../../prisma/secrets.ts";
import { callId } from "./call-world.ts";
import { secretKeys } from "./environment.ts";
import {
  type Asked,
  addMember,
  ask,
  foundServer,
  type StandInGateway,
  setEnvironment,
  signUp,
  startStandInGateway,
} from "./test-world.ts";

const seedPolicy = { version: "1", default: "deny", tools: { vm_create: {} } };
const password = "correct horse battery staple";

let fresh: TestDatabase;
let gateway: StandInGateway;
let first: Awaited<ReturnType<typeof signUp>>;

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
  gateway = await startStandInGateway();
  first = await signUp();
});

beforeEach(() => {
  gateway.answer = foundServer(["vm_create", "vm_list"]);
  gateway.enforces = true;
  gateway.beats = true;
  gateway.inspected = [];
});

afterAll(async () => {
  await gateway.stop();
  await database().$disconnect();
  await fresh.drop();
});

function expectProblem(asked: Asked, status: number, code: string): void {
  expect(asked.body).toMatchObject({
    status,
    code,
    title: expect.any(String),
    type: `urn:policylayer:problem:${code}`,
  });
  expect(asked.status).toBe(status);
  expect(asked.type).toBe("application/problem+json");
}

async function addServer(key: string, name = "everything"): Promise<Asked["body"]> {
  const { body, status } = await ask("POST", "/servers", {
    key,
    body: { name, transport: "http", url: "http://127.0.0.1:9/mcp" },
  });
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}

async function addPolicy(key: string, serverId: string, document: unknown = seedPolicy): Promise<string> {
  const { body, status } = await ask("POST", `/servers/${serverId}/policies`, { key, body: { name: "ci", document } });
  expect(status, JSON.stringify(body)).toBe(201);
  return body.id;
}

async function addGrant(key: string, serverId: string, policyId?: string): Promise<Asked["body"]> {
  const { body, status } = await ask("POST", `/servers/${serverId}/grants`, { key, body: { label: "ci", policyId } });
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}

describe("signing up", () => {
  it("makes a user, an organisation with that user as admin, and a key that works", async () => {
    const email = `Grace-${randomUUID()}@Example.com`;
    const { status, body } = await ask("POST", "/signup", { body: { email, password, organisation: "Navy" } });
    expect(status).toBe(201);
    expect(body.user.email).toBe(email.toLowerCase());
    expect(body.apiKey).toMatch(/^pla_/);
    const me = await ask("GET", "/me", { key: body.apiKey });
    expect(me.body).toMatchObject({ user: body.user, organisation: { name: "Navy", frozen: false }, role: "admin" });
  });

  it("keeps neither password nor key as they are", async () => {
    const user = await database().user.findUniqueOrThrow({ where: { id: first.user.id } });
    expect(user.passwordHash).toMatch(/^\$argon2id\$/);
    const key = await database().apiKey.findFirstOrThrow({ where: { userId: first.user.id } });
    expect(JSON.stringify(key)).not.toContain(first.apiKey);
  });

  it("refuses an address that is taken, also when two take it at once", async () => {
    const email = `twice-${randomUUID()}@example.com`;
    const both = await Promise.all([1, 2].map(() => ask("POST", "/signup", { body: { email, password } })));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    expectProblem(await ask("POST", "/signup", { body: { email: email.toUpperCase(), password } }), 409, "email_taken");
  });

  it("refuses short and common passwords and says where", async () => {
    const email = `weak-${randomUUID()}@example.com`;
    const short = await ask("POST", "/signup", { body: { email, password: "short" } });
    expectProblem(short, 422, "invalid_body");
    expect(short.body.errors).toEqual([{ pointer: "/password", message: "must have 12 characters or more" }]);
    expectProblem(
      await ask("POST", "/signup", { body: { email, password: "password12345" } }),
      422,
      "password_too_common",
    );
  });

  it("lets only the organisation that signed up first start commands here", async () => {
    const later = await signUp();
    expect((await ask("GET", "/me", { key: first.apiKey })).body.mayStartCommands).toBe(true);
    expect((await ask("GET", "/me", { key: later.apiKey })).body.mayStartCommands).toBe(false);
    const body = { name: "x", transport: "stdio", command: "touch", args: ["/tmp/x"] };
    expectProblem(await ask("POST", "/servers", { key: later.apiKey, body }), 403, "stdio_not_allowed");
    expect(gateway.inspected).toEqual([]);
    expect((await ask("POST", "/servers", { key: first.apiKey, body })).status).toBe(201);
  });

  it("lets nobody else change what a command is started with, one of their own from other days included", async () => {
    const later = await signUp();
    const { id } = await database().server.create({
      data: { organisationId: later.organisation.id, name: "x", transport: "stdio", command: "touch", args: [] },
    });
    const env = { NODE_OPTIONS: "--import=data:text/javascript,0" };
    expectProblem(await ask("PATCH", `/servers/${id}`, { key: later.apiKey, body: { env } }), 403, "stdio_not_allowed");
    expect((await ask("PATCH", `/servers/${id}`, { key: later.apiKey, body: { name: "y" } })).status).toBe(200);
  });
});

describe("a request", () => {
  it("without a credential, or with one that is not in use, is 401", async () => {
    expectProblem(await ask("GET", "/me"), 401, "not_signed_in");
    for (const key of ["pla_nonsense", `${first.apiKey.slice(0, -1)}x`, first.apiKey.replace("pla_", "plg_")]) {
      const refused = await ask("GET", "/me", { key });
      expectProblem(refused, 401, "invalid_credential");
      expect(refused.headers.get("www-authenticate")).toBe("Bearer");
    }
  });

  it("of a user who left the organisation is 401", async () => {
    const viewer = await addMember(first, "viewer");
    expect((await ask("GET", "/me", { key: viewer.apiKey })).status).toBe(200);
    await database().membership.deleteMany({ where: { userId: viewer.user.id } });
    expectProblem(await ask("GET", "/me", { key: viewer.apiKey }), 401, "invalid_credential");
  });

  it("is taken as application/json only, and read in one way only", async () => {
    const key = first.apiKey;
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      const raw = '{"name":"x"}';
      expectProblem(
        await ask("POST", "/api-keys", { key, raw, headers: { "content-type": type } }),
        415,
        "unsupported_media_type",
      );
    }
    expectProblem(await ask("POST", "/api-keys", { key, raw: "{" }), 400, "invalid_json");
    const twice = await ask("POST", "/api-keys", { key, raw: '{"name":"a","name":"b"}' });
    expectProblem(twice, 400, "invalid_json");
    expect(twice.body.errors).toEqual([{ pointer: "/name", message: "is there twice" }]);
    expectProblem(
      await ask("POST", "/api-keys", { key, raw: `"${"x".repeat(3 * 1024 * 1024)}"` }),
      413,
      "body_too_large",
    );
    const unknown = await ask("POST", "/api-keys", { key, body: { name: "x", admin: true } });
    expectProblem(unknown, 422, "invalid_body");
    expectProblem(await ask("GET", "/calls?limit=1000", { key }), 400, "invalid_query");
    expectProblem(await ask("GET", "/calls?nonsense=1", { key }), 400, "invalid_query");
    expectProblem(await ask("GET", "/calls?limit=1&limit=2", { key }), 400, "invalid_query");
    expectProblem(await ask("GET", "/calls?cursor=nonsense", { key }), 400, "invalid_query");
    expectProblem(await ask("GET", "/calls?tool=%00", { key }), 400, "invalid_query");
  });

  it("from another web page is refused, with and without a credential", async () => {
    const foreign: Record<string, string>[] = [
      { origin: "https://evil.example" },
      { origin: "null" },
      { origin: "http://localhost:5555", "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "cross-site" },
    ];
    for (const headers of foreign) {
      expectProblem(
        await ask("POST", "/signup", { body: { email: "x@example.com", password }, headers }),
        403,
        "foreign_origin",
      );
      expectProblem(await ask("GET", "/me", { key: first.apiKey, headers }), 403, "foreign_origin");
    }
    expectProblem(
      await ask("GET", "/me", { key: first.apiKey, headers: { host: "rebound.example.com" } }),
      403,
      "foreign_host",
    );
  });
});

describe("roles", () => {
  it("an admin may do all, a policy manager policies, a viewer read", async () => {
    const admin = await signUp();
    const manager = await addMember(admin, "policy_manager");
    const viewer = await addMember(admin, "viewer");
    const { id: serverId } = await addServer(admin.apiKey);
    const policyId = await addPolicy(manager.apiKey, serverId);
    const { id: grantId } = await addGrant(admin.apiKey, serverId);

    const url = { name: "x", transport: "http", url: "http://127.0.0.1:9/" };
    const attempts: [string, string, unknown, number, number][] = [
      // method, path, body, what a policy manager hears, what a viewer hears
      ["GET", "/servers", undefined, 200, 200],
      ["GET", `/servers/${serverId}`, undefined, 200, 200],
      ["GET", `/policies/${policyId}`, undefined, 200, 200],
      ["GET", `/servers/${serverId}/grants`, undefined, 200, 200],
      ["GET", "/calls", undefined, 200, 200],
      ["POST", `/servers/${serverId}/policies`, { name: "x", document: seedPolicy }, 201, 403],
      ["PUT", `/policies/${policyId}/draft`, { document: "{}", seenRevision: 1 }, 200, 403],
      ["PATCH", `/grants/${grantId}`, { policyId }, 200, 403],
      ["PATCH", `/grants/${grantId}`, { frozen: true }, 403, 403],
      ["PATCH", `/grants/${grantId}`, { policyId, label: "x" }, 403, 403],
      ["POST", `/grants/${grantId}/rotate`, undefined, 403, 403],
      ["DELETE", `/grants/${grantId}`, undefined, 403, 403],
      ["POST", `/servers/${serverId}/grants`, { label: "x" }, 403, 403],
      ["POST", "/servers", url, 403, 403],
      ["PATCH", `/servers/${serverId}`, { headers: {} }, 403, 403],
      ["POST", `/servers/${serverId}/refresh`, undefined, 403, 403],
      ["GET", `/servers/${serverId}/changes`, undefined, 200, 200],
      [
        "POST",
        `/servers/${serverId}/tools/review`,
        { tools: [{ name: "x", definitionHash: "y" }], decision: "accept" },
        403,
        403,
      ],
      ["DELETE", `/servers/${serverId}`, undefined, 403, 403],
      ["POST", "/freeze", { scope: "organisation", frozen: true }, 403, 403],
      ["GET", "/api-keys", undefined, 403, 403],
      ["POST", "/api-keys", { name: "x" }, 403, 403],
    ];
    for (const [method, path, body, managerStatus, viewerStatus] of attempts) {
      const asViewer = await ask(method, path, { key: viewer.apiKey, body });
      expect(asViewer.status, `viewer ${method} ${path}`).toBe(viewerStatus);
      if (viewerStatus === 403) expectProblem(asViewer, 403, "forbidden");
      const asManager = await ask(method, path, { key: manager.apiKey, body });
      expect(asManager.status, `policy manager ${method} ${path} ${JSON.stringify(asManager.body)}`).toBe(
        managerStatus,
      );
    }
    expect((await ask("GET", `/grants/${grantId}`, { key: admin.apiKey })).body).toMatchObject({
      label: "ci",
      frozen: false,
    });
  });
});

describe("another organisation", () => {
  it("cannot name the ids in bodies and queries either", async () => {
    const owner = await signUp();
    const stranger = await signUp();
    const { id: serverId } = await addServer(owner.apiKey);
    const policyId = await addPolicy(owner.apiKey, serverId);
    const { id: grantId } = await addGrant(owner.apiKey, serverId, policyId);
    const own = await addServer(stranger.apiKey);
    const ownGrant = await addGrant(stranger.apiKey, own.id);
    const key = stranger.apiKey;
    const call = { tool: "vm_create", arguments: {} };
    const attempts: [string, string, unknown][] = [
      ["POST", `/servers/${own.id}/grants`, { label: "x", policyId }],
      ["PATCH", `/grants/${ownGrant.id}`, { policyId }],
      ["POST", "/freeze", { scope: "server", id: serverId, frozen: true }],
      ["POST", "/freeze", { scope: "grant", id: grantId, frozen: true }],
      ["POST", "/freeze", { scope: "organisation", id: owner.organisation.id, frozen: true }],
      ["POST", "/simulate", { serverId, ...call }],
      ["POST", "/simulate", { serverId: own.id, policyId, ...call }],
      ["GET", `/calls?serverId=${serverId}`, undefined],
      ["GET", `/calls?grantId=${grantId}`, undefined],
    ];
    for (const [method, path, body] of attempts) {
      expectProblem(await ask(method, path, { key, body }), 404, "not_found");
    }
    for (const path of ["/servers", "/policies", "/grants", "/calls", "/api-keys"]) {
      const { body } = await ask("GET", path, { key });
      expect(JSON.stringify(body), path).not.toMatch(new RegExp([serverId, policyId, grantId].join("|")));
    }
  });
});

describe("a server", () => {
  it("is registered with its tools, classified, when a gateway could connect", async () => {
    const body = await addServer(first.apiKey, "tmux");
    expect(body).toMatchObject({
      name: "tmux",
      status: "connected",
      era: "legacy",
      toolCount: 2,
      gatewayUrl: `http://127.0.0.1:4000/mcp/${body.id}`,
    });
    expect(body.tools.map((tool: { name: string }) => tool.name)).toEqual(["vm_create", "vm_list"]);
    expect(body.tools[0]).toMatchObject({
      state: "accepted",
      description: "does what it says",
      inputSchema: { type: "object" },
    });
    expect(Object.values(body.severityCounts).reduce((sum: number, count) => sum + Number(count), 0)).toBe(2);
  });

  it("that cannot be reached is a 422 with the gateway's sentence, and nothing is kept", async () => {
    const count = () => database().server.count();
    const before = await count();
    gateway.answer = { ok: false, code: "command_not_found", message: "There is no program `nope`." };
    const refused = await ask("POST", "/servers", {
      key: first.apiKey,
      body: { name: "x", transport: "stdio", command: "nope", args: [] },
    });
    expectProblem(refused, 422, "command_not_found");
    expect(refused.body.detail).toBe("There is no program `nope`.");
    gateway.answer = { ok: false, code: "something_new", message: "Odd." };
    const odd = await ask("POST", "/servers", {
      key: first.apiKey,
      body: { name: "x", transport: "http", url: "http://127.0.0.1:9/" },
    });
    expectProblem(odd, 422, "upstream_failed");
    expect(await count()).toBe(before);
  });

  it("keeps its headers sealed and never shows them again", async () => {
    const headers = { Authorization: "Bearer top-secret", "X-Team": "blue" };
    const { body } = await ask("POST", "/servers", {
      key: first.apiKey,
      body: { name: "sealed", transport: "http", url: "https://mcp.example.com/", headers },
    });
    expect(gateway.inspected).toEqual([{ transport: "http", url: "https://mcp.example.com/", headers }]);
    expect(body.secretNames).toEqual(["Authorization", "X-Team"]);
    const shown = await ask("GET", `/servers/${body.id}`, { key: first.apiKey });
    expect(JSON.stringify([body, shown.body])).not.toContain("top-secret");
    const row = await database().server.findUniqueOrThrow({ where: { id: body.id } });
    expect(JSON.stringify(row)).not.toContain("top-secret");
    expect(JSON.parse(open(secretKeys(), "upstream-headers", row.sealedHeaders ?? "", body.id) ?? "")).toEqual(headers);

    const patched = await ask("PATCH", `/servers/${body.id}`, {
      key: first.apiKey,
      body: { name: "renamed", headers: { "X-New": "1" } },
    });
    expect(patched.body).toMatchObject({ name: "renamed", secretNames: ["X-New"] });
    await ask("POST", `/servers/${body.id}/refresh`, { key: first.apiKey });
    expect(gateway.inspected.at(-1)).toMatchObject({ headers: { "X-New": "1" } });
    expectProblem(
      await ask("PATCH", `/servers/${body.id}`, { key: first.apiKey, body: { env: { A: "b" } } }),
      422,
      "invalid_body",
    );
  });

  it("refuses a password in its URL", async () => {
    const body = { name: "x", transport: "http", url: "https://ada:secret@mcp.example.com/" };
    expectProblem(await ask("POST", "/servers", { key: first.apiKey, body }), 422, "invalid_body");
  });

  it("refreshed shows what is new, changed and gone, and accepts none of it by itself", async () => {
    const { id } = await addServer(first.apiKey);
    gateway.answer = {
      ...foundServer([]),
      tools: [...(foundServer(["vm_list"], "now different").tools as []), ...(foundServer(["vm_new"]).tools as [])],
    };
    const { body } = await ask("POST", `/servers/${id}/refresh`, { key: first.apiKey });
    expect(
      body.tools.map(({ name, state, description }: Record<string, string>) => [name, state, description]).sort(),
    ).toEqual([
      ["vm_create", "gone", "does what it says"],
      ["vm_list", "changed", "does what it says"],
    ]);
    expect(body).toMatchObject({ toolCount: 1, changeCount: 3 });
    const { body: changes } = await ask("GET", `/servers/${id}/changes`, { key: first.apiKey });
    const seen = changes.items.map(({ name, grades }: { name: string; grades: string[] }) => [name, ...grades]);
    expect(seen.sort()).toEqual([
      ["vm_create", "gone"],
      ["vm_list", "wording"],
      ["vm_new", "new"],
    ]);

    const tools = changes.items.map(({ name, definitionHash }: Record<string, string>) => ({ name, definitionHash }));
    const accepted = await ask("POST", `/servers/${id}/tools/review`, {
      key: first.apiKey,
      body: { tools, decision: "accept" },
    });
    expect(accepted.body).toMatchObject({ reviewed: 3, gateways: { live: 1, of: 1 } });
    const { body: now } = await ask("GET", `/servers/${id}`, { key: first.apiKey });
    expect(now.tools.map(({ name, state }: Record<string, string>) => [name, state]).sort()).toEqual([
      ["vm_create", "gone"],
      ["vm_list", "accepted"],
      ["vm_new", "accepted"],
    ]);
    expect(now).toMatchObject({ toolCount: 2, changeCount: 0 });
    const again = { key: first.apiKey, body: { tools, decision: "accept" } };
    expectProblem(await ask("POST", `/servers/${id}/tools/review`, again), 409, "change_moved_on");

    gateway.answer = { ok: false, code: "upstream_unreachable", message: "Connection refused." };
    expectProblem(await ask("POST", `/servers/${id}/refresh`, { key: first.apiKey }), 422, "upstream_unreachable");
    const { body: after } = await ask("GET", `/servers/${id}`, { key: first.apiKey });
    expect(after).toMatchObject({ status: "upstream_unreachable", statusMessage: "Connection refused.", toolCount: 2 });
  });

  it("whose change was rejected holds the tool until it is served as it was accepted", async () => {
    const { id } = await addServer(first.apiKey);
    const good = gateway.answer;
    gateway.answer = { ...foundServer(["vm_create"]), tools: foundServer(["vm_list", "vm_create"], "worse").tools };
    await ask("POST", `/servers/${id}/refresh`, { key: first.apiKey });
    const { body } = await ask("GET", `/servers/${id}/changes`, { key: first.apiKey });
    const tools = body.items.map(({ name, definitionHash }: Record<string, string>) => ({ name, definitionHash }));
    await ask("POST", `/servers/${id}/tools/review`, { key: first.apiKey, body: { tools, decision: "reject" } });
    const states = async () => {
      const { body: now } = await ask("GET", `/servers/${id}`, { key: first.apiKey });
      return [now.changeCount, ...now.tools.map(({ state }: { state: string }) => state)];
    };
    expect(await states()).toEqual([0, "changed", "changed"]);
    const { body: rejected } = await ask("GET", `/servers/${id}/changes`, { key: first.apiKey });
    expect(rejected.items.map(({ state }: { state: string }) => state)).toEqual(["rejected", "rejected"]);
    gateway.answer = good;
    await ask("POST", `/servers/${id}/refresh`, { key: first.apiKey });
    expect(await states()).toEqual([0, "accepted", "accepted"]);
  });

  it("says what happens to changes, and what is relayed, and keeps what is not mentioned", async () => {
    const { id, onDefinitionChange, methods } = await addServer(first.apiKey);
    expect(onDefinitionChange).toBe("hold");
    expect(new Set(Object.values(methods))).toEqual(new Set(["relay"]));
    const patch = (body: object) => ask("PATCH", `/servers/${id}`, { key: first.apiKey, body });
    await patch({ onDefinitionChange: "block", methods: { sampling: "refuse" } });
    const { body } = await patch({ methods: { roots: "refuse" } });
    expect(body.onDefinitionChange).toBe("block");
    expect(body.methods).toMatchObject({ sampling: "refuse", roots: "refuse", prompts: "relay" });
    expectProblem(await patch({ onDefinitionChange: "panic" }), 422, "invalid_body");
    expectProblem(await patch({ methods: { tools: "refuse" } }), 422, "invalid_body");
  });

  it("with names that Postgres cannot hold, or twice, does not break anything", async () => {
    gateway.answer = { ...foundServer([]), tools: foundServer(["a\0b", "same", "same", "x".repeat(5_000)]).tools };
    const body = await addServer(first.apiKey);
    expect(body.tools.map(({ name }: { name: string }) => name.slice(0, 4))).toEqual(["same", "xxxx"]);
  });

  it("deleted takes its policies and grants along", async () => {
    const { id } = await addServer(first.apiKey);
    const policyId = await addPolicy(first.apiKey, id);
    const { id: grantId } = await addGrant(first.apiKey, id, policyId);
    expect((await ask("DELETE", `/servers/${id}`, { key: first.apiKey })).status).toBe(204);
    for (const path of [`/servers/${id}`, `/policies/${policyId}`, `/grants/${grantId}`]) {
      expectProblem(await ask("GET", path, { key: first.apiKey }), 404, "not_found");
    }
  });
});

describe("a policy", () => {
  let serverId: string;
  beforeAll(async () => {
    serverId = (await addServer(first.apiKey)).id;
  });

  it("is kept as its author wrote it, text or object", async () => {
    const text = '{ "version":"1",\n\n "default" : "deny" }';
    const asText = await addPolicy(first.apiKey, serverId, text);
    const asObject = await addPolicy(first.apiKey, serverId, { version: "1", default: "deny" });
    expect((await ask("GET", `/policies/${asText}`, { key: first.apiKey })).body).toMatchObject({
      draft: text,
      document: text,
      draftDiffers: false,
    });
    expect((await ask("GET", `/policies/${asObject}`, { key: first.apiKey })).body.document).toBe(
      '{\n  "version": "1",\n  "default": "deny"\n}',
    );
  });

  it("with problems is a 422 that has them all", async () => {
    const document = { version: "1", default: "maybe", tolls: {} };
    const refused = await ask("POST", `/servers/${serverId}/policies`, {
      key: first.apiKey,
      body: { name: "x", document },
    });
    expectProblem(refused, 422, "policy_invalid");
    expect(refused.body.problems.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
      "/default",
      "/tolls",
    ]);
    expect(refused.body.problems[0]).toMatchObject({
      code: expect.any(String),
      message: expect.any(String),
      severity: "error",
    });
  });

  it("is compared with the tools of its server wherever problems are answered", async () => {
    const document = JSON.stringify({ version: "1", default: "deny", tools: { no_such_tool_here: {} } });
    const made = await ask("POST", `/servers/${serverId}/policies`, {
      key: first.apiKey,
      body: { name: "x", document: JSON.parse(document) },
    });
    const { id } = made.body;
    const saved = await ask("PUT", `/policies/${id}/draft`, { key: first.apiKey, body: { document, seenRevision: 1 } });
    const read = await ask("GET", `/policies/${id}`, { key: first.apiKey });
    for (const { body } of [made, saved, read]) {
      expect(body.problems).toMatchObject([
        { code: "unknown_tool", pointer: "/tools/no_such_tool_here", severity: "warning", line: expect.any(Number) },
      ]);
    }
  });

  it("can be made with a draft that is not published with it", async () => {
    const make = (draft: string) =>
      ask("POST", `/servers/${serverId}/policies`, {
        key: first.apiKey,
        body: { name: "x", document: { version: "1", default: "deny" }, draft },
      });
    const text = JSON.stringify(seedPolicy);
    const { body } = await make(text);
    const read = await ask("GET", `/policies/${body.id}`, { key: first.apiKey });
    expect(read.body).toMatchObject({
      document: '{\n  "version": "1",\n  "default": "deny"\n}',
      draft: text,
      draftDiffers: true,
      activeVersion: 1,
    });
    expectProblem(await make("x".repeat(300 * 1024)), 422, "document_too_large");
  });

  it("has a draft that may have problems and is never silently overwritten", async () => {
    const id = await addPolicy(first.apiKey, serverId);
    const save = (document: string, seenRevision: number) =>
      ask("PUT", `/policies/${id}/draft`, { key: first.apiKey, body: { document, seenRevision } });
    const saved = await save("{", 1);
    expect(saved.body.revision).toBe(2);
    expect(saved.body.problems.length).toBeGreaterThan(0);
    const conflict = await save("{}", 1);
    expectProblem(conflict, 409, "draft_moved_on");
    expect(conflict.body.revision).toBe(2);
    expectProblem(await save(`"${"x".repeat(300 * 1024)}"`, 2), 422, "document_too_large");
    const race = await Promise.all(["[1]", "[2]", "[3]"].map((text) => save(text, 2)));
    expect(race.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });

  it("gets a version for each publish, none lost and none twice, when several come at the same moment", async () => {
    const id = await addPolicy(first.apiKey, serverId);
    const text = JSON.stringify({ ...seedPolicy, description: "second" });
    await ask("PUT", `/policies/${id}/draft`, { key: first.apiKey, body: { document: text, seenRevision: 1 } });
    const publish = () =>
      ask("POST", `/policies/${id}/versions`, { key: first.apiKey, body: { seenRevision: 2, note: "why" } });
    const race = await Promise.all([publish(), publish(), publish()]);
    expect(race.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(race.map(({ body }) => body.version).sort()).toEqual([2, 3, 4]);
    expect(race[0]?.body.gateways).toEqual({ live: 1, of: 1, ms: expect.any(Number) });
    const { body } = await ask("GET", `/policies/${id}/versions`, { key: first.apiKey });
    expect(
      body.items.map(({ version, active, note, author }: Record<string, unknown>) => ({
        version,
        active,
        note,
        author,
      })),
    ).toEqual([
      { version: 4, active: true, note: "why", author: first.user.email },
      { version: 3, active: false, note: "why", author: first.user.email },
      { version: 2, active: false, note: "why", author: first.user.email },
      { version: 1, active: false, note: null, author: first.user.email },
    ]);
    // The revision that was published is still the one to go on from.
    expect(
      (await ask("PUT", `/policies/${id}/draft`, { key: first.apiKey, body: { document: "{}", seenRevision: 2 } }))
        .status,
    ).toBe(200);
    expectProblem(
      await ask("POST", `/policies/${id}/versions`, { key: first.apiKey, body: { seenRevision: 2 } }),
      409,
      "draft_moved_on",
    );
    expectProblem(
      await ask("POST", `/policies/${id}/versions`, { key: first.apiKey, body: { seenRevision: 3 } }),
      422,
      "policy_invalid",
    );
  });

  it("restores an older version as a new one", async () => {
    const id = await addPolicy(first.apiKey, serverId);
    const text = JSON.stringify({ ...seedPolicy, description: "second" });
    await ask("PUT", `/policies/${id}/draft`, { key: first.apiKey, body: { document: text, seenRevision: 1 } });
    await ask("POST", `/policies/${id}/versions`, { key: first.apiKey, body: { seenRevision: 2 } });
    const restored = await ask("POST", `/policies/${id}/versions`, { key: first.apiKey, body: { restore: 1 } });
    expect(restored).toMatchObject({ status: 201, body: { version: 3 } });
    const { body } = await ask("GET", `/policies/${id}`, { key: first.apiKey });
    expect(body).toMatchObject({ activeVersion: 3, draftDiffers: false, draftRevision: 3 });
    expect(JSON.parse(body.document)).toEqual(seedPolicy);
    expectProblem(
      await ask("POST", `/policies/${id}/versions`, { key: first.apiKey, body: { restore: 99 } }),
      422,
      "invalid_body",
    );
  });

  it("stays while a grant uses it", async () => {
    const id = await addPolicy(first.apiKey, serverId);
    const { id: grantId } = await addGrant(first.apiKey, serverId, id);
    expectProblem(await ask("DELETE", `/policies/${id}`, { key: first.apiKey }), 409, "policy_in_use");
    await ask("DELETE", `/grants/${grantId}`, { key: first.apiKey });
    expect((await ask("DELETE", `/policies/${id}`, { key: first.apiKey })).status).toBe(204);
  });

  it("says when gateways have not taken it over within two seconds", async () => {
    gateway.enforces = false;
    const id = await addPolicy(first.apiKey, serverId);
    const { body } = await ask("POST", `/policies/${id}/versions`, { key: first.apiKey, body: { restore: 1 } });
    expect(body.gateways).toMatchObject({ live: 0, of: 1 });
    expect(body.gateways.ms).toBeGreaterThanOrEqual(2_000);
  });
});

describe("a grant", () => {
  let serverId: string;
  beforeAll(async () => {
    serverId = (await addServer(first.apiKey, "tmux claude")).id;
  });

  it("shows its token once, with what to paste into each client", async () => {
    const grant = await addGrant(first.apiKey, serverId);
    expect(grant.token).toMatch(/^plg_/);
    expect(grant.clientConfigs).toHaveLength(7);
    for (const { text } of grant.clientConfigs) expect(text).toContain(grant.token);
    const shown = await ask("GET", `/grants/${grant.id}`, { key: first.apiKey });
    expect(shown.body).toMatchObject({ status: "active", policyId: null, hint: grant.token.slice(-4) });
    expect(JSON.stringify(shown.body)).not.toContain(grant.token);
    expect(JSON.stringify(await database().grant.findMany())).not.toContain(grant.token);
  });

  it("is rotated, frozen and revoked, each with the gateways in step", async () => {
    const grant = await addGrant(first.apiKey, serverId);
    const rotated = await ask("POST", `/grants/${grant.id}/rotate`, { key: first.apiKey });
    expect(rotated.status).toBe(200);
    expect(rotated.body.token).not.toBe(grant.token);
    const frozen = await ask("PATCH", `/grants/${grant.id}`, { key: first.apiKey, body: { frozen: true } });
    expect(frozen.body).toMatchObject({ status: "frozen", frozen: true });
    const epoch = await database().configEpoch.findFirstOrThrow();
    expect((await database().gateway.findFirstOrThrow()).epoch).toBe(epoch.epoch);
    expect((await ask("DELETE", `/grants/${grant.id}`, { key: first.apiKey })).status).toBe(204);
    expect((await ask("GET", `/grants/${grant.id}`, { key: first.apiKey })).body.status).toBe("revoked");
    expectProblem(
      await ask("PATCH", `/grants/${grant.id}`, { key: first.apiKey, body: { frozen: false } }),
      409,
      "grant_revoked",
    );
    expectProblem(await ask("POST", `/grants/${grant.id}/rotate`, { key: first.apiKey }), 409, "grant_revoked");
  });

  it("takes only a policy of its own server, and an end in the future", async () => {
    const other = await addServer(first.apiKey);
    const policyId = await addPolicy(first.apiKey, other.id);
    const path = `/servers/${serverId}/grants`;
    expectProblem(
      await ask("POST", path, { key: first.apiKey, body: { label: "x", policyId } }),
      422,
      "policy_of_another_server",
    );
    const expiresAt = "2020-01-01T00:00:00Z";
    expectProblem(await ask("POST", path, { key: first.apiKey, body: { label: "x", expiresAt } }), 422, "invalid_body");
  });

  it("can be frozen with its server and organisation, and released", async () => {
    const owner = await signUp();
    const { id } = await addServer(owner.apiKey);
    const freeze = (body: unknown) => ask("POST", "/freeze", { key: owner.apiKey, body });
    expect((await freeze({ scope: "organisation", frozen: true })).body).toEqual({
      gateways: { live: 1, of: 1, ms: expect.any(Number) },
      each: [{ id: expect.any(String), ms: expect.any(Number) }],
    });
    expect((await ask("GET", "/me", { key: owner.apiKey })).body.organisation.frozen).toBe(true);
    expectProblem(await freeze({ scope: "organisation", frozen: false }), 422, "invalid_body");
    await freeze({ scope: "organisation", frozen: false, reason: "it was a drill" });
    expect((await ask("GET", "/me", { key: owner.apiKey })).body.organisation.frozen).toBe(false);
    await freeze({ scope: "server", id, frozen: true });
    expect((await ask("GET", `/servers/${id}`, { key: owner.apiKey })).body.frozen).toBe(true);
    expectProblem(await freeze({ scope: "server", frozen: true }), 422, "invalid_body");
  });
});

describe("the calls on record", () => {
  it("come newest first, filtered, in pages that new calls do not shift", async () => {
    const owner = await signUp();
    const { id: serverId } = await addServer(owner.apiKey);
    const at = (n: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, Math.floor(n / 2)));
    const call = (n: number) => ({
      id: callId(at(n)),
      organisationId: owner.organisation.id,
      serverId,
      at: at(n),
      method: "tools/call",
      tool: n % 3 === 0 ? "vm_list" : "vm_create",
      code: n % 2 === 0 ? "allowed" : "default_deny",
      rule: "/default",
      message: "",
      argumentKeys: ["id"],
      outcome: "answered",
    });
    await database().call.createMany({ data: Array.from({ length: 25 }, (_, n) => call(n)) });

    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const { body }: Asked = await ask("GET", `/calls?limit=10${cursor ? `&cursor=${cursor}` : ""}`, {
        key: owner.apiKey,
      });
      seen.push(...body.items.map((item: { id: string; at: string }) => `${item.at} ${item.id}`));
      cursor = body.nextCursor;
      await database().call.create({ data: call(1_000) });
    } while (cursor);
    expect(seen).toHaveLength(25);
    expect(seen).toEqual([...seen].sort().reverse());

    const count = async (query: string) =>
      (await ask("GET", `/calls?limit=200&to=2026-01-01T00:01:00Z&${query}`, { key: owner.apiKey })).body.items.length;
    expect(await count("")).toBe(25);
    expect(await count("tool=vm_list")).toBe(9);
    expect(await count("code=allowed")).toBe(13);
    expect(await count(`serverId=${serverId}&from=2026-01-01T00:00:10Z`)).toBe(5);
  });
});

describe("a simulated call", () => {
  it("is decided as the gateway would, with how it came about", async () => {
    const { id: serverId } = await addServer(first.apiKey);
    const simulate = (body: Record<string, unknown>) =>
      ask("POST", "/simulate", { key: first.apiKey, body: { serverId, tool: "vm_create", arguments: {}, ...body } });
    expect((await simulate({})).body.decision.code).toBe("no_policy");
    const allowed = await simulate({ document: seedPolicy });
    expect(allowed.body.decision.code).toBe("allowed");
    expect(allowed.body.trace.length).toBeGreaterThan(0);
    expect((await simulate({ document: seedPolicy, tool: "vm_list" })).body.decision).toMatchObject({
      code: "default_deny",
      rule: "/default",
    });
    expect((await simulate({ document: seedPolicy, tool: "unknown" })).body.decision.code).toBe("unknown_tool");
    const precise = { deny_if: [{ conditions: [{ path: "args.n", op: "gt", value: 5 }] }] };
    const raw = JSON.stringify({
      serverId,
      tool: "vm_create",
      arguments: { n: 1 },
      document: { ...seedPolicy, tools: { vm_create: precise } },
    });
    expect((await ask("POST", "/simulate", { key: first.apiKey, raw })).body.decision.code).toBe("allowed");
    const unreadable = raw.replace('"n":1', '"n":1.00000000000000000001');
    expect((await ask("POST", "/simulate", { key: first.apiKey, raw: unreadable })).body.decision.code).toBe("denied");
    const limit = { counter: "c", window: "minute", max: 0 };
    const limited = await simulate({ document: { ...seedPolicy, tools: { vm_create: { limits: [limit] } } } });
    expect(limited.body.decision).toMatchObject({ code: "rate_limited", rule: "/tools/vm_create/limits/0" });
    const policyId = await addPolicy(first.apiKey, serverId);
    expect((await simulate({ policyId })).body.decision.code).toBe("allowed");
    expectProblem(await simulate({ document: {} }), 422, "policy_invalid");
    expectProblem(await simulate({ document: {}, policyId }), 422, "invalid_body");
  });
});

describe("without a running gateway", () => {
  it("a server cannot be registered, and changes do not wait", async () => {
    gateway.beats = false;
    await database().$executeRaw`UPDATE "Gateway" SET "seenAt" = now() - interval '1 minute'`;
    const body = { name: "x", transport: "http", url: "http://127.0.0.1:9/" };
    const refused = ask("POST", "/servers", { key: first.apiKey, body });
    expectProblem(await refused, 503, "gateway_unavailable");
  });
});

describe("api keys", () => {
  it("are shown once, listed without themselves, and of no use once deleted", async () => {
    const made = await ask("POST", "/api-keys", { key: first.apiKey, body: { name: "laptop" } });
    expect(made.status).toBe(201);
    const { body } = await ask("GET", "/api-keys", { key: made.body.apiKey });
    expect(JSON.stringify(body)).not.toContain(made.body.apiKey);
    expect(body.items.find(({ id }: { id: string }) => id === made.body.id)).toMatchObject({
      name: "laptop",
      hint: made.body.apiKey.slice(-4),
    });
    expect((await ask("DELETE", `/api-keys/${made.body.id}`, { key: first.apiKey })).status).toBe(204);
    expectProblem(await ask("GET", "/me", { key: made.body.apiKey }), 401, "invalid_credential");
  });
});
