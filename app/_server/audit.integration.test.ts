import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../../e2e/harness/database.ts";
import { database } from "../../prisma/client.ts";
import { ask, foundServer, type StandInGateway, setEnvironment, signUp, startStandInGateway } from "./test-world.ts";

let fresh: TestDatabase;
let gateway: StandInGateway;
let owner: Awaited<ReturnType<typeof signUp>>;

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
  gateway = await startStandInGateway();
  owner = await signUp();
});

afterAll(async () => {
  await gateway.stop();
  await database().$disconnect();
  await fresh.drop();
});

const eventsOf = (organisationId: string) =>
  database().auditEvent.findMany({ where: { organisationId }, orderBy: { id: "asc" } });

async function newEvents(work: () => Promise<unknown>) {
  const known = (await eventsOf(owner.organisation.id)).length;
  await work();
  return (await eventsOf(owner.organisation.id)).slice(known);
}

async function done(method: string, path: string, body?: unknown) {
  const asked = await ask(method, path, { key: owner.apiKey, body });
  expect(asked.status, `${method} ${path} ${JSON.stringify(asked.body)}`).toBeLessThan(300);
  return asked.body;
}

const policy = { version: "1", default: "deny", tools: { vm_create: {} } };

describe("every change of an admin", () => {
  it("is one event, with who, from where, and what was before and after", async () => {
    const headers = { "x-forwarded-for": "203.0.113.7" };
    const [event, ...others] = await newEvents(() =>
      ask("POST", "/servers", {
        key: owner.apiKey,
        headers,
        body: {
          name: "prod",
          transport: "http",
          url: "http://127.0.0.1:9/mcp",
          headers: { authorization: "Bearer very-secret" },
        },
      }),
    );
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      actorKind: "api_key",
      actorName: `First key (${owner.user.email})`,
      action: "server.registered",
      targetKind: "server",
      targetName: "prod",
      before: null,
      after: { name: "prod", url: "http://127.0.0.1:9/mcp", secretNames: ["authorization"], tools: 2 },
      address: "203.0.113.7",
    });
    const [changed] = await newEvents(() => done("PATCH", `/servers/${event?.targetId}`, { name: "production" }));
    expect(changed).toMatchObject({
      action: "server.changed",
      before: { name: "prod" },
      after: { name: "production" },
    });
  });

  it("is on record for servers, tools, policies, grants, keys, the brake and jobs", async () => {
    const actions = async (work: () => Promise<unknown>) => (await newEvents(work)).map(({ action }) => action);
    let server: { id: string; tools: { name: string; definitionHash: string }[] } = { id: "", tools: [] };
    expect(
      await actions(async () => {
        server = await done("POST", "/servers", { name: "a", transport: "http", url: "http://127.0.0.1:9/" });
      }),
    ).toEqual(["server.registered"]);
    const { id } = server;
    expect(await actions(() => done("POST", `/servers/${id}/refresh`))).toEqual(["server.refreshed"]);
    const tool = server.tools[0];
    const category = { name: tool?.name, definitionHash: tool?.definitionHash, category: "Destructive" };
    expect(await actions(() => done("PATCH", `/servers/${id}/tools/override`, category))).toEqual([
      "tool.category_set",
    ]);

    gateway.answer = foundServer(["vm_create", "vm_list"], "does something else now");
    await done("POST", `/servers/${id}/refresh`);
    gateway.answer = foundServer(["vm_create", "vm_list"]);
    const [change, second] = (await done("GET", `/servers/${id}/changes`)).items;
    const review = (what: typeof change, decision: string) => ({
      tools: [{ kind: what.kind, name: what.name, definitionHash: what.definitionHash }],
      decision,
    });
    expect(await actions(() => done("POST", `/servers/${id}/tools/review`, review(change, "accept")))).toEqual([
      "definition.accepted",
    ]);
    expect(await actions(() => done("POST", `/servers/${id}/tools/review`, review(second, "reject")))).toEqual([
      "definition.rejected",
    ]);

    let policyId = "";
    expect(
      await actions(async () => {
        policyId = (await done("POST", `/servers/${id}/policies`, { name: "ci", document: policy })).id;
      }),
    ).toEqual(["policy.created"]);
    const versions = `/policies/${policyId}/versions`;
    const draft = { document: JSON.stringify({ ...policy, description: "x" }), seenRevision: 1 };
    expect(await actions(() => done("PUT", `/policies/${policyId}/draft`, draft))).toEqual([]);
    const [published] = await newEvents(() => done("POST", versions, { seenRevision: 2, note: "why" }));
    expect(published).toMatchObject({
      action: "policy.published",
      before: { activeVersion: 1 },
      after: { activeVersion: 2, version: 2, note: "why", documentHash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(await actions(() => done("POST", versions, { restore: 1 }))).toEqual(["policy.restored"]);
    const trial = async () => {
      const { draftRevision } = await done("GET", `/policies/${policyId}`);
      await done("POST", versions, { seenRevision: draftRevision, shadow: true });
    };
    expect(await actions(trial)).toEqual(["policy.trial_started"]);
    expect(await actions(() => done("POST", `/policies/${policyId}/shadow`, { action: "promote" }))).toEqual([
      "policy.trial_promoted",
    ]);
    await trial();
    expect(await actions(() => done("POST", `/policies/${policyId}/shadow`, { action: "stop" }))).toEqual([
      "policy.trial_stopped",
    ]);
    expect(await actions(() => done("PATCH", `/policies/${policyId}`, { mode: "shadow" }))).toEqual(["policy.changed"]);

    let grantId = "";
    expect(
      await actions(async () => {
        grantId = (await done("POST", `/servers/${id}/grants`, { label: "agent", policyId })).id;
      }),
    ).toEqual(["grant.created"]);
    const [detached] = await newEvents(() => done("PATCH", `/grants/${grantId}`, { policyId: null }));
    expect(detached).toMatchObject({
      action: "grant.changed",
      before: { policyId, policy: "ci" },
      after: { policyId: null, policy: null },
    });
    expect(await actions(() => done("POST", `/grants/${grantId}/rotate`))).toEqual(["grant.rotated"]);
    expect(await actions(() => done("DELETE", `/grants/${grantId}`))).toEqual(["grant.revoked"]);
    expect(await actions(() => done("DELETE", `/grants/${grantId}`))).toEqual([]);
    expect(await actions(() => done("DELETE", `/policies/${policyId}`))).toEqual(["policy.deleted"]);

    expect(await actions(() => done("POST", "/freeze", { scope: "organisation", frozen: true }))).toEqual([
      "brake.frozen",
    ]);
    expect(
      await actions(() => done("POST", "/freeze", { scope: "organisation", frozen: false, reason: "it was a drill" })),
    ).toEqual(["brake.unfrozen"]);

    let key = { id: "" };
    expect(
      await actions(async () => {
        key = await done("POST", "/api-keys", { name: "deploy" });
      }),
    ).toEqual(["api_key.created"]);
    expect(await actions(() => done("DELETE", `/api-keys/${key.id}`))).toEqual(["api_key.deleted"]);

    let job = { id: "" };
    expect(
      await actions(async () => {
        job = await done("POST", "/catalog/jobs", { kind: "npm", target: "some-server" });
      }),
    ).toEqual(["catalog_job.created"]);
    expect(await actions(() => done("DELETE", `/catalog/jobs/${job.id}`))).toEqual(["catalog_job.cancelled"]);

    const message = await database().contactMessage.create({ data: { email: "x@example.com", message: "words" } });
    expect(await actions(() => done("DELETE", `/contact-messages/${message.id}`))).toEqual(["contact_message.deleted"]);
    expect(await actions(() => done("DELETE", `/servers/${id}`))).toEqual(["server.deleted"]);
  });

  it("that is refused leaves no event", async () => {
    const events = await newEvents(async () => {
      const { id } = await database().server.findFirstOrThrow({ where: { organisationId: owner.organisation.id } });
      await ask("PATCH", `/servers/${id}`, { key: owner.apiKey, body: { env: { A: "b" } } });
      await ask("POST", "/freeze", { key: owner.apiKey, body: { scope: "server", id: owner.user.id, frozen: true } });
    });
    expect(events).toEqual([]);
  });

  it("leaves no secret, hash or sealed text in the log", async () => {
    const text = JSON.stringify(await eventsOf(owner.organisation.id));
    expect(text).not.toContain("very-secret");
    expect(text).not.toContain(owner.apiKey);
    for (const { tokenHash } of await database().grant.findMany()) expect(text).not.toContain(tokenHash);
    for (const { keyHash } of await database().apiKey.findMany()) expect(text).not.toContain(keyHash);
    for (const { sealedHeaders } of await database().server.findMany({ where: { sealedHeaders: { not: null } } }))
      expect(text).not.toContain(sealedHeaders);
    expect(text).not.toMatch(/pl[ag]_\w{10}|"(sealed|tokenHash|keyHash|passwordHash)/);
  });
});

describe("the audit log", () => {
  it("is read newest first, in pages that new events do not shift, by who, what, which and when", async () => {
    const admin = await signUp();
    const key = admin.apiKey;
    for (let n = 0; n < 12; n += 1) await ask("POST", "/api-keys", { key, body: { name: `key ${n}` } });
    const read = async (query: string) => (await ask("GET", `/audit?${query}`, { key })).body;
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: { id: string }[]; nextCursor: string | null } = await read(
        `limit=5${cursor ? `&cursor=${cursor}` : ""}`,
      );
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
      await ask("POST", "/api-keys", { key, body: { name: "meanwhile" } });
    } while (cursor);
    expect(seen).toHaveLength(13);
    expect(seen).toEqual([...new Set(seen)].sort().reverse());

    const { items } = await read("limit=1&action=organisation.created");
    expect(items).toMatchObject([
      {
        action: "organisation.created",
        actor: { kind: "member", id: admin.user.id, name: admin.user.email },
        target: { kind: "organisation", id: admin.organisation.id },
        before: null,
        after: { name: admin.organisation.name },
      },
    ]);
    const count = async (query: string) => (await read(`limit=200&${query}`)).items.length;
    expect(await count(`actorId=${admin.user.id}`)).toBe(1);
    expect(await count("targetKind=api_key")).toBe(15);
    expect(await count(`targetId=${admin.organisation.id}`)).toBe(1);
    expect(await count("from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z")).toBe(0);
    for (const wrong of ["action=nonsense", "cursor=nonsense", "targetKind=user", "limit=1000"])
      expect((await ask("GET", `/audit?${wrong}`, { key })).status).toBe(400);
    // Another organisation's admin sees their own and nothing else.
    const stranger = await ask("GET", `/audit?targetId=${admin.organisation.id}`, { key: owner.apiKey });
    expect(stranger.body.items).toEqual([]);
  });

  it("is only ever added to: not changed, not deleted, not truncated", async () => {
    const before = await eventsOf(owner.organisation.id);
    const refused = { message: expect.stringContaining("only ever added to") };
    await expect(database().auditEvent.updateMany({ data: { actorName: "nobody" } })).rejects.toMatchObject(refused);
    await expect(database().auditEvent.deleteMany()).rejects.toMatchObject(refused);
    await expect(database().$executeRaw`TRUNCATE "AuditEvent"`).rejects.toMatchObject(refused);
    expect(await eventsOf(owner.organisation.id)).toEqual(before);
  });
});
