// Two organisations on one gateway, one of them hostile. It has a token of its own and, so that nothing rests on luck, was told
// the other's server ids, session ids, event ids and task ids, and most of a token.
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import http from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { mintCredential } from "../../prisma/credentials.ts";
import { table } from "../conformance/results.ts";
import { type Guarded, memoryMbMax, openStage, type Stage } from "./stage.ts";

const triesWanted = 10_000;
const lanes = 8;

let stage: Stage;
let victim: Guarded;
let attacker: Guarded;
let theirs: { session: string; tag: string };
let ours: { session: string; tag: string };

type Asked = { method: string; path: string; headers: Record<string, string>; body: string };
type Answer = { status: number; headers: string; body: string; ms: number };

const agent = new http.Agent({ keepAlive: true, maxSockets: lanes });

function send({ method, path, headers, body }: Asked): Promise<Answer> {
  const from = performance.now();
  return new Promise((resolve, reject) => {
    const request = http.request(
      { agent, host: "127.0.0.1", port: stage.port, method, path, headers: { ...headers, host: "localhost" } },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        response.on("error", reject).on("end", () => {
          const raw = response.rawHeaders;
          const lines = raw.flatMap((name, i) => (i % 2 === 0 && name !== "Date" ? [`${name}: ${raw[i + 1]}`] : []));
          const ms = performance.now() - from;
          resolve({ status: response.statusCode ?? 0, headers: lines.join("\n"), body: text, ms });
        });
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

const common = { "content-type": "application/json", accept: "application/json, text/event-stream" };
const bearer = (token: string) => ({ ...common, authorization: `Bearer ${token}` });
const rpc = (method: string, params: object = {}, id = 1) => JSON.stringify({ jsonrpc: "2.0", id, method, params });
let tasksAsked = 0;
const echo = rpc("tools/call", { name: "echo", arguments: { text: "let me in" } });
const initialize = rpc("initialize", {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "neighbour", version: "1" },
});

async function openSession({ grant }: Guarded): Promise<{ session: string; tag: string }> {
  const opened = await send({ method: "POST", path: grant.path, headers: bearer(grant.token), body: initialize });
  const session = /^mcp-session-id: (.*)$/im.exec(opened.headers)?.[1] ?? "";
  const headers = { ...bearer(grant.token), "mcp-session-id": session };
  const stream = await send({ method: "GET", path: grant.path, headers, body: "" });
  return { session, tag: /^id: (.*)\.e1$/m.exec(stream.body)?.[1] ?? "" };
}

beforeAll(async () => {
  stage = await openStage();
  victim = await stage.guard();
  attacker = await stage.guard(undefined, await stage.neighbour());
  [theirs, ours] = [await openSession(victim), await openSession(attacker)];
});

afterAll(async () => {
  agent.destroy();
  await stage?.close();
});

/** A try with something of the victim's, and the same with something that never was. Both must be answered alike. */
type Try = { foreign: Asked; unknown: Asked };
type Kind = { name: string; make(): Try };

/** A text with one character other than it was. */
function almost(text: string): string {
  const at = randomInt(text.length);
  const other = text[at] === "A" ? "B" : "A";
  return text.slice(0, at) + other + text.slice(at + 1);
}

const post = (path: string, headers: Record<string, string>, body: string): Asked => ({
  method: "POST",
  path,
  headers,
  body,
});
const methods = ["tools/list", "tools/call", "tasks/get", "resources/read", "ping", "initialize"];
const anyBody = () => {
  const method = methods[randomInt(methods.length)] ?? "ping";
  return method === "initialize"
    ? initialize
    : rpc(method, { name: "echo", arguments: {}, taskId: "task-1", uri: "file:///a" });
};

const kinds: Kind[] = [
  {
    name: "the other's server id with a token of one's own",
    make: () => {
      const [body, headers] = [anyBody(), bearer(attacker.grant.token)];
      return { foreign: post(victim.grant.path, headers, body), unknown: post(`/mcp/${randomUUID()}`, headers, body) };
    },
  },
  {
    name: "the other's server id without a token",
    make: () => {
      const body = anyBody();
      return { foreign: post(victim.grant.path, common, body), unknown: post(`/mcp/${randomUUID()}`, common, body) };
    },
  },
  {
    name: "a token like the other's",
    make: () => {
      const { token } = victim.grant;
      const near = [almost(token), token.slice(0, randomInt(1, token.length)), `${token}x`][randomInt(3)] ?? token;
      const made = mintCredential("plg_").token;
      return {
        foreign: post(victim.grant.path, bearer(near), echo),
        unknown: post(victim.grant.path, bearer(made), echo),
      };
    },
  },
  {
    name: "a token of one's own behind the other's session",
    make: () => {
      const headers = { ...bearer(attacker.grant.token), "mcp-session-id": theirs.session };
      const made = { ...headers, "mcp-session-id": randomBytes(200).toString("base64url") };
      const body = anyBody();
      return { foreign: post(victim.grant.path, headers, body), unknown: post(`/mcp/${randomUUID()}`, made, body) };
    },
  },
  {
    name: "the other's session id on a server of one's own",
    make: () => {
      const session = [theirs.session, almost(theirs.session)][randomInt(2)] ?? theirs.session;
      const method = ["POST", "GET", "DELETE"][randomInt(3)] ?? "POST";
      const body = method === "POST" ? echo : "";
      const path = attacker.grant.path;
      const headers = bearer(attacker.grant.token);
      const made = randomBytes(200).toString("base64url");
      return {
        foreign: { method, path, body, headers: { ...headers, "mcp-session-id": session } },
        unknown: { method, path, body, headers: { ...headers, "mcp-session-id": made } },
      };
    },
  },
  {
    name: "the other's session with its version, era and event id",
    make: () => {
      const headers = { ...bearer(attacker.grant.token), "mcp-protocol-version": "2025-11-25" };
      const path = attacker.grant.path;
      const event = { "last-event-id": `${theirs.tag}.e1` };
      return {
        foreign: { method: "GET", path, body: "", headers: { ...headers, ...event, "mcp-session-id": theirs.session } },
        unknown: {
          method: "GET",
          path,
          body: "",
          headers: { ...headers, ...event, "mcp-session-id": randomBytes(200).toString("base64url") },
        },
      };
    },
  },
  {
    name: "the other's event id in a session of one's own",
    make: () => {
      const headers = { ...bearer(attacker.grant.token), "mcp-session-id": ours.session };
      const tag = [theirs.tag, almost(theirs.tag)][randomInt(2)] ?? theirs.tag;
      const path = attacker.grant.path;
      const made = randomBytes(12).toString("base64url");
      return {
        foreign: { method: "GET", path, body: "", headers: { ...headers, "last-event-id": `${tag}.e${randomInt(9)}` } },
        unknown: {
          method: "GET",
          path,
          body: "",
          headers: { ...headers, "last-event-id": `${made}.e${randomInt(9)}` },
        },
      };
    },
  },
  {
    name: "the other's task id on a server of one's own",
    make: () => {
      const headers = { ...bearer(attacker.grant.token), "mcp-session-id": ours.session };
      const method = ["tasks/get", "tasks/result", "tasks/cancel"][randomInt(3)] ?? "tasks/get";
      // Several lanes share the session, and in one session an id can be under way only once.
      tasksAsked += 1;
      const id = 1_000 + tasksAsked;
      const of = (taskId: string) => post(attacker.grant.path, headers, rpc(method, { taskId }, id));
      return { foreign: of("victims-task-1"), unknown: of("nobodys-task-1") };
    },
  },
];

it(`of ${triesWanted} tries none succeeds, and none is answered other than what never was`, async () => {
  const calm = victim.canary.count;
  const seen = new Map<string, { tries: number; foreign: number[]; unknown: number[]; statuses: Set<number> }>();
  const different: string[] = [];
  let tries = 0;
  let successes = 0;

  async function lane(): Promise<void> {
    while (tries < triesWanted) {
      const kind = kinds[tries % kinds.length];
      if (kind === undefined) return;
      tries += 1;
      const { foreign, unknown } = kind.make();
      // In either order, so that a connection that was just warmed up favours neither.
      const first = randomInt(2) === 0;
      const one = first ? await send(foreign) : null;
      const other = await send(unknown);
      const answer = one ?? (await send(foreign));
      const row = seen.get(kind.name) ?? { tries: 0, foreign: [], unknown: [], statuses: new Set() };
      seen.set(kind.name, row);
      row.tries += 1;
      row.foreign.push(answer.ms);
      row.unknown.push(other.ms);
      row.statuses.add(answer.status);
      const isSame = answer.status === other.status && answer.headers === other.headers && answer.body === other.body;
      if (!isSame && different.length < 5) different.push(JSON.stringify({ kind: kind.name, foreign, answer, other }));
      if (answer.status < 300 && !kind.name.includes("task id")) successes += 1;
    }
  }

  const from = Date.now();
  await Promise.all(Array.from({ length: lanes }, lane));
  const reached = victim.canary.count - calm;
  const rows = [...seen].map(([name, row]) => [
    name,
    row.tries,
    [...row.statuses].join(" "),
    median(row.foreign),
    median(row.unknown),
  ]);
  console.log(
    `\n${table(["what the hostile neighbour tried", "tries", "status", "foreign, median ms", "unknown, median ms"], rows)}\n\n` +
      `${tries} tries in ${((Date.now() - from) / 1_000).toFixed(1)} s, successes ${successes}, ` +
      `requests that reached the other's server ${reached}, told apart ${different.length}, peak RSS ${stage.memory.peakMb()} MB\n`,
  );
  expect(successes).toBe(0);
  expect(reached).toBe(0);
  expect(different).toEqual([]);
  expect(victim.canary.crimes).toEqual([]);
  expect(attacker.canary.crimes).toEqual([]);
  expect(await stage.isAlive()).toBe(true);
  expect(stage.memory.peakMb()).toBeLessThan(memoryMbMax);
  // The victim has noticed nothing: its session still works.
  const headers = { ...bearer(victim.grant.token), "mcp-session-id": theirs.session };
  expect((await send(post(victim.grant.path, headers, echo))).body).toContain("done");
}, 240_000);

function median(times: number[]): string {
  return (times.sort((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0).toFixed(2);
}
