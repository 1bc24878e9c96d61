// Requests that a hostile agent sends, against the real gateway and a server that writes down what arrives.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { table } from "../conformance/results.ts";
import { type Case, readCorpus, requestOf, type Words } from "./corpus.ts";
import { crimesOf } from "./law.ts";
import { type Guarded, memoryMbMax, openStage, type Stage } from "./stage.ts";
import { type Heard, sendBytes } from "./wire.ts";

const corpus = readCorpus();
let stage: Stage;
let target: Guarded;
let other: Guarded;
let words: Words;
const tried = new Map<string, number>();

/** Opens a session; its id, and the tag that its event ids carry. */
async function openSession({ grant }: Guarded): Promise<{ id: string; tag: string }> {
  const url = `${stage.gateway.url}${grant.path}`;
  const headers = {
    authorization: `Bearer ${grant.token}`,
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "hostile", version: "1" } };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params });
  const id = (await fetch(url, { method: "POST", headers, body })).headers.get("mcp-session-id") ?? "";
  const stream = await fetch(url, { headers: { ...headers, "mcp-session-id": id } });
  return { id, tag: /^id: (.*)\.e1$/m.exec(await stream.text())?.[1] ?? "" };
}

beforeAll(async () => {
  stage = await openStage();
  target = await stage.guard();
  other = await stage.guard();
  const { house } = stage;
  const policy = (await house.client.query('SELECT "policyId" FROM "Grant" WHERE "id" = $1', [target.grant.id]))
    .rows[0];
  const second = { ...target, grant: await house.addGrant(target.serverId, policy.policyId) };
  const third = await stage.guard(); // waits until the grant before it is enforced too
  const session = await openSession(target);
  const foreign = await openSession(other);
  const sibling = await openSession(second);
  const dot = session.id.indexOf(".");
  const flipped = session.id.at(-5) === "A" ? "B" : "A";
  words = {
    path: target.grant.path,
    id: target.serverId,
    ID: target.serverId.toUpperCase(),
    token: target.grant.token,
    TOKEN: target.grant.token.toUpperCase(),
    "token-1": target.grant.token.slice(0, -1),
    otherPath: other.grant.path,
    otherId: other.serverId,
    otherToken: other.grant.token,
    thirdId: third.serverId,
    session: session.id,
    SESSION: session.id.toUpperCase(),
    "session-1": session.id.slice(0, -1),
    sessionKey: session.id.slice(0, dot),
    sessionSealed: session.id.slice(dot + 1),
    sessionFlipped: `${session.id.slice(0, -5)}${flipped}${session.id.slice(-4)}`,
    otherSession: foreign.id,
    otherTag: foreign.tag,
    grantSession: sibling.id,
    grantTag: sibling.tag,
    tag: session.tag,
  };
}, 120_000);

afterAll(async () => {
  const peak = stage?.memory.peakMb();
  const crimes = [target, other].flatMap((one) => one?.canary.crimes ?? []).length;
  const rows = [...tried].map(([kind, count]) => [kind, count]);
  const total = [...tried.values()].reduce((sum, count) => sum + count, 0);
  console.log(`\n${table(["hostile corpus", "tried"], [...rows, ["all", total]])}`);
  console.log(`\nforbidden arrivals ${crimes}, gateway alive ${await stage?.isAlive()}, peak RSS ${peak} MB\n`);
  await stage?.close();
});

it("has at least 200 requests, each said once", () => {
  const names = corpus.flatMap(({ kind, cases }) => cases.map(({ name }) => `${kind}: ${name}`));
  expect(names.length).toBeGreaterThanOrEqual(200);
  expect(new Set(names).size).toBe(names.length);
});

describe.each(corpus)("$kind:", ({ kind, cases }) => {
  it.each(cases)("$name", async (one) => {
    const { canary } = target;
    canary.arrivals.length = 0;
    const { parts, body } = requestOf(one, words);
    const heard = await sendBytes(stage.port, parts, {
      expected: one.answers ?? 1,
      silent: [one.status].flat().includes(0),
    });
    tried.set(kind, (tried.get(kind) ?? 0) + 1);
    checkAnswer(one, heard);
    if (canary.arrivals.length === 0 && one.arrives === undefined) await sleep(1);
    for (const arrival of canary.arrivals) expect(crimesOf(arrival)).toEqual([]);
    if (one.arrives === undefined || one.arrives === "nothing") expect(canary.arrivals).toEqual([]);
    if (one.arrives === "same") {
      expect(canary.arrivals).toHaveLength(1);
      expect(canary.arrivals[0]?.body.equals(body)).toBe(true);
    }
    if (one.header !== undefined) expect(canary.arrivals[0]?.headers).toContainEqual(one.header);
    expect(other.canary.crimes).toEqual([]);
  });
});

function checkAnswer({ status, second, code, says }: Case, { answers }: Heard): void {
  const [first, next] = answers;
  expect([status].flat()).toContain(first?.status ?? 0);
  if (second !== undefined) expect(next?.status).toBe(second);
  for (const answer of answers) {
    expect(answer.status).not.toBe(500);
    expect(answer.headers.join("\n").toLowerCase()).not.toMatch(/^(set-cookie|server|x-powered-by|location)/m);
  }
  if (says !== undefined) expect(first?.body).toContain(says);
  if (code !== undefined) {
    expect((JSON.parse(first?.body ?? "{}") as { error?: { code: number } }).error?.code).toBe(code);
  }
}

describe("after all of them", () => {
  it("the gateway is up, serves, and took no more memory than it may", async () => {
    expect(await stage.isAlive()).toBe(true);
    target.canary.arrivals.length = 0;
    const calm: Case = { name: "an ordinary call", status: 200 };
    const { answers } = await sendBytes(stage.port, requestOf(calm, words).parts);
    expect(answers[0]?.body).toContain("done");
    expect(target.canary.arrivals).toHaveLength(1);
    expect([...target.canary.crimes, ...other.canary.crimes]).toEqual([]);
    expect(stage.gateway.output()).not.toMatch(/a request failed|uncaught|unhandled/i);
    expect(stage.memory.peakMb()).toBeLessThan(memoryMbMax);
  });
});
