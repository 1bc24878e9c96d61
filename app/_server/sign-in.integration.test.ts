import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../../e2e/harness/database.ts";
import { database } from "../../prisma/client.ts";
import { findOrCreateVerifiedUser } from "./accounts.ts";
import { checkPassword, signInOptions } from "./sign-in.ts";
import { ask, setEnvironment, signUp } from "./test-world.ts";

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

const from = (address: string) => new Headers({ "x-forwarded-for": address, host: "127.0.0.1:3000" });

describe("signing in with a password", () => {
  it("works with the right one, however the address is written", async () => {
    const { user } = await signUp();
    expect(await checkPassword(` ${user.email.toUpperCase()} `, password, from("10.0.0.1"))).toMatchObject({
      id: user.id,
    });
    expect(await checkPassword(user.email, "something else entirely", from("10.0.0.1"))).toBeNull();
    expect(await checkPassword("nobody@example.com", password, from("10.0.0.1"))).toBeNull();
    expect(await checkPassword({ contains: "" }, password, from("10.0.0.1"))).toBeNull();
    expect(await checkPassword(user.email, undefined, from("10.0.0.1"))).toBeNull();
  });

  it("is over after ten wrong ones for one account, from wherever they come, also all at once", async () => {
    const { user } = await signUp();
    const wrong = (n: number) =>
      checkPassword(user.email, `wrong password ${n}`, from(`10.1.0.${n}`)).catch((error: Error) => error.message);
    const outcomes = await Promise.all(Array.from({ length: 14 }, (_, n) => wrong(n)));
    expect(outcomes.filter((outcome) => outcome === null).length).toBeLessThanOrEqual(10);
    while ((await wrong(99)) === null);
    await expect(checkPassword(user.email, password, from("10.1.1.1"))).rejects.toThrow("rate_limited");
    // Others are not affected.
    const other = await signUp();
    expect(await checkPassword(other.user.email, password, from("10.1.1.1"))).toMatchObject({ id: other.user.id });
    // And it ends.
    await database().attempt.updateMany({ data: { at: new Date(Date.now() - 16 * 60_000) } });
    expect(await checkPassword(user.email, password, from("10.1.1.1"))).toMatchObject({ id: user.id });
  });

  it("is over after a hundred wrong ones from one address, for whichever accounts", async () => {
    const address = "10.2.0.1";
    await database().attempt.createMany({ data: Array.from({ length: 100 }, () => ({ key: `login:${address}` })) });
    const { user } = await signUp();
    await expect(checkPassword(user.email, password, from(address))).rejects.toThrow("rate_limited");
    expect(await checkPassword(user.email, password, from("10.2.0.2"))).toMatchObject({ id: user.id });
  });

  it("counts the addresses that one IPv6 customer has together, and IPv4 as IPv4", async () => {
    const places = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:0db8:0001:0002:1:2:3:4"];
    await database().attempt.createMany({
      data: Array.from({ length: 100 }, () => ({ key: "login:2001:db8:1:2::/64" })),
    });
    await database().attempt.createMany({ data: Array.from({ length: 100 }, () => ({ key: "login:10.8.0.1" })) });
    const { user } = await signUp();
    for (const address of [...places, "::ffff:10.8.0.1"]) {
      await expect(checkPassword(user.email, password, from(address))).rejects.toThrow("rate_limited");
    }
    for (const address of ["2001:db8:1:3::1", "::ffff:10.8.0.2"]) {
      expect(await checkPassword(user.email, password, from(address))).toMatchObject({ id: user.id });
    }
  });

  it("forgets wrong ones after a right one", async () => {
    const { user } = await signUp();
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 6; n += 1)
        expect(await checkPassword(user.email, "wrong wrong wrong", from("10.3.0.1"))).toBeNull();
      expect(await checkPassword(user.email, password, from("10.3.0.1"))).toMatchObject({ id: user.id });
    }
  });
});

describe("signing in with GitHub or Google", () => {
  it("makes a user with an organisation the first time, and finds it the second", async () => {
    const email = `grace-${randomUUID()}@example.com`;
    const first = await findOrCreateVerifiedUser(email, "Grace");
    expect(await findOrCreateVerifiedUser(email, "Grace")).toEqual(first);
    expect(await database().membership.count({ where: { user: { email } } })).toBe(1);
  });

  it("never joins an account that has a password", async () => {
    const { user } = await signUp();
    expect(await findOrCreateVerifiedUser(user.email, null)).toBe("password_account");
    const { signIn } = signInOptions(from("10.0.0.1")).callbacks ?? {};
    const attempt = (profile: Record<string, unknown>) =>
      signIn?.({ user: { id: "x" }, account: { provider: "github", type: "oauth", providerAccountId: "1" }, profile });
    expect(await attempt({ email: user.email, email_verified: true })).toBe("/signin?error=OAuthAccountNotLinked");
    expect(await attempt({ email: "new@example.com", email_verified: false })).toBe("/signin?error=EmailNotVerified");
    expect(await attempt({ email_verified: true })).toBe("/signin?error=EmailNotVerified");
    expect(await attempt({ email: "new@example.com", email_verified: true })).toBe(true);
  });

  it("is offered only where it is set up", () => {
    const ids = () => signInOptions(from("10.0.0.1")).providers.map(({ id }) => id);
    expect(ids()).toEqual(["credentials"]);
    Object.assign(process.env, { GITHUB_ID: "a", GITHUB_SECRET: "b", GOOGLE_ID: "c" });
    expect(ids()).toEqual(["credentials", "github"]);
    for (const name of ["GITHUB_ID", "GITHUB_SECRET", "GOOGLE_ID"]) delete process.env[name];
  });
});

describe("where signing in may lead", () => {
  it.each([
    ["/servers", "http://127.0.0.1:3000/servers"],
    ["http://127.0.0.1:3000/servers?a=b", "http://127.0.0.1:3000/servers?a=b"],
    ["https://evil.example/", "http://127.0.0.1:3000"],
    ["//evil.example/", "http://127.0.0.1:3000"],
    ["http://127.0.0.1:3001/", "http://127.0.0.1:3000"],
    ["javascript:alert(1)", "http://127.0.0.1:3000"],
  ])("%s leads to %s", async (url, expected) => {
    const redirect = signInOptions(from("10.0.0.1")).callbacks?.redirect;
    expect(await redirect?.({ url, baseUrl: "http://127.0.0.1:3000" })).toBe(expected);
  });

  it("stays with the name under which the dashboard is open", async () => {
    const redirect = signInOptions(new Headers({ host: "localhost:3000" })).callbacks?.redirect;
    expect(await redirect?.({ url: "/servers", baseUrl: "http://127.0.0.1:3000" })).toBe(
      "http://localhost:3000/servers",
    );
  });
});

describe("signing up", () => {
  it("is limited for each address", async () => {
    await database().attempt.createMany({ data: Array.from({ length: 300 }, () => ({ key: "signup:10.9.0.1" })) });
    const body = { email: `x-${randomUUID()}@example.com`, password };
    const refused = await ask("POST", "/signup", { body, headers: { "x-forwarded-for": "10.9.0.1" } });
    expect(refused).toMatchObject({ status: 429, body: { code: "too_many_attempts" } });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(3_500);
    expect((await ask("POST", "/signup", { body, headers: { "x-forwarded-for": "10.9.0.2" } })).status).toBe(201);
  });
});
