// Approvals through the API, on a real Postgres.
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../../../e2e/harness/database.ts";
import { argumentsDigest, openApprovalArguments, sealApprovalArguments } from "../../../prisma/approval-arguments.ts";
import { database } from "../../../prisma/client.ts";
import { GET as eventsRoute } from "../../api/v1/approvals/events/route.ts";
import { secretKeys } from "../environment.ts";
import { addMember, ask, type StandInGateway, setEnvironment, signUp, startStandInGateway } from "../test-world.ts";
import { approvalHub, startHub } from "./hub.ts";

let db: TestDatabase;
let gateway: StandInGateway;
let ada: Awaited<ReturnType<typeof signUp>>;
let manager: Awaited<ReturnType<typeof signUp>>;
let viewer: Awaited<ReturnType<typeof signUp>>;
let eve: Awaited<ReturnType<typeof signUp>>;
let serverId: string;
let policyId: string;
let grantId: string;

const document = {
  version: "1",
  default: "deny",
  tools: {
    vm_create: {
      action: "require_approval",
      deny_if: [{ conditions: [{ path: "args.price", op: "gt", value: 100 }], on_deny: "Nothing dearer than 100." }],
      limits: [{ counter: "spend", window: "day", max: 50, increment_from: "args.price" }],
    },
  },
};

beforeAll(async () => {
  db = await freshDatabase();
  setEnvironment(db.url);
  gateway = await startStandInGateway();
  ada = await signUp();
  manager = await addMember(ada, "policy_manager");
  viewer = await addMember(ada, "viewer");
  eve = await signUp();
  const server = await ask("POST", "/servers", {
    key: ada.apiKey,
    body: { name: "cloud", transport: "http", url: "http://127.0.0.1:9/mcp" },
  });
  serverId = server.body.id;
  const policy = await ask("POST", `/servers/${serverId}/policies`, {
    key: ada.apiKey,
    body: { name: "CI", document },
  });
  policyId = policy.body.id;
  const grant = await ask("POST", `/servers/${serverId}/grants`, { key: ada.apiKey, body: { label: "ci", policyId } });
  grantId = grant.body.id;
});

afterAll(async () => {
  await approvalHub().stop();
  await gateway.stop();
  await database().$disconnect();
  await db.drop();
});

type Columns = Record<string, unknown> & { text?: string };

/** A call that waits, as a gateway writes it. */
async function park({ text = '{"price":10,"token":"s3cret-value"}', ...columns }: Columns = {}): Promise<string> {
  const id = await newId();
  const tool = await database().tool.findFirstOrThrow({ where: { serverId, name: "vm_create" } });
  await database().approval.create({
    data: {
      id,
      organisationId: ada.organisation.id,
      ...{ serverId, grantId, policyId, policyVersion: 1, tool: "vm_create" },
      ...{ category: "Execute", severity: "high", sessionTag: "session-1", clientName: "claude-code" },
      binding: randomUUID(),
      argumentsDigest: argumentsDigest(text),
      definitionHash: tool.definitionHash,
      rule: "/tools/vm_create/action",
      message: "vm_create needs the approval of a person.",
      argumentKeys: ["price", "token"],
      sealedArguments: sealApprovalArguments(secretKeys(), text, id),
      status: "pending",
      expiresAt: new Date(Date.now() + 300_000),
      ...columns,
    },
  });
  return id;
}

async function newId(): Promise<string> {
  const hex = Date.now().toString(16).padStart(12, "0");
  await new Promise((resolve) => setTimeout(resolve, 2));
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${randomUUID().slice(15)}`;
}

const decide = (id: string, body: unknown, key = ada.apiKey) => ask("POST", `/approvals/${id}`, { key, body });
const read = (id: string, key = ada.apiKey) => ask("GET", `/approvals/${id}`, { key });

describe("an approval", () => {
  it("says who asks for what, and hides what looks like a secret", async () => {
    const id = await park({ text: '{"price":10.50,"id":12345678901234567890,"token":"s3cret-value"}' });
    const { status, body } = await read(id);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ id, status: "pending", serverName: "cloud", grantLabel: "ci", sessionId: "session-1", tool: "vm_create" },
      ...{ clientName: "claude-code", rule: "/tools/vm_create/action", masked: ["/token"], mayDecide: true },
      ...{ policyName: "CI", lastApproved: null, decidedBy: null, edited: false },
      argumentsText: '{\n  "price": 10.50,\n  "id": 12345678901234567890,\n  "token": "[hidden: 12 characters]"\n}',
    });
    expect(JSON.parse(body.definition).name).toBe("vm_create");
    expect(body.consequence).toContain("make the same call again");
  });

  it("shows its arguments to those who may decide only", async () => {
    const id = await park();
    const seen = await read(id, viewer.apiKey);
    expect(seen.status).toBe(200);
    expect(seen.body).toMatchObject({ arguments: null, argumentsText: null, masked: [], mayDecide: false });
    expect(JSON.stringify(seen.body)).not.toContain("s3cret");
    expect((await decide(id, { decision: "approve" }, viewer.apiKey)).status).toBe(403);
    expect((await ask("POST", `/approvals/${id}/reveal`, { key: viewer.apiKey, body: {} })).status).toBe(403);
  });

  it("of another organisation is not there", async () => {
    const id = await park();
    expect((await read(id, eve.apiKey)).status).toBe(404);
    expect((await decide(id, { decision: "approve" }, eve.apiKey)).status).toBe(404);
    expect((await ask("POST", `/approvals/${id}/reveal`, { key: eve.apiKey, body: {} })).status).toBe(404);
    const edit = { key: eve.apiKey, body: { arguments: {} } };
    expect((await ask("POST", `/approvals/${id}/preview`, edit)).status).toBe(404);
    expect((await ask("GET", `/approvals?serverId=${serverId}`, { key: eve.apiKey })).status).toBe(404);
    expect((await ask("GET", "/approvals", { key: eve.apiKey })).body.items).toEqual([]);
  });

  it("is approved with a reason and for ten minutes, and that is on record", async () => {
    const id = await park();
    const { status, body } = await decide(id, { decision: "approve", reason: "Fine for today" }, manager.apiKey);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ status: "approved", reason: "Fine for today", scope: "call", edited: false, sessionUntil: null },
      decidedBy: { id: manager.user.id, email: manager.user.email },
    });
    expect(Date.parse(body.useBy) - Date.parse(body.decidedAt)).toBe(600_000);
    const [event] = await database().auditEvent.findMany({ where: { targetId: id } });
    expect(event).toMatchObject({ action: "approval.approved", targetName: "vm_create" });
    expect(event?.after).toMatchObject({ decision: "approve", reason: "Fine for today", edited: false });
  });

  it("is denied with a reason, and cannot be used", async () => {
    const id = await park();
    const { body } = await decide(id, { decision: "deny", reason: "Not before Friday" });
    expect(body).toMatchObject({ status: "denied", reason: "Not before Friday", useBy: null });
  });

  it("is decided once, however many people try at the same moment", async () => {
    const id = await park();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        decide(id, { decision: i % 2 ? "approve" : "deny", reason: `${i}` }, i % 3 ? ada.apiKey : manager.apiKey),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const late = answers.filter(({ status }) => status === 409);
    expect(late).toHaveLength(49);
    const winner = answers.find(({ status }) => status === 200)?.body;
    for (const { body } of late) {
      expect(body.code).toBe("approval_decided");
      expect(body.approval).toMatchObject({ id, status: winner.status, reason: winner.reason });
    }
    expect(await database().auditEvent.count({ where: { targetId: id } })).toBe(1);
  });

  it("cannot be decided once its time is up, or what it was asked for is gone", async () => {
    const late = await park({ expiresAt: new Date(Date.now() - 1) });
    expect((await read(late)).body.status).toBe("expired");
    const answer = await decide(late, { decision: "approve" });
    expect([answer.status, answer.body.code, answer.body.approval.status]).toEqual([
      409,
      "approval_expired",
      "expired",
    ]);
    const cancelled = await park({ status: "cancelled" });
    expect((await decide(cancelled, { decision: "approve" })).body.code).toBe("approval_expired");
  });

  it("can be given for a session for a while, where there is one", async () => {
    const id = await park();
    const { body } = await decide(id, { decision: "approve", scope: "session", minutes: 30 });
    expect(Date.parse(body.sessionUntil) - Date.parse(body.decidedAt)).toBe(30 * 60_000);
    expect(body).toMatchObject({ scope: "session", useBy: body.sessionUntil });
    const alone = await park({ sessionTag: null });
    const refused = await decide(alone, { decision: "approve", scope: "session", minutes: 30 });
    expect([refused.status, refused.body.code]).toEqual([422, "no_session"]);
  });

  it.each([
    { decision: "approve", scope: "session" },
    { decision: "approve", minutes: 5 },
    { decision: "approve", scope: "session", minutes: 481 },
    { decision: "deny", arguments: {} },
    { decision: "deny", scope: "session", minutes: 5 },
    { decision: "approve", scope: "session", minutes: 5, arguments: {} },
    { decision: "maybe" },
    {},
  ])("is not decided by %j", async (body) => {
    const id = await park();
    expect((await decide(id, body)).status).toBe(422);
    expect((await read(id)).body.status).toBe("pending");
  });
});

describe("arguments that an approver edits", () => {
  it("go in the place of the caller's, with what was hidden put back and numbers as they were written", async () => {
    const id = await park({ text: '{"price":10,"id":12345678901234567890,"token":"s3cret-value"}' });
    const text = (await read(id)).body.argumentsText.replace("10", "7");
    const { status, body } = await decide(id, { decision: "approve", arguments: text });
    expect([status, body.edited]).toEqual([200, true]);
    const row = await database().approval.findUniqueOrThrow({ where: { id } });
    const sent = openApprovalArguments(secretKeys(), row.sealedEdited ?? "", id) ?? "";
    expect(sent).toContain('"id": 12345678901234567890');
    expect(JSON.parse(sent)).toMatchObject({ price: 7, token: "s3cret-value" });
    expect(row.editedDigest).toBe(argumentsDigest(sent));
    expect((await read(id)).body.editedText).toContain('"token": "[hidden: 12 characters]"');
  });

  it("are decided by the version of the policy that the approval is bound to", async () => {
    const id = await park();
    const dear = await decide(id, { decision: "approve", arguments: { price: 101 } });
    expect([dear.status, dear.body.code]).toEqual([422, "edited_call_denied"]);
    expect(dear.body.decision).toMatchObject({ code: "denied", rule: "/tools/vm_create/deny_if/0" });
    const much = await decide(id, { decision: "approve", arguments: '{"price":51}' });
    expect(much.body.decision).toMatchObject({ code: "rate_limited" });
    const text = await decide(id, { decision: "approve", arguments: { price: "7" } });
    expect(text.status).toBe(422);
    expect((await read(id)).body.status).toBe("pending");
    expect((await decide(id, { decision: "approve", arguments: { price: 50 } })).status).toBe(200);
  });

  it("can be tried before they are sent", async () => {
    const id = await park();
    const preview = (args: unknown) =>
      ask("POST", `/approvals/${id}/preview`, { key: ada.apiKey, body: { arguments: args } });
    expect((await preview({ price: 101 })).body.decision.code).toBe("denied");
    expect((await preview('{"price":5}')).body.decision.code).toBe("approval_required");
    expect((await read(id)).body.status).toBe("pending");
  });

  it.each(['{"price":1,"price":2}', "[]", "no json", '{"note":"[hidden: 12 characters]"}', '{"a":"\\ud800"}'])(
    "are refused when they cannot be read in one way: %s",
    async (text) => {
      const id = await park();
      expect((await decide(id, { decision: "approve", arguments: text })).status).toBe(422);
    },
  );

  it("that are the caller's with other white space are the caller's", async () => {
    const id = await park();
    const text = (await read(id)).body.argumentsText;
    expect((await decide(id, { decision: "approve", arguments: text })).body.edited).toBe(false);
  });
});

describe("what is hidden", () => {
  it("is shown when asked for, and it is on record who looked at what", async () => {
    const id = await park({ text: '{"token":"s3cret-value","password":"hunter2"}' });
    const one = await ask("POST", `/approvals/${id}/reveal`, { key: manager.apiKey, body: { pointers: ["/token"] } });
    expect(one.body).toMatchObject({ arguments: { token: "s3cret-value" }, masked: ["/password"] });
    const all = await ask("POST", `/approvals/${id}/reveal`, { key: ada.apiKey, body: {} });
    expect(all.body).toMatchObject({ arguments: { token: "s3cret-value", password: "hunter2" }, masked: [] });
    const events = await database().auditEvent.findMany({ where: { targetId: id }, orderBy: { id: "asc" } });
    expect(
      events.map(({ action, actorName, after }) => [action, actorName.includes(manager.user.email), after]),
    ).toEqual([
      ["approval.revealed", true, expect.objectContaining({ pointers: ["/token"] })],
      ["approval.revealed", false, expect.objectContaining({ pointers: ["/token", "/password"] })],
    ]);
    expect(JSON.stringify(events)).not.toContain("s3cret");
  });

  it("and cannot be opened cannot be approved, only denied", async () => {
    const id = await park({ sealedArguments: "00000000.AAAA" });
    expect((await read(id)).body).toMatchObject({ arguments: null, argumentsText: null });
    expect((await decide(id, { decision: "approve" })).body.code).toBe("secrets_unreadable");
    expect((await decide(id, { decision: "deny" })).status).toBe(200);
  });

  it("is compared with the call of the tool that was approved last", async () => {
    const before = await park({ text: '{"price":3,"token":"abc"}' });
    await decide(before, { decision: "approve" });
    const id = await park();
    expect((await read(id)).body.lastApproved).toMatchObject({
      arguments: { price: 3, token: "[hidden: 3 characters]" },
    });
  });
});

describe("the list of approvals", () => {
  it("has those that wait in the order in which they came, page after page", async () => {
    await database().approval.deleteMany();
    const ids = [await park(), await park(), await park()];
    const over = await park({ expiresAt: new Date(Date.now() - 1) });
    const denied = await park({ status: "denied", decidedAt: new Date() });
    const page = (query: string) => ask("GET", `/approvals?${query}`, { key: viewer.apiKey });
    const first = (await page("status=pending&limit=2")).body;
    expect(first.items.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 2));
    const second = (await page(`status=pending&limit=2&cursor=${first.nextCursor}`)).body;
    expect([second.items.map(({ id }: { id: string }) => id), second.nextCursor]).toEqual([[ids[2]], null]);
    expect((await page("status=expired")).body.items.map(({ id }: { id: string }) => id)).toEqual([over]);
    expect((await page("status=decided")).body.items.map(({ id }: { id: string }) => id)).toEqual([denied, over]);
    expect((await page("")).body.items).toHaveLength(5);
    expect((await page(`serverId=${serverId}&status=denied`)).body.items).toHaveLength(1);
    expect((await page("cursor=nonsense")).status).toBe(400);
    expect(JSON.stringify((await page("")).body)).not.toContain("s3cret");
  });
});

describe("the stream of events", () => {
  const ends: (() => void)[] = [];
  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });

  /** What comes, as `event data`. */
  function listen(response: Response) {
    const heard: string[] = [];
    const reader = response.body?.getReader();
    const state = { ended: false };
    const decoder = new TextDecoder();
    void (async () => {
      for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
        for (const [, name, data] of decoder.decode(next.value).matchAll(/event: (\w+)\ndata: (.*)\n\n/g)) {
          heard.push(`${name} ${data}`);
        }
      }
      state.ended = true;
    })();
    ends.push(() => void reader?.cancel());
    return { heard, state };
  }

  const open = (key: string) =>
    eventsRoute(
      new Request("http://127.0.0.1:3000/api/v1/approvals/events", {
        headers: { authorization: `Bearer ${key}`, host: "127.0.0.1:3000" },
      }),
      { params: Promise.resolve({}) },
    );

  it("tells each member of their own organisation's, and how many wait", async () => {
    await database().approval.deleteMany();
    const ours = listen(await open(viewer.apiKey));
    const theirs = listen(await open(eve.apiKey));
    await expect
      .poll(() => [ours.heard.at(-1), theirs.heard.at(-1)])
      .toEqual(['pending {"count":0}', 'pending {"count":0}']);
    const id = await park();
    await expect.poll(() => ours.heard).toContain(`approval ${JSON.stringify({ id, status: "pending" })}`);
    await expect.poll(() => ours.heard.at(-1)).toBe('pending {"count":1}');
    await decide(id, { decision: "deny" });
    await expect.poll(() => ours.heard).toContain(`approval ${JSON.stringify({ id, status: "denied" })}`);
    await expect.poll(() => ours.heard.at(-1)).toBe('pending {"count":0}');
    expect(theirs.heard.filter((line) => line.startsWith("approval"))).toEqual([]);
  });

  it("ends when whoever listens may no more", async () => {
    const guest = await addMember(ada, "viewer");
    const { state, heard } = listen(await open(guest.apiKey));
    await expect.poll(() => heard.length).toBeGreaterThan(0);
    expect(state.ended).toBe(false);
    await database().membership.deleteMany({ where: { userId: guest.user.id } });
    await expect.poll(() => state.ended, { timeout: 20_000 }).toBe(true);
  });

  it("says that something may have been missed when the connection to the database was lost", async () => {
    const hub = startHub(db.url, 20);
    const heard: string[] = [];
    hub.subscribe(ada.organisation.id, (one) => heard.push(one.kind));
    await expect.poll(() => heard).toEqual(["resync"]);
    await database().$executeRaw`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'policylayer-approvals' AND datname = current_database()`;
    await expect.poll(() => heard.length).toBeGreaterThan(1);
    await park();
    await expect.poll(() => heard).toContain("approval");
    await hub.stop();
  });

  it("is for members only", async () => {
    expect((await open("pla_nonsense")).status).toBe(401);
  });
});
