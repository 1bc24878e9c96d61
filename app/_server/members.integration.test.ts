import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../../e2e/harness/database.ts";
import { database } from "../../prisma/client.ts";
import { type Asked, addMember, ask, openBrowser, setEnvironment, signUp } from "./test-world.ts";

const password = "correct horse battery staple";
let fresh: TestDatabase;

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
});

afterAll(async () => {
  await database().$disconnect();
  await fresh.drop();
});

const newAddress = (name = "grace") => `${name}-${randomUUID()}@example.com`;
const tokenOf = ({ body }: Asked) => String(body.url).split("/").at(-1) ?? "";

function expectProblem(asked: Asked, status: number, code: string): void {
  expect(asked.body).toMatchObject({ status, code });
  expect(asked.status).toBe(status);
}

const invite = (key: string, body: unknown = { role: "viewer" }) => ask("POST", "/invites", { key, body });
const joinAsNew = (token: string, email = newAddress()) =>
  ask("POST", "/invites/signup", { body: { token, email, password } });
const membersOf = (organisationId: string) => database().membership.findMany({ where: { organisationId } });
const lastEvent = (organisationId: string) =>
  database().auditEvent.findFirstOrThrow({ where: { organisationId }, orderBy: { id: "desc" } });

describe("an invite", () => {
  it("lets somebody new join with the role it names, and only into that organisation", async () => {
    const admin = await signUp();
    const made = await invite(admin.apiKey, { role: "policy_manager" });
    expect(made.status).toBe(201);
    expect(made.body.url).toMatch(/\/invite\/pli_/);
    const email = newAddress();
    const joined = await joinAsNew(tokenOf(made), email);
    expect(joined).toMatchObject({
      status: 201,
      body: { organisation: { id: admin.organisation.id }, role: "policy_manager" },
    });
    const user = await database().user.findUniqueOrThrow({ where: { email }, include: { memberships: true } });
    expect(user.memberships).toMatchObject([{ organisationId: admin.organisation.id, role: "policy_manager" }]);
    expect(await database().apiKey.count({ where: { userId: user.id } })).toBe(0);
    const list = await ask("GET", "/invites", { key: admin.apiKey });
    expect(list.body.items).toMatchObject([
      { status: "accepted", acceptedBy: email, createdBy: admin.user.email, role: "policy_manager" },
    ]);
    expect(await lastEvent(admin.organisation.id)).toMatchObject({ action: "invite.accepted", actorName: email });
  });

  it("is kept as a hash, shown once, and ends after a week", async () => {
    const admin = await signUp();
    const made = await invite(admin.apiKey);
    const stored = JSON.stringify([
      await database().invite.findMany(),
      await database().auditEvent.findMany(),
      (await ask("GET", "/invites", { key: admin.apiKey })).body,
    ]);
    expect(stored).not.toContain(tokenOf(made));
    expect(stored).not.toContain(tokenOf(made).slice(4, 40));
    const days = (Date.parse(made.body.expiresAt) - Date.now()) / 86_400_000;
    expect(days).toBeCloseTo(7, 2);
    await database().invite.updateMany({ where: { id: made.body.id }, data: { expiresAt: new Date(Date.now() - 1) } });
    expectProblem(await joinAsNew(tokenOf(made)), 410, "invite_gone");
    expect((await ask("GET", "/invites", { key: admin.apiKey })).body.items[0].status).toBe("expired");
  });

  it("works once, also when ten hold the link and come at the same moment", async () => {
    const admin = await signUp();
    const token = tokenOf(await invite(admin.apiKey));
    const all = await Promise.all(Array.from({ length: 10 }, () => joinAsNew(token)));
    expect(all.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 410)]);
    expect(await membersOf(admin.organisation.id)).toHaveLength(2);
    // Nobody who was turned away has an account now.
    expect(await database().user.count({ where: { memberships: { none: {} } } })).toBe(0);
  });

  it("that was taken back, is unknown or is mistyped says the same", async () => {
    const admin = await signUp();
    const made = await invite(admin.apiKey);
    const token = tokenOf(made);
    expect((await ask("DELETE", `/invites/${made.body.id}`, { key: admin.apiKey })).status).toBe(204);
    const reset = token.replace("pli_", "plr_");
    const answers = [];
    for (const wrong of [token, `${token.slice(0, -1)}x`, "pli_", "x", reset, admin.apiKey]) {
      const refused = await joinAsNew(wrong);
      expectProblem(refused, 410, "invite_gone");
      answers.push(JSON.stringify(refused.body));
    }
    expect(new Set(answers).size).toBe(1);
  });

  it("is not found by guessing: an address may try only so often", async () => {
    const headers = { "x-forwarded-for": "198.51.100.1" };
    await database().attempt.createMany({ data: Array.from({ length: 600 }, () => ({ key: "link:198.51.100.1" })) });
    const body = { token: "pli_guess", email: newAddress(), password };
    const refused = await ask("POST", "/invites/signup", { body, headers });
    expectProblem(refused, 429, "too_many_attempts");
    expectProblem(
      await ask("POST", "/password-resets/use", { body: { token: "plr_guess", password }, headers }),
      429,
      "too_many_attempts",
    );
  });

  it("for an e-mail address is for that one, signed in or not, and is not used up by another", async () => {
    const admin = await signUp();
    const email = newAddress();
    const token = tokenOf(await invite(admin.apiKey, { role: "admin", email: email.toUpperCase() }));
    expectProblem(await joinAsNew(token), 403, "invite_other_email");
    const other = await signUp();
    const browser = await openBrowser(other.user.id);
    expectProblem(
      await ask("POST", "/invites/accept", { headers: browser, body: { token } }),
      403,
      "invite_other_email",
    );
    expect(await membersOf(admin.organisation.id)).toHaveLength(1);
    expect((await joinAsNew(token, email)).status).toBe(201);
  });

  it("is taken by somebody signed in, who then is in both organisations and goes back and forth", async () => {
    const admin = await signUp();
    const grace = await signUp();
    const browser = await openBrowser(grace.user.id);
    const me = async () => (await ask("GET", "/me", { headers: browser })).body;
    expect(await me()).toMatchObject({ role: "admin", organisation: { id: grace.organisation.id } });
    const accept = async (token: string) => ask("POST", "/invites/accept", { headers: browser, body: { token } });
    expect((await accept(tokenOf(await invite(admin.apiKey)))).status).toBe(200);
    expect(await me()).toMatchObject({ role: "viewer", organisation: { id: admin.organisation.id } });
    expect((await me()).organisations).toHaveLength(2);
    // A second invite is not used up by somebody who is in already.
    const second = tokenOf(await invite(admin.apiKey, { role: "admin" }));
    expectProblem(await accept(second), 409, "already_member");
    expect(await me()).toMatchObject({ role: "viewer" });
    expect((await joinAsNew(second)).status).toBe(201);

    const go = (organisationId: string) =>
      ask("PUT", "/account/organisation", { headers: browser, body: { organisationId } });
    expect((await go(grace.organisation.id)).status).toBe(204);
    expect(await me()).toMatchObject({ role: "admin", organisation: { id: grace.organisation.id } });
    const stranger = await signUp();
    expectProblem(await go(stranger.organisation.id), 404, "not_found");
    // Keys stay with the organisation that they were made in.
    const keyed = await ask("GET", "/me", { key: grace.apiKey });
    expect(keyed.body).toMatchObject({
      organisation: { id: grace.organisation.id },
      organisations: [{ id: grace.organisation.id }],
    });
  });

  it("is only for admins to make, so nobody rises by one", async () => {
    const admin = await signUp();
    for (const role of ["policy_manager", "viewer"] as const) {
      const { apiKey } = await addMember(admin, role);
      expectProblem(await invite(apiKey, { role: "admin" }), 403, "forbidden");
      expectProblem(await ask("GET", "/invites", { key: apiKey }), 403, "forbidden");
    }
  });

  it("does not outlive that its maker may make one", async () => {
    const admin = await signUp();
    const second = await addMember(admin, "viewer");
    const patch = (role: string) => ask("PATCH", `/members/${second.user.id}`, { key: admin.apiKey, body: { role } });
    await patch("admin");
    const token = tokenOf(await invite(second.apiKey, { role: "admin" }));
    await patch("viewer");
    expectProblem(await joinAsNew(token), 410, "invite_gone");
    await patch("admin");
    const another = tokenOf(await invite(second.apiKey, { role: "admin" }));
    await ask("DELETE", `/members/${second.user.id}`, { key: admin.apiKey });
    expectProblem(await joinAsNew(another), 410, "invite_gone");
  });
});

describe("members", () => {
  it("are seen by all of them, and change what they may do at once", async () => {
    const admin = await signUp();
    const viewer = await addMember(admin, "viewer");
    const list = await ask("GET", "/members", { key: viewer.apiKey });
    expect(list.body.items).toMatchObject([
      { email: admin.user.email, role: "admin", you: false },
      { email: viewer.user.email, role: "viewer", you: true, twoFactor: false, sessions: 0, seenAt: null },
    ]);
    expectProblem(await ask("GET", "/api-keys", { key: viewer.apiKey }), 403, "forbidden");
    const path = `/members/${viewer.user.id}`;
    const promoted = await ask("PATCH", path, { key: admin.apiKey, body: { role: "admin" } });
    expect(promoted).toMatchObject({ status: 200, body: { role: "admin" } });
    expect((await ask("GET", "/api-keys", { key: viewer.apiKey })).status).toBe(200);
    expect(await lastEvent(admin.organisation.id)).toMatchObject({
      action: "member.role_changed",
      targetName: viewer.user.email,
      before: { role: "viewer" },
      after: { role: "admin" },
    });
  });

  it("cannot raise themselves, or touch anybody, without being an admin", async () => {
    const admin = await signUp();
    for (const role of ["policy_manager", "viewer"] as const) {
      const { apiKey, user } = await addMember(admin, role);
      const attempts: [string, string, unknown?][] = [
        ["PATCH", `/members/${user.id}`, { role: "admin" }],
        ["PATCH", `/members/${admin.user.id}`, { role: "viewer" }],
        ["DELETE", `/members/${admin.user.id}`],
        ["DELETE", `/members/${admin.user.id}/sessions`],
        ["DELETE", `/members/${admin.user.id}/two-factor`],
        ["POST", `/members/${admin.user.id}/password-reset`],
      ];
      for (const [method, path, body] of attempts)
        expectProblem(await ask(method, path, { key: apiKey, body }), 403, "forbidden");
    }
    expect((await membersOf(admin.organisation.id)).map(({ role }) => role).sort()).toEqual([
      "admin",
      "policy_manager",
      "viewer",
    ]);
  });

  it("of another organisation are nobody here", async () => {
    const admin = await signUp();
    const stranger = await signUp();
    const { id } = stranger.user;
    for (const [method, path, body] of [
      ["PATCH", `/members/${id}`, { role: "viewer" }],
      ["DELETE", `/members/${id}`],
      ["DELETE", `/members/${id}/sessions`],
      ["DELETE", `/members/${id}/two-factor`],
      ["POST", `/members/${id}/password-reset`],
    ] as const) {
      expectProblem(await ask(method, path, { key: admin.apiKey, body }), 404, "not_found");
    }
    const theirs = await invite(stranger.apiKey);
    expectProblem(await ask("DELETE", `/invites/${theirs.body.id}`, { key: admin.apiKey }), 404, "not_found");
  });

  it("always have an admin among them: the last one stays, and stays one", async () => {
    const admin = await signUp();
    await addMember(admin, "policy_manager");
    const path = `/members/${admin.user.id}`;
    expectProblem(await ask("PATCH", path, { key: admin.apiKey, body: { role: "viewer" } }), 409, "last_admin");
    expectProblem(await ask("DELETE", path, { key: admin.apiKey }), 409, "last_admin");
    const headers = await openBrowser(admin.user.id);
    const leave = { headers, body: { organisationId: admin.organisation.id } };
    expectProblem(await ask("DELETE", "/account/organisation", leave), 409, "last_admin");
    expect((await ask("PATCH", path, { key: admin.apiKey, body: { role: "admin" } })).status).toBe(200);
  });

  it("always have an admin, also when two admins demote or remove each other at the same moment", async () => {
    for (let round = 0; round < 8; round += 1) {
      const admin = await signUp();
      const second = await addMember(admin, "viewer");
      await ask("PATCH", `/members/${second.user.id}`, { key: admin.apiKey, body: { role: "admin" } });
      const method = round % 2 === 0 ? "PATCH" : "DELETE";
      const body = method === "PATCH" ? { role: "viewer" } : undefined;
      const both = await Promise.all([
        ask(method, `/members/${second.user.id}`, { key: admin.apiKey, body }),
        ask(method, `/members/${admin.user.id}`, { key: second.apiKey, body }),
      ]);
      expect(both.filter(({ status }) => status < 300)).toHaveLength(1);
      const admins = (await membersOf(admin.organisation.id)).filter(({ role }) => role === "admin");
      expect(admins).toHaveLength(1);
    }
  });

  it("who are removed are out at once: browser, keys and all; their other organisations stay", async () => {
    const admin = await signUp();
    const grace = await signUp();
    const browser = await openBrowser(grace.user.id);
    const body = { token: tokenOf(await invite(admin.apiKey, { role: "admin" })) };
    await ask("POST", "/invites/accept", { headers: browser, body });
    const key = (await ask("POST", "/api-keys", { headers: browser, body: { name: "x" } })).body.apiKey;
    expect((await ask("DELETE", `/members/${grace.user.id}`, { key: admin.apiKey })).status).toBe(204);
    expectProblem(await ask("GET", "/me", { key }), 401, "invalid_credential");
    const me = await ask("GET", "/me", { headers: browser });
    expect(me.body.organisation.id).toBe(grace.organisation.id);
    expect(await lastEvent(admin.organisation.id)).toMatchObject({ action: "member.removed" });
  });

  it("may leave, and who is in no organisation is told so and can make one", async () => {
    const admin = await signUp();
    const email = newAddress();
    await joinAsNew(tokenOf(await invite(admin.apiKey)), email);
    const user = await database().user.findUniqueOrThrow({ where: { email } });
    const headers = await openBrowser(user.id);
    const organisationId = admin.organisation.id;
    expect((await ask("DELETE", "/account/organisation", { headers, body: { organisationId } })).status).toBe(204);
    expectProblem(await ask("GET", "/me", { headers }), 403, "no_organisation");
    expect((await ask("GET", "/account", { headers })).body.organisations).toEqual([]);
    const made = await ask("POST", "/account/organisation", { headers, body: { name: "Mine" } });
    expect(made.status).toBe(201);
    expect((await ask("GET", "/me", { headers })).body).toMatchObject({
      role: "admin",
      organisation: { name: "Mine" },
    });
  });
});
