// What is sent of approvals: to real receivers on this machine, from a real Postgres.
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../../../e2e/harness/database.ts";
import { database } from "../../../prisma/client.ts";
import { approvalHub } from "../approvals/hub.ts";
import { settings } from "../environment.ts";
import { addMember, ask, setEnvironment, signUp } from "../test-world.ts";
import { post } from "./send.ts";
import { type DeliveryWorker, startDeliveryWorker, type WorkerOptions } from "./worker.ts";

let db: TestDatabase;
let ada: Awaited<ReturnType<typeof signUp>>;
let mailbox: Mailbox;
const endings: (() => Promise<unknown> | unknown)[] = [];

beforeAll(async () => {
  db = await freshDatabase();
  setEnvironment(db.url);
  mailbox = await openMailbox();
  Object.assign(process.env, {
    SMTP_URL: `smtp://127.0.0.1:${mailbox.port}`,
    SMTP_FROM: "PolicyLayer <pl@example.com>",
  });
  ada = await signUp();
});

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
  await database().notificationEndpoint.deleteMany();
});

afterAll(async () => {
  await approvalHub().stop();
  mailbox.close();
  await database().$disconnect();
  await db.drop();
});

type Got = { headers: IncomingHttpHeaders; body: string };

/** A receiver that answers with these statuses, the last one again and again. */
async function receiver(...statuses: number[]): Promise<{ url: string; got: Got[] }> {
  const got: Got[] = [];
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    const status = statuses[Math.min(got.length, statuses.length) - 1] ?? 200;
    if (status === 0) return; // never answers
    response.writeHead(status, status === 302 ? { location: "http://127.0.0.1:1/" } : {}).end("no news for you");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  endings.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/T0KEN?k=1`, got };
}

type Mailbox = { port: number; mails: string[]; refuses: boolean; close(): void };

/** The least of a mail server that a message can be handed to. */
async function openMailbox(): Promise<Mailbox> {
  const server = createTcpServer((socket) => {
    let buffer = "";
    let data: string[] | null = null;
    socket.setEncoding("utf8");
    socket.on("error", () => {});
    socket.write("220 test\r\n");
    socket.on("data", (chunk: string) => {
      buffer += chunk;
      for (let end = buffer.indexOf("\r\n"); end !== -1; end = buffer.indexOf("\r\n")) {
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        if (data !== null) {
          if (line !== ".") data.push(line);
          else {
            mailbox.mails.push(data.join("\n"));
            data = null;
            socket.write("250 taken\r\n");
          }
        } else if (/^DATA/i.test(line)) {
          data = [];
          socket.write("354 go on\r\n");
        } else if (/^QUIT/i.test(line)) socket.end("221 bye\r\n");
        else if (/^RCPT/i.test(line) && mailbox.refuses) socket.write("550 nobody here\r\n");
        else socket.write("250 fine\r\n");
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const mailbox: Mailbox = {
    port: (server.address() as AddressInfo).port,
    mails: [],
    refuses: false,
    close: () => server.close(),
  };
  return mailbox;
}

function work(options: WorkerOptions = {}): DeliveryWorker {
  const worker = startDeliveryWorker({ pollMs: 20, backoffMs: () => 10, ...options });
  endings.push(() => worker.stop());
  return worker;
}

const add = (body: unknown, key = ada.apiKey) => ask("POST", "/notifications/endpoints", { key, body });
const deliveries = async (query = "") =>
  (await ask("GET", `/notifications/deliveries${query}`, { key: ada.apiKey })).body.items;

async function park(columns: Record<string, unknown> = {}): Promise<string> {
  const { id } = await database().approval.create({
    data: {
      organisationId: ada.organisation.id,
      ...{ serverId: randomUUID(), grantId: randomUUID(), policyId: randomUUID(), policyVersion: 1 },
      ...{ tool: "vm_terminate", category: "Destructive", severity: "critical", binding: randomUUID() },
      ...{ argumentsDigest: "d", rule: "/tools/vm_terminate/action", message: "Ask <!channel> first & wait." },
      ...{ argumentKeys: ["identifier"], sealedArguments: "sealed-arguments", clientName: "claude-code" },
      expiresAt: new Date(Date.now() + 300_000),
      ...columns,
    },
  });
  return id;
}

describe("a webhook", () => {
  it("gets each new approval once, signed, and nothing of its arguments", async () => {
    const { url, got } = await receiver(200);
    const { status, body } = await add({ kind: "webhook", url, events: ["approval.created", "approval.created"] });
    expect([status, body.events, body.target]).toEqual([201, ["approval.created"], new URL(url).origin]);
    expect(body.secret).toMatch(/^whsec_[\w-]{43}$/);
    const id = await park();
    work();
    await expect.poll(() => got.length).toBe(1);
    const [first] = got;
    const sent = JSON.parse(first?.body ?? "");
    expect(sent).toMatchObject({
      type: "approval.created",
      organisation: { id: ada.organisation.id },
      approval: { id, url: `http://127.0.0.1:3000/approvals/${id}`, tool: "vm_terminate", status: "pending" },
    });
    expect(first?.body).not.toContain("sealed-arguments");
    const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(first?.headers["policylayer-signature"])) ?? [];
    expect(v1).toBe(createHmac("sha256", body.secret).update(`${t}.${first?.body}`).digest("hex"));
    expect(Math.abs(Number(t) - Date.now() / 1_000)).toBeLessThan(30);
    expect(first?.headers["policylayer-delivery"]).toBe(sent.id);
    await expect.poll(async () => (await deliveries())[0]?.status).toBe("delivered");
    // The secret and the address are never shown again, nor is the decision sent to who did not ask for it.
    const listed = await ask("GET", "/notifications/endpoints", { key: ada.apiKey });
    expect(JSON.stringify(listed.body)).not.toMatch(/whsec_|T0KEN/);
    await database().approval.update({ where: { id }, data: { status: "denied", decidedAt: new Date() } });
    expect(await deliveries()).toHaveLength(1);
    expect(JSON.stringify(await database().notificationEndpoint.findMany())).not.toMatch(/whsec_|T0KEN/);
  });

  it("that fails is tried again with the same words, later and later", async () => {
    const { url, got } = await receiver(500, 302, 200);
    await add({ kind: "webhook", url, events: ["approval.decided"] });
    const id = await park();
    await database().approval.update({ where: { id }, data: { status: "approved", decidedAt: new Date() } });
    const waits: number[] = [];
    work({
      backoffMs: (attempts) => {
        waits.push(attempts);
        return 10;
      },
    });
    await expect.poll(async () => (await deliveries())[0]?.status).toBe("delivered");
    expect(waits).toEqual([1, 2]);
    expect(new Set(got.map(({ body }) => body)).size).toBe(1);
    expect(got).toHaveLength(3);
  });

  it("is given up after six tries, and tried again when somebody says so", async () => {
    const { url, got } = await receiver(503, 503, 503, 503, 503, 503, 200);
    await add({ kind: "webhook", url, events: ["approval.created"] });
    await park();
    work();
    await expect.poll(async () => (await deliveries("?status=dead")).length).toBe(1);
    expect(got).toHaveLength(6);
    const [dead] = await deliveries("?status=dead");
    expect(dead).toMatchObject({ attempts: 6, lastStatus: 503, lastTrouble: "It answered with HTTP status 503." });
    const again = () => ask("POST", `/notifications/deliveries/${dead.id}/retry`, { key: ada.apiKey });
    expect((await again()).status).toBe(200);
    await expect.poll(async () => (await deliveries())[0]?.status).toBe("delivered");
    expect([(await again()).status, (await again()).body.code]).toEqual([409, "delivery_alive"]);
  });

  it("that does not answer costs its time and no more", async () => {
    const slow = await receiver(0);
    const { url, got } = await receiver(200);
    await add({ kind: "webhook", url: slow.url, events: ["approval.created"] });
    await add({ kind: "webhook", url, events: ["approval.created"] });
    await park();
    work({ timeoutMs: 200 });
    await expect.poll(() => got.length).toBe(1);
    await expect
      .poll(async () => (await deliveries("?status=dead"))[0]?.lastTrouble)
      .toBe("It did not answer within 0.2 s.");
  });

  it("gets each message once, however many processes send", async () => {
    const { url, got } = await receiver(200);
    await add({ kind: "webhook", url, events: ["approval.created"] });
    for (let i = 0; i < 40; i += 1) await park();
    for (let i = 0; i < 4; i += 1) work();
    await expect.poll(async () => (await deliveries("?status=delivered")).length).toBe(40);
    expect(got).toHaveLength(40);
    expect(new Set(got.map(({ body }) => JSON.parse(body).id)).size).toBe(40);
  });

  it("is taken up by another when a process dies in the middle", async () => {
    const { url, got } = await receiver(200);
    await add({ kind: "webhook", url, events: ["approval.created"] });
    await park();
    // As a process leaves it that was killed after it took it, a minute ago.
    await database().notificationDelivery.updateMany({ data: { attempts: 1, nextAt: new Date(Date.now() - 1) } });
    work();
    await expect.poll(() => got.length).toBe(1);
  });

  it("can be tried out, and ended", async () => {
    const { url, got } = await receiver(200);
    const { body } = await add({ kind: "webhook", url, events: ["approval.created"] });
    work();
    expect((await ask("POST", `/notifications/endpoints/${body.id}/test`, { key: ada.apiKey })).status).toBe(201);
    await expect.poll(() => got.length).toBe(1);
    expect(JSON.parse(got[0]?.body ?? "")).toMatchObject({ type: "test", approval: null });
    expect((await ask("DELETE", `/notifications/endpoints/${body.id}`, { key: ada.apiKey })).status).toBe(204);
    await park();
    expect(await deliveries()).toEqual([]);
    const actions = await database().auditEvent.findMany({ where: { targetId: body.id }, orderBy: { id: "asc" } });
    expect(actions.map(({ action }) => action)).toEqual(["notification.created", "notification.deleted"]);
    expect(JSON.stringify(actions)).not.toMatch(/whsec_|T0KEN/);
  });

  it("is nowhere that an upstream may not be: hosted, no private address, not even behind a name", async () => {
    const refused = { ok: false, final: true, status: null, trouble: "The address is not one that may be sent to." };
    for (const url of [
      "http://127.0.0.1:1/",
      "http://[::1]/",
      "http://169.254.169.254/latest",
      "http://localhost:1/",
    ]) {
      const sent = await post(
        { url, body: "{}", secret: "s", deliveryId: "d", event: "test" },
        { allowPrivate: false },
      );
      expect(sent, url).toEqual(refused);
    }
    Object.assign(settings(), { allowPrivateUpstreams: false });
    endings.push(() => Object.assign(settings(), { allowPrivateUpstreams: true }));
    const answer = await add({ kind: "webhook", url: "http://127.0.0.1:1/", events: ["approval.created"] });
    expect([answer.status, answer.body.code]).toEqual([422, "notification_refused"]);
  });

  it.each([
    { kind: "webhook", url: "ftp://example.com/", events: ["approval.created"] },
    { kind: "webhook", url: "https://ada:pw@example.com/", events: ["approval.created"] },
    { kind: "webhook", url: "https://example.com/", events: [] },
    { kind: "webhook", url: "https://example.com/", events: ["everything"] },
    { kind: "pigeon", url: "https://example.com/", events: ["approval.created"] },
    { kind: "email", email: "nobody", events: ["approval.created"] },
  ])("is not set up by %j", async (body) => {
    expect((await add(body)).status).toBe(422);
  });

  it("is an admin's, and no other organisation's", async () => {
    const { url } = await receiver(200);
    const { body } = await add({ kind: "webhook", url, events: ["approval.created"] });
    await park();
    const [delivery] = await deliveries();
    const manager = await addMember(ada, "policy_manager");
    const eve = await signUp();
    for (const [key, status] of [
      [manager.apiKey, 403],
      [eve.apiKey, 404],
    ] as const) {
      expect((await ask("DELETE", `/notifications/endpoints/${body.id}`, { key })).status).toBe(status);
      expect((await ask("POST", `/notifications/endpoints/${body.id}/test`, { key })).status).toBe(status);
      expect((await ask("POST", `/notifications/deliveries/${delivery.id}/retry`, { key })).status).toBe(status);
    }
    expect((await ask("GET", "/notifications/deliveries", { key: eve.apiKey })).body.items).toEqual([]);
    expect((await ask("GET", "/notifications/endpoints", { key: eve.apiKey })).body.items).toEqual([]);
  });

  it("are twenty at most, also when they are added at once", async () => {
    const { url } = await receiver(200);
    for (let i = 0; i < 18; i += 1)
      expect((await add({ kind: "webhook", url, events: ["approval.created"] })).status).toBe(201);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => add({ kind: "webhook", url, events: ["approval.created"] })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    expect(answers.filter(({ body }) => body.code === "too_many_endpoints")).toHaveLength(4);
  });
});

describe("Slack", () => {
  it("gets a message that it can show, in which no name is a mention", async () => {
    const { url, got } = await receiver(200);
    await add({ kind: "slack", url, events: ["approval.created"] });
    const id = await park();
    work();
    await expect.poll(() => got.length).toBe(1);
    const message = JSON.parse(got[0]?.body ?? "");
    expect(message.text).toBe(`vm_terminate waits for your approval: http://127.0.0.1:3000/approvals/${id}`);
    expect(message.blocks.map(({ type }: { type: string }) => type)).toEqual(["section", "context", "actions"]);
    expect(message.blocks[0].text.text).toContain("Ask &lt;!channel&gt; first &amp; wait.");
  });
});

describe("e-mail", () => {
  it("says that a call waits and where it is decided", async () => {
    await add({ kind: "email", email: "Ada@Example.com", events: ["approval.created"] });
    const id = await park({ clientName: "evil\r\nBcc: everybody@example.com" });
    work();
    await expect.poll(() => mailbox.mails.length).toBe(1);
    const mail = mailbox.mails[0] ?? "";
    expect(mail).toMatch(/^To: ada@example\.com$/m);
    expect(mail).toMatch(/^From: PolicyLayer <pl@example\.com>$/m);
    expect(mail).toMatch(/^Subject: vm_terminate waits for your approval$/m);
    expect(mail.replaceAll("=\n", "")).toContain(`/approvals/${id}`);
    expect(mail.split("\n\n")[0]).not.toMatch(/^Bcc/im);
  });

  it("that is not taken is tried again, and given up with what the mail server said", async () => {
    mailbox.refuses = true;
    endings.push(() => {
      mailbox.refuses = false;
    });
    await add({ kind: "email", email: "ada@example.com", events: ["approval.created"] });
    await park();
    work();
    await expect.poll(async () => (await deliveries("?status=dead"))[0]?.lastStatus).toBe(550);
  });

  it("cannot be set up where none is sent, and hosted only for members", async () => {
    const body = { kind: "email", email: "stranger@example.com", events: ["approval.created"] };
    Object.assign(settings(), { hosted: true });
    endings.push(() => Object.assign(settings(), { hosted: false }));
    expect((await add(body)).body.code).toBe("notification_refused");
    expect((await add({ ...body, email: ada.user.email })).status).toBe(201);
    const { smtpUrl } = settings();
    Object.assign(settings(), { smtpUrl: null });
    endings.push(() => Object.assign(settings(), { smtpUrl }));
    expect((await add({ ...body, email: ada.user.email })).body.detail).toContain("SMTP_URL");
    expect((await ask("GET", "/notifications/endpoints", { key: ada.apiKey })).body.email).toBe(false);
  });
});
