// The log is sent on to a receiver that goes away and comes back: nothing is lost, and what comes twice can be told.
import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../../../e2e/harness/database.ts";
import { database } from "../../../prisma/client.ts";
import { addMember, ask, setEnvironment, signUp } from "../test-world.ts";
import { forwardAll } from "./forward.ts";
import { sealAll } from "./seal.ts";

let fresh: TestDatabase;
let owner: Awaited<ReturnType<typeof signUp>>;
let secret: string;
let url: string;

type Taken = { sequence: number; ids: string[]; delivery: unknown };
let status = 200;
/** It takes what came, and its answer is lost on the way. */
let breaksOff = false;
const taken: Taken[] = [];
let tries = 0;
const receiver = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  tries += 1;
  const [, t, v1] = /^t=(\d+),v1=(\w+)$/.exec(String(request.headers["policylayer-signature"])) ?? [];
  const isSigned = v1 === createHmac("sha256", secret).update(`${t}.${body}`).digest("hex");
  if (status === 200 && isSigned && request.headers["content-type"] === "application/jsonl") {
    const [batch, ...records] = body
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const delivery = request.headers["policylayer-delivery"];
    taken.push({ sequence: batch.head.sequence, ids: records.map(({ kind, id }) => `${kind} ${id}`), delivery });
  }
  if (breaksOff) return request.socket.destroy();
  response.writeHead(isSigned ? status : 401).end();
});

beforeAll(async () => {
  fresh = await freshDatabase();
  setEnvironment(fresh.url);
  process.env.EVIDENCE_KEY = randomBytes(32).toString("base64url");
  await new Promise<void>((ready) => receiver.listen(0, "127.0.0.1", ready));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/logs?token=hidden`;
  owner = await signUp();
});

afterAll(async () => {
  receiver.closeAllConnections();
  receiver.close();
  await database().$disconnect();
  await fresh?.drop();
});

const forward = async () => (await ask("GET", "/evidence/forward", { key: owner.apiKey })).body.forward;
const set = (body: unknown, key = owner.apiKey) => ask("PUT", "/evidence/forward", { key, body });

async function decide(count: number): Promise<string[]> {
  const rows = await database().$queryRaw<{ id: string }[]>`
    INSERT INTO "Call" ("id", "organisationId", "serverId", "at", "method", "tool", "code", "rule", "message", "argumentKeys", "outcome")
    SELECT gen_random_uuid(), ${owner.organisation.id}::uuid, ${randomUUID()}::uuid, now(), 'tools/call', 'echo', 'denied', '', '', '{}', 'none'
    FROM generate_series(1, ${count}) RETURNING "id"`;
  await sealAll();
  return rows.map(({ id }) => `call ${id}`).sort();
}

/** As if the time of the next try had come. */
async function tryAgain(): Promise<void> {
  await database().logForward.updateMany({ data: { nextAttemptAt: null } });
  await forwardAll();
}

describe("the log", () => {
  it("goes to the address that an admin gives, signed, from now on, and the address' path is shown to nobody", async () => {
    await decide(3);
    const answer = await set({ url });
    expect(answer.status).toBe(200);
    ({ secret } = answer.body);
    expect(secret).toMatch(/^whsec_/);
    expect(
      JSON.stringify([await forward(), await database().logForward.findMany(), await database().auditEvent.findMany()]),
    ).not.toContain("hidden");
    const ids = await decide(5);
    await forwardAll();
    expect(new Set(taken.flatMap((one) => one.ids))).toEqual(new Set([...ids, expect.stringContaining("audit ")]));
    expect(await forward()).toMatchObject({ behind: 0, lagS: 0, lastError: null, enabled: true });
  });

  it("waits for a receiver that is away, and then comes whole and in order", async () => {
    taken.length = 0;
    status = 503;
    const ids = [...(await decide(4)), ...(await decide(4)), ...(await decide(4))];
    await forwardAll();
    const before = tries;
    await forwardAll();
    expect(tries, "not before its time").toBe(before);
    expect(await forward()).toMatchObject({ behind: 3, attempts: 1, lastError: "It answered with HTTP status 503." });
    status = 200;
    await tryAgain();
    expect(taken.flatMap((one) => one.ids)).toEqual(ids);
    const sequences = taken.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
    expect(await forward()).toMatchObject({ behind: 0, attempts: 0, lastError: null });
  });

  it("comes again when its answer was lost, under the same number", async () => {
    taken.length = 0;
    breaksOff = true;
    const ids = await decide(2);
    await forwardAll();
    breaksOff = false;
    await tryAgain();
    expect(taken).toHaveLength(2);
    expect(new Set(taken.map(({ delivery }) => delivery)).size).toBe(1);
    expect(taken[1]?.ids).toEqual(ids);
  });

  it("can be held, go on where it was, begin anew elsewhere, and end", async () => {
    taken.length = 0;
    await set({ enabled: false });
    const ids = await decide(2);
    await forwardAll();
    expect(taken).toEqual([]);
    expect((await set({ enabled: true })).body.secret).toBeNull();
    await tryAgain();
    expect(taken.flatMap((one) => one.ids)).toEqual(expect.arrayContaining(ids));
    ({ secret } = (await set({ url, from: "start" })).body);
    taken.length = 0;
    await forwardAll();
    expect(taken[0]?.sequence).toBe(1);
    expect((await ask("DELETE", "/evidence/forward", { key: owner.apiKey })).status).toBe(204);
    expect(await forward()).toBeNull();
    expect((await ask("DELETE", "/evidence/forward", { key: owner.apiKey })).status).toBe(404);
  });

  it("is not sent where nothing may be sent, nor by those who may not", async () => {
    const wrong = await set({ url: "http://user:word@example.com/" });
    expect(wrong).toMatchObject({ status: 422, body: { code: "notification_refused", errors: [{ pointer: "/url" }] } });
    expect((await set({ enabled: true })).status).toBe(404);
    const viewer = await addMember(owner, "viewer");
    expect((await set({ url }, viewer.apiKey)).status).toBe(403);
  });
});
