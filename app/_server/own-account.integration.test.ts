import { randomUUID } from "node:crypto";
import { encode } from "next-auth/jwt";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { freshDatabase, type TestDatabase } from "../../e2e/harness/database.ts";
import { database } from "../../prisma/client.ts";
import { readSession } from "./session.ts";
import { checkPassword, signInOptions } from "./sign-in.ts";
import { type Asked, addMember, ask, openBrowser, setEnvironment, signUp } from "./test-world.ts";
import { stepAt, totpCode } from "./totp.ts";

const password = "correct horse battery staple";
const another = "wholly different words here";
let fresh: TestDatabase;

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
});

afterEach(() => {
  vi.useRealTimers();
});

afterAll(async () => {
  await database().$disconnect();
  await fresh.drop();
});

function expectProblem(asked: Asked, status: number, code: string): void {
  expect(asked.body).toMatchObject({ status, code });
  expect(asked.status).toBe(status);
}

const from = (address: string) => new Headers({ "x-forwarded-for": address, host: "127.0.0.1:3000" });
const me = (headers: Record<string, string>) => ask("GET", "/me", { headers });
const sessionsOf = async (headers: Record<string, string>) =>
  (await ask("GET", "/account/sessions", { headers })).body.items;
const lastEvent = (organisationId: string) =>
  database().auditEvent.findFirstOrThrow({ where: { organisationId }, orderBy: { id: "desc" } });

describe("a browser that is signed in", () => {
  it("is listed with what it says of itself and where it is, and can be ended from another one", async () => {
    const { user, organisation } = await signUp();
    const laptop = await openBrowser(user.id, "Firefox");
    const phone = await openBrowser(user.id, "Safari iPhone", { "x-forwarded-for": "198.51.100.7" });
    const items = await sessionsOf(laptop);
    expect(items).toMatchObject([
      { browser: "Firefox", current: true },
      { browser: "Safari iPhone", current: false, address: "198.51.100.7" },
    ]);
    expect(await lastEvent(organisation.id)).toMatchObject({ action: "account.signed_in", actorName: user.email });
    expect((await ask("DELETE", `/account/sessions/${items[1].id}`, { headers: laptop })).status).toBe(204);
    const ended = await me(phone);
    expectProblem(ended, 401, "invalid_credential");
    expect(ended.headers.get("set-cookie")).toMatch(/^next-auth\.session-token=; .*Max-Age=0/);
    expect((await me(laptop)).status).toBe(200);
    expect(await lastEvent(organisation.id)).toMatchObject({
      action: "account.sessions_ended",
      after: { sessions: 1 },
    });
  });

  it("that was ended is worth nothing, however fresh its cookie, and is not prolonged", async () => {
    const { user } = await signUp();
    const headers = await openBrowser(user.id);
    await ask("DELETE", "/account/sessions", { headers: await openBrowser(user.id) });
    for (const path of ["/me", "/servers", "/account", "/account/sessions"]) {
      const refused = await ask("GET", path, { headers });
      expectProblem(refused, 401, "invalid_credential");
    }
    // next-auth's own address would prolong it.
    const session = await readSession(new Headers(headers));
    const token = { sub: user.id, sid: session?.id };
    const jwt = signInOptions(from("10.0.0.1")).callbacks?.jwt as (given: unknown) => Promise<unknown>;
    await expect(jwt({ token })).rejects.toThrow("ended");
  });

  it("of somebody else is not there to be ended", async () => {
    const ada = await signUp();
    const grace = await signUp();
    const theirs = await openBrowser(grace.user.id);
    const [session] = await sessionsOf(theirs);
    await ask("DELETE", `/account/sessions/${session.id}`, { headers: await openBrowser(ada.user.id) });
    expect((await me(theirs)).status).toBe(200);
  });

  it("gets an id of its own at every sign-in: one that was planted there is ended, not taken over", async () => {
    const attacker = await signUp();
    const victim = await signUp();
    const planted = await openBrowser(attacker.user.id);
    const after = await openBrowser(victim.user.id, "Firefox", { cookie: planted.cookie });
    expect(after.cookie).not.toBe(planted.cookie);
    expect((await me(after)).body.user.id).toBe(victim.user.id);
    expectProblem(await me(planted), 401, "invalid_credential");
  });

  it("cannot be another user's: a token that names a session and somebody else is refused", async () => {
    const ada = await signUp();
    const grace = await signUp();
    const session = await readSession(new Headers(await openBrowser(grace.user.id)));
    const token = { sub: ada.user.id, sid: session?.id };
    const forged = await encode({ token, secret: process.env.NEXTAUTH_SECRET ?? "" });
    expectProblem(await me({ cookie: `next-auth.session-token=${forged}` }), 401, "invalid_credential");
    const old = await encode({ token: { sub: ada.user.id }, secret: process.env.NEXTAUTH_SECRET ?? "" });
    expectProblem(await me({ cookie: `next-auth.session-token=${old}` }), 401, "not_signed_in");
  });

  it("ends when it is signed out, and after eight hours without a click", async () => {
    const { user } = await signUp();
    const headers = await openBrowser(user.id);
    const session = await readSession(new Headers(headers));
    const old = await openBrowser(user.id);
    const oldSession = await readSession(new Headers(old));
    await database().session.updateMany({
      where: { id: oldSession?.id },
      data: { seenAt: new Date(Date.now() - 9 * 3_600_000) },
    });
    expectProblem(await me(old), 401, "invalid_credential");
    const signOut = signInOptions(from("10.0.0.1")).events?.signOut as (given: unknown) => Promise<void>;
    await signOut({ token: { sid: session?.id } });
    expectProblem(await me(headers), 401, "invalid_credential");
  });

  it("of a member can be ended by an admin, who is on record with it", async () => {
    const admin = await signUp();
    const grace = await addMember(admin, "viewer");
    const headers = await openBrowser(grace.user.id);
    const ended = await ask("DELETE", `/members/${grace.user.id}/sessions`, { key: admin.apiKey });
    expect(ended.body).toEqual({ sessions: 1 });
    expectProblem(await me(headers), 401, "invalid_credential");
    expect(await lastEvent(admin.organisation.id)).toMatchObject({
      action: "member.sessions_ended",
      targetName: grace.user.email,
    });
  });

  it("is what an account's own matters need: an API key is refused", async () => {
    const { apiKey } = await signUp();
    const attempts: [string, string, unknown?][] = [
      ["GET", "/account"],
      ["GET", "/account/sessions"],
      ["DELETE", "/account/sessions"],
      ["PUT", "/account/password", { current: password, password: another }],
      ["POST", "/account/two-factor", { password }],
    ];
    for (const [method, path, body] of attempts)
      expectProblem(await ask(method, path, { key: apiKey, body }), 403, "session_needed");
  });
});

describe("a password", () => {
  it("is changed by whoever knows it, and every other browser has to sign in again", async () => {
    const { user, organisation } = await signUp();
    const headers = await openBrowser(user.id);
    const other = await openBrowser(user.id);
    const change = (current: string, next: string) =>
      ask("PUT", "/account/password", { headers, body: { current, password: next } });
    expectProblem(await change("not the password at all", another), 422, "password_wrong");
    expectProblem(await change(password, "password12345"), 422, "password_too_common");
    expectProblem(await change(password, "short"), 422, "invalid_body");
    expect(await change(password, another)).toMatchObject({ status: 200, body: { sessions: 1 } });
    expect((await me(headers)).status).toBe(200);
    expectProblem(await me(other), 401, "invalid_credential");
    expect(await checkPassword(user.email, password, from("10.4.0.1"))).toBeNull();
    expect(await checkPassword(user.email, another, from("10.4.0.1"))).toMatchObject({ id: user.id });
    expect(await lastEvent(organisation.id)).toMatchObject({ action: "account.password_changed" });
    expect(JSON.stringify(await database().auditEvent.findMany())).not.toContain(another);
  });

  it("is not guessed from a borrowed browser: ten tries, then none", async () => {
    const { user } = await signUp();
    const headers = await openBrowser(user.id);
    const body = { current: "not the password at all", password: another };
    const answers = [];
    for (let n = 0; n < 11; n += 1) answers.push((await ask("PUT", "/account/password", { headers, body })).status);
    expect(answers).toEqual([...Array.from({ length: 10 }, () => 422), 429]);
    expectProblem(
      await ask("PUT", "/account/password", { headers, body: { current: password, password: another } }),
      429,
      "too_many_attempts",
    );
  });
});

describe("a link that sets a new password", () => {
  const tokenOf = ({ body }: Asked) => String(body.url).split("/").at(-1) ?? "";
  const use = (token: string, next = another) =>
    ask("POST", "/password-resets/use", { body: { token, password: next } });

  it("is made by an admin for a member, works once, and ends every browser of theirs", async () => {
    const admin = await signUp();
    const grace = await addMember(admin, "viewer");
    const headers = await openBrowser(grace.user.id);
    const made = await ask("POST", `/members/${grace.user.id}/password-reset`, { key: admin.apiKey });
    expect(made.status).toBe(201);
    expect(made.body.url).toMatch(/\/reset\/plr_/);
    expect(await lastEvent(admin.organisation.id)).toMatchObject({
      action: "member.reset_link_made",
      targetName: grace.user.email,
    });
    const stored = JSON.stringify([await database().passwordReset.findMany(), await database().auditEvent.findMany()]);
    expect(stored).not.toContain(tokenOf(made).slice(4, 40));
    expectProblem(await use(tokenOf(made), "password12345"), 422, "password_too_common");
    const all = await Promise.all(Array.from({ length: 5 }, () => use(tokenOf(made))));
    expect(all.map(({ status }) => status).sort()).toEqual([204, 410, 410, 410, 410]);
    expectProblem(await me(headers), 401, "invalid_credential");
    expect(await checkPassword(grace.user.email, another, from("10.5.0.1"))).toMatchObject({ id: grace.user.id });
    expect(await lastEvent(admin.organisation.id)).toMatchObject({
      action: "account.password_reset",
      actorName: grace.user.email,
      after: { by: "a link of an admin" },
    });
  });

  it("ends when a newer one is made, when the password is changed, and after an hour", async () => {
    const admin = await signUp();
    const grace = await addMember(admin, "viewer");
    const make = async () =>
      tokenOf(await ask("POST", `/members/${grace.user.id}/password-reset`, { key: admin.apiKey }));
    const [first, second] = [await make(), await make()];
    expectProblem(await use(first), 410, "reset_gone");
    const headers = await openBrowser(grace.user.id);
    await ask("PUT", "/account/password", { headers, body: { current: password, password: another } });
    expectProblem(await use(second), 410, "reset_gone");
    const third = await make();
    await database().passwordReset.updateMany({ data: { expiresAt: new Date(Date.now() - 1) } });
    expectProblem(await use(third), 410, "reset_gone");
    for (const wrong of ["plr_", "x", admin.apiKey, third.replace("plr_", "pli_")])
      expectProblem(await use(wrong), 410, "reset_gone");
  });

  it("is no way into an organisation in which the admin is none", async () => {
    const admin = await signUp();
    const grace = await addMember(admin, "viewer");
    const elsewhere = await signUp();
    await database().membership.create({
      data: { userId: grace.user.id, organisationId: elsewhere.organisation.id, role: "admin" },
    });
    const path = `/members/${grace.user.id}`;
    expectProblem(await ask("POST", `${path}/password-reset`, { key: admin.apiKey }), 409, "member_elsewhere");
    expectProblem(await ask("DELETE", `${path}/two-factor`, { key: admin.apiKey }), 409, "member_elsewhere");
    // An admin of both may.
    await database().membership.create({
      data: { userId: admin.user.id, organisationId: elsewhere.organisation.id, role: "admin" },
    });
    expect((await ask("POST", `${path}/password-reset`, { key: admin.apiKey })).status).toBe(201);
  });

  it("that is asked for without mail says so to everybody alike", async () => {
    const { user } = await signUp();
    for (const email of [user.email, `nobody-${randomUUID()}@example.com`])
      expectProblem(await ask("POST", "/password-resets", { body: { email } }), 409, "mail_unavailable");
  });
});

describe("a second factor", () => {
  // So that no code goes out of date in the middle of a test.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  });

  /** Sets it up and hands back what the app and the person have. */
  async function withSecondFactor() {
    const owner = await signUp();
    const headers = await openBrowser(owner.user.id);
    const begun = await ask("POST", "/account/two-factor", { headers, body: { password } });
    expect(begun.status).toBe(201);
    const { secret, uri } = begun.body as { secret: string; uri: string };
    expect(uri).toContain(`secret=${secret}`);
    const codeAt = (steps: number) => totpCode(secret, stepAt(Date.now()) + steps);
    const confirmed = await ask("PUT", "/account/two-factor", { headers, body: { code: codeAt(-1) } });
    expect(confirmed.status, JSON.stringify(confirmed.body)).toBe(200);
    return { ...owner, headers, secret, codeAt, codes: confirmed.body.recoveryCodes as string[] };
  }
  const signIn = (email: string, code?: string, given = password) =>
    checkPassword(email, given, from("10.6.0.1"), code).then(
      (user) => (user ? "in" : "wrong"),
      (error: Error) => error.message,
    );

  it("is off until a code of the app was seen, and needs the password to begin", async () => {
    const { user } = await signUp();
    const headers = await openBrowser(user.id);
    const begin = (given: string) => ask("POST", "/account/two-factor", { headers, body: { password: given } });
    expectProblem(await begin("not the password at all"), 422, "password_wrong");
    expectProblem(
      await ask("PUT", "/account/two-factor", { headers, body: { code: "123456" } }),
      409,
      "second_factor_off",
    );
    expect((await begin(password)).status).toBe(201);
    expectProblem(
      await ask("PUT", "/account/two-factor", { headers, body: { code: "000000" } }),
      422,
      "second_factor_wrong",
    );
    expect(await signIn(user.email)).toBe("in");
  });

  it("is asked for after the right password only, so it tells nobody who has one", async () => {
    const { user, codeAt } = await withSecondFactor();
    expect(await signIn(user.email, undefined, "not the password at all")).toBe("wrong");
    expect(await signIn(user.email, codeAt(0), "not the password at all")).toBe("wrong");
    expect(await signIn(user.email)).toBe("second_factor_needed");
    expect(await signIn(user.email, " ")).toBe("second_factor_needed");
    expect(await signIn(user.email, "000000")).toBe("second_factor_wrong");
    expect(await signIn(user.email, codeAt(0))).toBe("in");
  });

  it("takes each code once, also when it comes twice at the same moment, and none older than the last", async () => {
    const { user, codeAt } = await withSecondFactor();
    // The code that turned it on is used up.
    expect(await signIn(user.email, codeAt(-1))).toBe("second_factor_wrong");
    const code = codeAt(1);
    const both = await Promise.all([signIn(user.email, code), signIn(user.email, code)]);
    expect(both.sort()).toEqual(["in", "second_factor_wrong"]);
    expect(await signIn(user.email, codeAt(0))).toBe("second_factor_wrong");
  });

  it("is not guessed: five wrong codes, and the right one is refused too, also when all come at once", async () => {
    const { user, codeAt } = await withSecondFactor();
    const outcomes = await Promise.all(Array.from({ length: 9 }, (_, n) => signIn(user.email, String(n).repeat(6))));
    expect(outcomes.filter((outcome) => outcome === "second_factor_wrong").length).toBeLessThanOrEqual(5);
    while ((await signIn(user.email, "999999")) === "second_factor_wrong");
    expect(await signIn(user.email, codeAt(0))).toBe("rate_limited");
    // Somebody else's is not affected, and a day of such windows is still few.
    await database().attempt.updateMany({ data: { at: new Date(Date.now() - 16 * 60_000) } });
    expect(await signIn(user.email, codeAt(0))).toBe("in");
    await database().attempt.createMany({
      data: Array.from({ length: 30 }, () => ({
        key: `second-factor-day:${user.id}`,
        at: new Date(Date.now() - 3_600_000),
      })),
    });
    expect(await signIn(user.email, codeAt(1))).toBe("rate_limited");
  });

  it("has recovery codes that work once each, typed in any way", async () => {
    const { user, codes, organisation, headers } = await withSecondFactor();
    const [first = "", second = ""] = codes;
    const both = await Promise.all([signIn(user.email, first), signIn(user.email, first)]);
    expect(both.sort()).toEqual(["in", "second_factor_wrong"]);
    expect(await signIn(user.email, ` ${second.toUpperCase().replaceAll("-", " ")}`)).toBe("in");
    expect((await ask("GET", "/account", { headers })).body.twoFactor).toMatchObject({
      on: true,
      recoveryCodesLeft: 8,
    });
    expect(await lastEvent(organisation.id)).toMatchObject({ action: "account.recovery_code_used" });
    const stored = JSON.stringify(await database().user.findUnique({ where: { id: user.id } }));
    for (const code of codes) expect(stored).not.toContain(code.replaceAll("-", ""));
  });

  it("is turned off, and its codes made anew, only with password and code", async () => {
    const { user, headers, codeAt, codes } = await withSecondFactor();
    const off = (given: string, code: string) =>
      ask("DELETE", "/account/two-factor", { headers, body: { password: given, code } });
    expectProblem(await off("not the password at all", codeAt(0)), 422, "password_wrong");
    expectProblem(await off(password, "000000"), 422, "second_factor_wrong");
    expectProblem(await ask("POST", "/account/two-factor", { headers, body: { password } }), 409, "second_factor_on");
    const renewed = await ask("POST", "/account/two-factor/recovery-codes", {
      headers,
      body: { password, code: codeAt(0) },
    });
    expect(renewed.status).toBe(201);
    expect(await signIn(user.email, codes[0])).toBe("second_factor_wrong");
    expect((await off(password, renewed.body.recoveryCodes[0])).status).toBe(204);
    expect(await signIn(user.email)).toBe("in");
  });

  it("stays when the password is set by a link, and an admin can take it away", async () => {
    const grace = await withSecondFactor();
    const admin = await signUp();
    const db = database();
    await db.membership.updateMany({
      where: { userId: grace.user.id },
      data: { organisationId: admin.organisation.id, role: "viewer" },
    });
    const path = `/members/${grace.user.id}`;
    const link = await ask("POST", `${path}/password-reset`, { key: admin.apiKey });
    const token = String(link.body.url).split("/").at(-1);
    await ask("POST", "/password-resets/use", { body: { token, password: another } });
    expect(await signIn(grace.user.email, undefined, another)).toBe("second_factor_needed");
    expect((await ask("DELETE", `${path}/two-factor`, { key: admin.apiKey })).status).toBe(204);
    expect(await signIn(grace.user.email, undefined, another)).toBe("in");
    expect(await lastEvent(admin.organisation.id)).toMatchObject({ action: "member.two_factor_removed" });
  });

  it("is nothing that an API key is asked for, and its secret is sealed", async () => {
    const { apiKey, user, secret } = await withSecondFactor();
    expect((await ask("GET", "/me", { key: apiKey })).status).toBe(200);
    const row = await database().user.findUniqueOrThrow({ where: { id: user.id } });
    expect(row.sealedTotp).not.toContain(secret);
    expect(JSON.stringify(await database().auditEvent.findMany())).not.toContain(secret);
  });
});
