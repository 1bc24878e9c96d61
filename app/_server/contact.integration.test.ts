import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../../e2e/harness/database.ts";
import { database } from "../../prisma/client.ts";
import { type ContactInput, keepContactMessage } from "./contact.ts";
import { ask, setEnvironment, signUp } from "./test-world.ts";

let fresh: TestDatabase;

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
});

afterAll(async () => {
  await database().$disconnect();
  await fresh.drop();
});

beforeEach(async () => {
  await database().contactMessage.deleteMany();
  await database().attempt.deleteMany();
});

const from = (address: string) => new Headers({ "x-forwarded-for": address });
const typed = (part: Partial<ContactInput> = {}): ContactInput => ({
  name: "Ada",
  email: "ada@example.com",
  message: "Hello",
  page: "/catalog/tmux-claude",
  trap: "",
  ...part,
});
const keep = (part?: Partial<ContactInput>) => keepContactMessage(typed(part), from("10.0.0.1"));
const kept = () => database().contactMessage.findMany({ orderBy: { id: "asc" } });

describe("a message of the contact form", () => {
  it("is kept with who wrote it and on which page", async () => {
    expect(await keep({ email: " ada@example.com ", message: "\r\nHello,\r\nworld \n" })).toEqual({ kind: "sent" });
    expect(await kept()).toMatchObject([
      { name: "Ada", email: "ada@example.com", message: "Hello,\nworld", page: "/catalog/tmux-claude" },
    ]);
  });

  it("needs no name, and whatever was said to be the page is a path or nothing", async () => {
    for (const page of [
      "//evil.example/",
      "https://evil.example/",
      "/\\evil.example",
      "/a b",
      `/${"x".repeat(600)}`,
      "",
    ])
      expect(await keep({ name: " ", page })).toEqual({ kind: "sent" });
    expect(new Set((await kept()).map(({ name, page }) => `${name} ${page}`))).toEqual(new Set(["null null"]));
  });

  it("is told what is missing, field by field, and is not kept", async () => {
    expect(await keep({ email: "", message: " \n " })).toEqual({
      kind: "invalid",
      errors: { email: "Enter your e-mail address, so that we can answer.", message: "Write a message." },
    });
    expect(await keep({ message: "x".repeat(5_003) })).toMatchObject({
      errors: { message: /^This is 3 characters too/ },
    });
    expect(await keep({ email: "ada" })).toMatchObject({ errors: { email: /does not look like/ } });
    expect(await kept()).toEqual([]);
  });

  // Guards whoever builds an e-mail from these fields one day.
  it.each([
    "ada@example.com\r\nBcc: all@example.com",
    "ada@example.com\nx",
    "a\u202eda@example.com",
    "ada@exa mple.com",
  ])("has no second line and nothing invisible in its address: %j", async (email) =>
    expect(await keep({ email })).toMatchObject({ kind: "invalid", errors: { email: /./ } }),
  );

  it("has no second line in its name, and none of the characters that turn text around", async () => {
    expect(await keep({ name: "Ada\r\nBcc: all@example.com" })).toMatchObject({ errors: { name: /one line/ } });
    expect(await keep({ name: "Ada\u202etxt" })).toMatchObject({ errors: { name: /one line/ } });
    expect(await keep({ name: "نرگس\u200cآبادی" })).toEqual({ kind: "sent" });
    expect(await keep({ name: "", message: "a\0b\u001b[31m\u202ec" })).toEqual({ kind: "sent" });
    expect((await kept()).at(-1)?.message).toBe("ab[31mc");
  });

  it("is the same text when it is read, whatever it says", async () => {
    const message = '<script>alert(1)</script> {{7*7}} \'; DROP TABLE "ContactMessage"; --';
    const { apiKey } = await signUp();
    await keep({ message });
    const { body } = await ask("GET", "/contact-messages", { key: apiKey });
    expect(body.items).toMatchObject([{ message }]);
  });

  it("that fills the field which nobody sees is answered as sent, and dropped", async () => {
    expect(await keep({ trap: "https://spam.example" })).toEqual({ kind: "sent" });
    expect(await keep({ trap: "x", email: "not one" })).toEqual({ kind: "sent" });
    expect(await kept()).toEqual([]);
    expect(await database().attempt.count()).toBe(0);
  });

  it("is one of so many from an address, and of so many at all", async () => {
    const outcomes = await Promise.all(Array.from({ length: 70 }, () => keep()));
    expect(outcomes.filter(({ kind }) => kind === "sent").length).toBeLessThanOrEqual(60);
    // Of a burst more may be refused than need be; one after the other, all that may be kept are.
    let refused = await keep();
    while (refused.kind === "sent") refused = await keep();
    expect(await kept()).toHaveLength(60);
    expect(refused).toMatchObject({ kind: "too_many" });
    expect(refused.kind === "too_many" && refused.retryAfterS).toBeGreaterThan(60);
    expect(await keepContactMessage(typed(), from("10.0.0.2"))).toEqual({ kind: "sent" });

    await database().attempt.createMany({ data: Array.from({ length: 300 }, () => ({ key: "contact" })) });
    expect(await keepContactMessage(typed(), from("10.0.0.3"))).toMatchObject({ kind: "too_many" });
    await database().attempt.updateMany({ data: { at: new Date(Date.now() - 61 * 60_000) } });
    expect(await keepContactMessage(typed(), from("10.0.0.3"))).toEqual({ kind: "sent" });
  });
});

describe("messages of the contact form", () => {
  it("are read, page by page, and deleted by the organisation that signed up first, and by no other", async () => {
    await database().organisation.deleteMany();
    await database().user.deleteMany();
    const first = await signUp();
    const second = await signUp();
    for (const message of ["one", "two", "three"]) await keep({ message });

    const page = await ask("GET", "/contact-messages?limit=2", { key: first.apiKey });
    expect(page.body.items.map((item: { message: string }) => item.message)).toEqual(["three", "two"]);
    const next = await ask("GET", `/contact-messages?limit=2&cursor=${page.body.nextCursor}`, { key: first.apiKey });
    expect(next.body).toMatchObject({ items: [{ message: "one", name: "Ada" }], nextCursor: null });
    expect((await ask("GET", "/contact-messages?cursor=x", { key: first.apiKey })).body.code).toBe("invalid_query");
    expect((await ask("GET", "/me", { key: first.apiKey })).body.mayReadContactMessages).toBe(true);

    const address = `/contact-messages/${page.body.items[0].id}`;
    expect((await ask("GET", "/me", { key: second.apiKey })).body.mayReadContactMessages).toBe(false);
    expect((await ask("GET", "/contact-messages", { key: second.apiKey })).body.code).toBe("forbidden");
    expect((await ask("DELETE", address, { key: second.apiKey })).status).toBe(404);
    expect((await ask("GET", "/contact-messages")).status).toBe(401);
    expect((await ask("DELETE", address, { key: first.apiKey })).status).toBe(204);
    expect((await kept()).map(({ message }) => message)).toEqual(["one", "two"]);

    await database().membership.updateMany({
      where: { organisationId: first.organisation.id },
      data: { role: "policy_manager" },
    });
    expect((await ask("GET", "/contact-messages", { key: first.apiKey })).body.code).toBe("forbidden");
  });
});
