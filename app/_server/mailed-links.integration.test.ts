// Links that are mailed, where mail is sent at all. That mail arrives is tested with notifications.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { freshDatabase, type TestDatabase } from "../../e2e/harness/database.ts";
import { database } from "../../prisma/client.ts";
import type { Mail } from "./mail.ts";
import { ask, openBrowser, setEnvironment, signUp } from "./test-world.ts";

const sent: Mail[] = [];
let fails = false;
vi.mock("./mail.ts", () => ({
  sendsMail: () => true,
  sendMail: async (mail: Mail) => {
    if (fails) throw new Error("the mail server is away");
    sent.push(mail);
  },
}));

const another = "wholly different words here";
let fresh: TestDatabase;

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
});

beforeEach(() => {
  sent.length = 0;
  fails = false;
});

afterAll(async () => {
  await database().$disconnect();
  await fresh.drop();
});

const linkIn = (mail: Mail | undefined, path: string) =>
  new RegExp(`/${path}/(\\S+)`).exec(mail?.text ?? "")?.[1] ?? "";

describe("a lost password", () => {
  const askFor = (email: string, address = "203.0.113.1") =>
    ask("POST", "/password-resets", { body: { email }, headers: { "x-forwarded-for": address } });

  it("is set anew by a link that is mailed to the account's own address", async () => {
    const { user } = await signUp();
    const browser = await openBrowser(user.id);
    expect((await askFor(user.email.toUpperCase())).status).toBe(204);
    await vi.waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]).toMatchObject({ to: user.email, text: expect.stringContaining("203.0.113.1") });
    const body = { token: linkIn(sent[0], "reset"), password: another };
    expect((await ask("POST", "/password-resets/use", { body })).status).toBe(204);
    expect((await ask("GET", "/me", { headers: browser })).status).toBe(401);
    expect((await ask("POST", "/password-resets/use", { body })).status).toBe(410);
  });

  it("tells nobody who has an account: the same answer, and mail only where there is one", async () => {
    const { user } = await signUp();
    await database().user.create({ data: { email: "elsewhere@example.com", passwordHash: null } });
    const answers = [];
    for (const email of [`nobody-${randomUUID()}@example.com`, "elsewhere@example.com", user.email]) {
      const { status, body } = await askFor(email, "203.0.113.2");
      answers.push([status, body]);
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await vi.waitFor(() => expect(sent).toHaveLength(1));
    fails = true;
    expect((await askFor(user.email, "203.0.113.2")).status).toBe(204);
  });

  it("fills nobody's mailbox: three an hour for one address, account or not, from wherever", async () => {
    for (const email of [(await signUp()).user.email, `nobody-${randomUUID()}@example.com`]) {
      const statuses = [];
      for (let n = 0; n < 4; n += 1) statuses.push((await askFor(email, `203.0.113.${10 + n}`)).status);
      expect(statuses).toEqual([204, 204, 204, 429]);
    }
  });
});

describe("an invite for an address", () => {
  const invite = (apiKey: string, email?: string) =>
    ask("POST", "/invites", { key: apiKey, body: { role: "viewer", email } });

  it("is mailed there too, and one for whoever has the link is not", async () => {
    const { apiKey, user } = await signUp();
    const email = `grace-${randomUUID()}@example.com`;
    const made = await invite(apiKey, email);
    expect(made.body.mailed).toBe(true);
    const mails = () => sent.filter(({ to }) => to === email);
    expect(mails()).toMatchObject([{ text: expect.stringContaining(user.email) }]);
    expect(made.body.url).toContain(linkIn(mails()[0], "invite"));
    expect((await invite(apiKey)).body.mailed).toBe(false);
    expect(mails()).toHaveLength(1);
  });

  it("stands when it could not be mailed, and nobody sends mail to strangers without end", async () => {
    const { apiKey, organisation } = await signUp();
    fails = true;
    expect(await invite(apiKey, "grace@example.com")).toMatchObject({ status: 201, body: { mailed: false } });
    fails = false;
    const key = `invite-mail:${organisation.id}`;
    await database().attempt.createMany({ data: Array.from({ length: 30 }, () => ({ key })) });
    expect(await invite(apiKey, "grace@example.com")).toMatchObject({ status: 201, body: { mailed: false } });
    expect(sent.filter(({ to }) => to === "grace@example.com")).toEqual([]);
  });
});
