// What is on record becomes evidence, and whatever is done to the tables afterwards is named by `policylayer verify`.
import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../../../e2e/harness/database.ts";
import { type VerifyOptions, verifyExport } from "../../../evidence/verify.ts";
import { database } from "../../../prisma/client.ts";
import { routes } from "../../api/v1/routes.ts";
import { startLeader } from "../leader.ts";
import { addMember, ask, setEnvironment, signUp } from "../test-world.ts";
import { sealAll } from "./seal.ts";

let fresh: TestDatabase;

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
  process.env.EVIDENCE_KEY = randomBytes(32).toString("base64url");
});

afterAll(async () => {
  await database().$disconnect();
  await fresh?.drop();
});

type Owner = Awaited<ReturnType<typeof signUp>>;

let clock = Date.now();

/** An id as a gateway makes it. */
function idAt(ms: number): string {
  const hex = ms.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${randomUUID().slice(15)}`;
}

/** A decision as a gateway ships it. */
async function decide(owner: Owner, { outcome = "none", at = clock++, tool = "echo" } = {}): Promise<string> {
  const id = idAt(at);
  await database().$executeRaw`
    INSERT INTO "Call" ("id", "organisationId", "serverId", "at", "method", "tool", "code", "rule", "message", "argumentKeys", "outcome", "gatewayMs")
    VALUES (${id}::uuid, ${owner.organisation.id}::uuid, ${randomUUID()}::uuid, ${new Date(at)}, 'tools/call', ${tool}, 'allowed', '/tools/echo', 'é "quoted"', '{text}', ${outcome}, 0.1)`;
  return id;
}

async function settle(id: string, outcome = "answered"): Promise<void> {
  await database().$executeRaw`
    UPDATE "Call" SET "outcome" = ${outcome}, "upstreamStatus" = 200, "upstreamMs" = 12.5, "gatewayMs" = 0.30000000000000004 WHERE "id" = ${id}::uuid`;
}

/** The export as a file's lines. */
async function exported(owner: Owner, query = ""): Promise<string[]> {
  const request = new Request(`http://127.0.0.1:3000/api/v1/evidence/export${query}`, {
    headers: { host: "127.0.0.1:3000", authorization: `Bearer ${owner.apiKey}` },
  });
  const response = await routes["/evidence/export"].GET(request, { params: Promise.resolve({}) });
  expect(response.status).toBe(200);
  return (await response.text()).trimEnd().split("\n");
}

async function verified(owner: Owner, options: VerifyOptions = {}, query = "") {
  const { body } = await ask("GET", "/evidence/key", { key: owner.apiKey });
  return verifyExport(await exported(owner, query), { keys: [body.key], ...options });
}

const heads = async (owner: Owner) => (await ask("GET", "/evidence/heads", { key: owner.apiKey })).body;

describe("the chain of evidence", () => {
  it("holds each decision at once and its outcome as a record of its own, beside what admins did", async () => {
    const owner = await signUp();
    const id = await decide(owner, { outcome: "pending" });
    await decide(owner);
    await sealAll();
    await settle(id);
    await sealAll();
    const lines = await exported(owner);
    const kinds = lines.map((line) => JSON.parse(line).kind);
    expect(kinds.filter((kind) => kind === "call")).toHaveLength(2);
    expect(kinds.indexOf("outcome")).toBeGreaterThan(kinds.lastIndexOf("batch"));
    expect(kinds).toContain("audit");
    expect(await verified(owner)).toMatchObject({
      ok: true,
      verified: { organisationId: owner.organisation.id, links: 2 },
    });
    expect((await heads(owner)).waiting).toBe(0);
  });

  it("takes what comes late into a later link, and what is shipped twice once", async () => {
    const owner = await signUp();
    const id = await decide(owner, { outcome: "pending" });
    await settle(id);
    await sealAll();
    await settle(id);
    await decide(owner, { at: clock - 3_600_000 });
    await sealAll();
    const answer = await verified(owner);
    // The sign-up's events, two decisions and one outcome.
    const events = await database().auditEvent.count({ where: { organisationId: owner.organisation.id } });
    expect(answer).toMatchObject({ ok: true, verified: { records: events + 3, links: 2 } });
  });

  it("of 10,000 records passes, and is one chain when several seal at once", async () => {
    const owner = await signUp();
    await database().$executeRaw`
      INSERT INTO "Call" ("id", "organisationId", "serverId", "at", "method", "tool", "code", "rule", "message", "argumentKeys", "outcome")
      SELECT gen_random_uuid(), ${owner.organisation.id}::uuid, ${randomUUID()}::uuid, now(), 'tools/call', 'echo', 'denied', '', '', '{}', 'none'
      FROM generate_series(1, 10000)`;
    await Promise.allSettled([sealAll(), sealAll(), sealAll()]);
    await sealAll();
    const answer = await verified(owner);
    expect(answer).toMatchObject({ ok: true });
    if (answer.ok) expect(answer.verified.records).toBeGreaterThanOrEqual(10_000);
    const { items } = await heads(owner);
    expect(items[0].sequence).toBe(items.length);
  });

  it("goes on from a signed head when only some time is asked for, and shows what was cut off by a head that is held", async () => {
    const owner = await signUp();
    await decide(owner, { at: Date.UTC(2026, 0, 1) });
    await sealAll();
    await decide(owner, { at: Date.UTC(2030, 0, 2) });
    await sealAll();
    const later = await verified(owner, {}, "?from=2030-01-01T00:00:00Z");
    expect(later).toMatchObject({ ok: true, verified: { links: 1, records: 1, anchored: true } });
    const [newest] = (await heads(owner)).items;
    const early = await verified(owner, { held: newest }, "?to=2026-12-01T00:00:00Z");
    expect(early).toMatchObject({ ok: false, broken: { way: "cut_off" } });
  });
});

describe("somebody who can write to the database", () => {
  async function chained(): Promise<{ owner: Owner; ids: string[] }> {
    const owner = await signUp();
    const ids = [];
    for (let i = 0; i < 5; i++) ids.push(await decide(owner, { tool: `t${i}` }));
    await sealAll();
    expect(await verified(owner)).toMatchObject({ ok: true });
    return { owner, ids };
  }

  it("cannot change a decision unnoticed", async () => {
    const { owner, ids } = await chained();
    await database().$executeRaw`UPDATE "Call" SET "code" = 'denied' WHERE "id" = ${ids[2]}::uuid`;
    expect(await verified(owner)).toMatchObject({ ok: false, broken: { way: "changed", recordId: ids[2] } });
  });

  it("cannot take one away that should still be kept", async () => {
    const { owner, ids } = await chained();
    await database().$executeRaw`DELETE FROM "Call" WHERE "id" = ${ids[2]}::uuid`;
    // The one that stands in its place is named.
    expect(await verified(owner)).toMatchObject({ ok: false, broken: { way: "missing", recordId: ids[3] } });
  });

  it("cannot change what came of a call", async () => {
    const owner = await signUp();
    const id = await decide(owner, { outcome: "answered" });
    await sealAll();
    await settle(id, "tool_error");
    expect(await verified(owner)).toMatchObject({ ok: false, broken: { way: "changed", recordId: id } });
  });

  it("cannot change or take away a link", async () => {
    const { owner } = await chained();
    const { id } = owner.organisation;
    await expect(database().evidenceBatch.deleteMany({ where: { organisationId: id } })).rejects.toThrow();
    await expect(
      database().evidenceBatch.updateMany({ where: { organisationId: id }, data: { count: 1 } }),
    ).rejects.toThrow();
  });
});

describe("retention", () => {
  it("drops old records, and the chain still verifies", async () => {
    const owner = await signUp();
    const old = Date.now() - 200 * 86_400_000;
    const id = await decide(owner, { at: old, outcome: "answered" });
    await sealAll();
    await decide(owner);
    await sealAll();
    await database().$executeRaw`DELETE FROM "Call" WHERE "id" = ${id}::uuid`;
    expect(await verified(owner)).toMatchObject({ ok: true, verified: { links: 2, dropped: 2 } });
    expect(await verified(owner, { complete: true })).toMatchObject({ ok: false, broken: { way: "missing" } });
  });

  it("that was shorter for a while is no reason to doubt what it dropped", async () => {
    const owner = await signUp();
    const id = await decide(owner, { at: Date.now() - 10 * 86_400_000 });
    await sealAll();
    const set = (callRetentionDays: number) =>
      ask("PATCH", "/retention", { key: owner.apiKey, body: { callRetentionDays } });
    await set(5);
    await database().$executeRaw`DELETE FROM "Call" WHERE "id" = ${id}::uuid`;
    expect((await set(90)).status).toBe(200);
    await sealAll();
    expect(await verified(owner)).toMatchObject({ ok: true, verified: { dropped: 1 } });
  });
});

describe("who may", () => {
  it("read it: admins of the organisation, and nobody of another", async () => {
    const owner = await signUp();
    const viewer = await addMember(owner, "viewer");
    for (const path of ["/evidence/heads", "/evidence/export"]) {
      expect((await ask("GET", path, { key: viewer.apiKey })).status).toBe(403);
      expect((await ask("GET", path)).status).toBe(401);
    }
    expect((await ask("GET", "/evidence/key", { key: viewer.apiKey })).body).toMatchObject({ algorithm: "Ed25519" });
  });
});

describe("the work of one process", () => {
  it("is taken over when that one stops", async () => {
    const rounds: string[] = [];
    const start = (name: string) =>
      startLeader({
        databaseUrl: fresh.url,
        name,
        lockKey: [1, 1],
        everyMs: 20,
        round: async () => void rounds.push(name),
      });
    const first = start("first");
    await expect.poll(() => rounds.length).toBeGreaterThan(1);
    const second = start("second");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(new Set(rounds)).toEqual(new Set(["first"]));
    await first.stop();
    await expect.poll(() => rounds).toContain("second");
    await second.stop();
  });
});
