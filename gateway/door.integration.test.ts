// The door and the relay over real HTTP, in one process, with an upstream that says whatever a test wants it to say.
import http from "node:http";
import type { AddressInfo } from "node:net";
import net from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parsePolicy } from "../policy/parse.ts";
import { mintCredential } from "../prisma/credentials.ts";
import { readSecretKeys } from "../prisma/secrets.ts";
import { openDialogues } from "./dialogue.ts";
import { bodyBytesMax, createDoor, createGatewayServer } from "./http.ts";
import type { House } from "./message.ts";
import { startMetrics } from "./metrics.ts";
import { openRenewals } from "./renewal.ts";
import { Roster } from "./roster.ts";
import { noApprovals, noSight, serving } from "./serving.test-support.ts";
import { openSessions } from "./session.ts";
import { emptySnapshot } from "./snapshot.ts";
import { openTasks } from "./tasks.ts";
import type { ExchangeHandler, ExchangeRequest } from "./upstream/upstream.ts";

const { token, hash } = mintCredential("plg_");
const keys = readSecretKeys(Buffer.alloc(32, 1).toString("base64url"));
const snapshot = emptySnapshot(1n);
const policy = parsePolicy('{"version":"1","default":"allow","hide":["hidden"]}');
if (!policy.ok) throw new Error("the policy of this test is wrong");
const server = { id: "s", organisationId: "o", transport: "http" as const, url: "http://upstream", era: null };
const served = serving({ seen: "Read", hidden: "Read" });
snapshot.organisations.set("o", { frozen: false });
const recordsNothing = { logsArgumentValues: true, mentions: null };
snapshot.servers.set("s", {
  id: "s",
  organisationId: "o",
  frozen: false,
  ...served,
  upstream: server,
  ...recordsNothing,
});
const mentioned = { through: 1, paths: [] };
const inForce = { id: "p", serverId: "s", version: 1, mode: "enforce" as const, shadow: null, mentioned };
snapshot.policies.set("p", { ...inForce, policy: policy.policy });
const grant = {
  id: "g",
  organisationId: "o",
  serverId: "s",
  policyId: "p",
  label: "ci",
  tokenHash: hash,
  frozen: false,
  expiresAt: null,
};
snapshot.grants.set("g", grant);
snapshot.grantsByHash.set(hash, grant);

let isFresh = true;
let isWritable = true;
let sent: ExchangeRequest[] = [];
let upstream: (request: ExchangeRequest, handler: ExchangeHandler) => void;
/** Answers with these bytes in these chunks. */
const says =
  (status: number, headers: Record<string, string>, ...chunks: (string | Buffer)[]) =>
  (_: ExchangeRequest, handler: ExchangeHandler) => {
    handler.onHeaders(status, headers);
    for (const chunk of chunks) handler.onData(Buffer.from(chunk as string));
    handler.onEnd();
  };
const json = { "content-type": "application/json" };
const sse = { "content-type": "text/event-stream" };

const house: House = {
  policies: { snapshot, isFresh: () => isFresh, close: async () => {} },
  sessions: openSessions(keys, Date.now),
  counters: { reserve: () => ({ ok: true }), giveBack() {}, available: true },
  journal: {
    append: async () => isWritable,
    conclude: async () => isWritable,
    writable: true,
    lastAt: 0,
    close: async () => {},
  },
  upstreams: {
    exchange(request, handler) {
      sent.push(request);
      setImmediate(() => upstream(request, handler));
      return { cancel() {}, pause() {}, resume() {} };
    },
    retain() {},
    close: async () => {},
  },
  metrics: startMetrics(),
  sight: noSight,
  clock: { now: Date.now },
  streams: new Roster(),
  underWay: new Roster(),
  dialogues: openDialogues(),
  tasks: openTasks({ file: null, now: Date.now, log: { debug() {}, info() {}, warn() {}, error() {} } }),
  renewals: openRenewals(),
  approvals: noApprovals,
  keys,
  peers: { self: "http://127.0.0.1:1", passOn: async () => "gone", passOnToAny: async () => "unknown" },
};
const errors: string[] = [];
const log = { debug() {}, info() {}, warn() {}, error: (fields: object) => errors.push(JSON.stringify(fields)) };
const door = createDoor(house, { allowedHosts: new Set(["127.0.0.1", "localhost"]) }, log);
const gateway = createGatewayServer(house, door);
let port: number;

beforeAll(async () => {
  await new Promise<void>((ready) => gateway.listen(0, "127.0.0.1", ready));
  port = (gateway.address() as AddressInfo).port;
});
afterAll(() => {
  gateway.closeAllConnections();
  gateway.close();
});
beforeEach(() => {
  isFresh = true;
  isWritable = true;
  sent = [];
  upstream = says(200, json, '{"jsonrpc":"2.0","id":1,"result":{}}');
});

type Answer = { status: number; headers: http.IncomingHttpHeaders; text: string };
type Asked = { method?: string; path?: string; headers?: Record<string, string | string[]>; body?: string | Buffer };

function ask({ method = "POST", path = "/mcp/s", headers = {}, body = "" }: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const common = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const request = http.request(
      { port, host: "127.0.0.1", method, path, headers: { ...common, ...headers } },
      (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
        response.on("error", reject);
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

const message = (method: string, params: object = {}, id: unknown = 1) =>
  JSON.stringify({ jsonrpc: "2.0", id, method, params });
const ping = message("ping");
const call = message("tools/call", { name: "seen", arguments: { a: 1 } });

describe("the door", () => {
  it("is open on one path only; every discovery document is a real 404", async () => {
    for (const path of [
      "/",
      "/mcp",
      "/mcp/",
      "/mcp/s/",
      "/mcp/s/x",
      "/sse",
      "/.well-known/oauth-protected-resource",
      "/.well-known/oauth-protected-resource/mcp/s",
      "/.well-known/oauth-authorization-server",
      "/.well-known/oauth-authorization-server/mcp/s",
      "/.well-known/openid-configuration",
      "/mcp/s/.well-known/openid-configuration",
      "/register",
    ]) {
      for (const method of ["GET", "POST"]) expect((await ask({ path, method })).status).toBe(404);
    }
    expect((await ask({ path: "/mcp/s?x=1", body: ping })).status).toBe(200);
    for (const method of ["PUT", "PATCH", "OPTIONS"]) expect((await ask({ method })).status).toBe(405);
  });

  it("is shut to other hosts and to pages of other origins", async () => {
    const hosts = [
      "evil.example.com",
      "evil.example.com:80",
      "127.0.0.1.nip.io",
      "localhost@evil.com",
      "localhost:1:2",
    ];
    for (const host of hosts) expect((await ask({ headers: { host }, body: ping })).status).toBe(403);
    expect(await raw("POST /mcp/s HTTP/1.1\r\nHost: \r\n")).toMatch(/^HTTP\/1.1 403/);
    for (const origin of ["http://evil.example.com", "null", "file://", "http://localhost.evil.com"]) {
      expect((await ask({ headers: { origin }, body: ping })).status).toBe(403);
    }
    expect((await ask({ headers: { origin: `http://localhost:${port}` }, body: ping })).status).toBe(200);
    expect(sent).toHaveLength(1);
  });

  it("takes JSON in UTF-8 as it stands and nothing else", async () => {
    for (const type of [
      "text/plain",
      "application/json; charset=utf-16le",
      "application/json; charset=utf-7",
      "application/json;x=1",
      "",
    ]) {
      expect((await ask({ headers: { "content-type": type }, body: ping })).status).toBe(415);
    }
    for (const encoding of ["gzip", "br", "deflate", "identity, gzip"]) {
      expect((await ask({ headers: { "content-encoding": encoding }, body: ping })).status).toBe(415);
    }
    expect(sent).toHaveLength(0);
    for (const type of ["application/json; charset=utf-8", "Application/JSON", 'application/json ;charset="UTF-8"']) {
      expect((await ask({ headers: { "content-type": type }, body: ping })).status).toBe(200);
    }
    expect(sent.map(({ headers }) => headers["content-type"])).toEqual(Array(3).fill("application/json"));
  });

  it("takes no header twice that decides something", async () => {
    for (const name of [
      "Mcp-Session-Id",
      "MCP-Protocol-Version",
      "Mcp-Method",
      "Mcp-Name",
      "Mcp-Param-X",
      "Origin",
      "Last-Event-ID",
    ]) {
      const value = name === "Origin" ? `http://localhost:${port}` : "2025-11-25";
      expect((await ask({ headers: { [name]: [value, value] }, body: ping })).status).toBe(400);
    }
    const twice = await raw(
      `POST /mcp/s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nAuthorization: Bearer x\r\n`,
    );
    expect(twice).toMatch(/^HTTP\/1.1 400/);
  });

  it("finds a header that is there twice beside one that no object keeps", async () => {
    const one = "Mcp-Session-Id: x\r\n";
    const head = `POST /mcp/s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n`;
    expect(await raw(`${head}${one}__proto__: x\r\n${one}`)).toMatch(/^HTTP\/1.1 400/);
  });

  it("forwards nothing of a request that breaks off, and goes on for others", async () => {
    for (let n = 0; n < 20; n++) {
      const socket = net.connect(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write(
        `POST /mcp/s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"jsonrpc"`,
      );
      await new Promise((done) => setTimeout(done, 5));
      if (n % 2 === 0) socket.destroy();
      else socket.resetAndDestroy();
    }
    expect((await ask({ body: ping })).status).toBe(200);
    expect(sent).toHaveLength(1);
  });

  it("takes at most so many bytes, however they are announced", async () => {
    const padding = (bytes: number) => `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"${"x".repeat(bytes)}"}}`;
    expect((await ask({ body: padding(bodyBytesMax - 200) })).status).toBe(200);
    expect((await ask({ body: padding(bodyBytesMax) })).status).toBe(413);
    const chunked = await raw(
      `POST /mcp/s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n` +
        `${(bodyBytesMax + 10).toString(16)}\r\n${"x".repeat(bodyBytesMax + 10)}\r\n`,
    );
    expect(chunked).toMatch(/^HTTP\/1.1 413/);
    expect(sent).toHaveLength(1);
  });

  it("refuses what is ambiguous before anything leaves, with the id when it could be read", async () => {
    const cases: [string, number, string][] = [
      ['{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"hidden","name":"seen"}}', -32700, "9"],
      [`[${call}]`, -32600, "null"],
      [`\ufeff${call}`, -32700, "null"],
      ['{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"seen","Arguments":{}}}', -32600, "9"],
      ["", -32700, "null"],
    ];
    for (const [body, code, id] of cases) {
      const answer = await ask({ body });
      expect(answer.status).toBe(400);
      expect(answer.text).toContain(`"id":${id},`);
      expect(JSON.parse(answer.text).error.code).toBe(code);
    }
    expect(sent).toHaveLength(0);
  });

  it("answers a stale snapshot with 503 and the code, whatever is asked", async () => {
    isFresh = false;
    for (const body of [call, ping, message("tools/list"), message("initialize")]) {
      const answer = await ask({ body });
      expect(answer.status).toBe(503);
      expect(JSON.parse(answer.text)).toMatchObject({
        id: 1,
        error: { code: -32603, data: { code: "policy_unavailable" } },
      });
    }
    expect((await ask({ method: "GET" })).status).toBe(503);
    expect((await ask({ headers: { authorization: "Bearer x" }, body: call })).status).toBe(503);
    expect(sent).toHaveLength(0);
  });

  it("makes no call that it cannot record", async () => {
    isWritable = false;
    expect((await ask({ body: call })).text).toContain('"code":"record_unavailable"');
    expect(sent).toHaveLength(0);
  });

  it("makes no call whose record took so long that its decision no longer holds", async () => {
    const { append, conclude } = house.journal;
    const organisation = { frozen: false };
    const meanwhile: [what: () => void, code: string][] = [
      [() => (isFresh = false), "policy_unavailable"],
      [() => (organisation.frozen = true), "frozen"],
      [() => snapshot.grants.delete("g"), "policy_unavailable"],
    ];
    snapshot.organisations.set("o", organisation);
    for (const [happens, code] of meanwhile) {
      const outcomes: unknown[] = [];
      house.journal.append = async () => {
        happens();
        return true;
      };
      house.journal.conclude = async (record) => {
        outcomes.push(record.outcome);
        return true;
      };
      const answer = await ask({ body: call });
      isFresh = true;
      organisation.frozen = false;
      snapshot.grants.set("g", grant);
      expect(answer.text).toContain(`"code":"${code}"`);
      expect(answer.text).toContain("The call was not made.");
      expect(outcomes).toEqual(["not_sent"]);
    }
    Object.assign(house.journal, { append, conclude });
    expect(sent).toHaveLength(0);
  });

  it("lets no answer to a server's question through while frozen: it may be what an earlier call waits for", async () => {
    snapshot.organisations.set("o", { frozen: true });
    const consent = await ask({ body: '{"jsonrpc":"2.0","id":7,"result":{"action":"accept"}}' });
    expect(sent).toHaveLength(0);
    await ask({ body: '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}' });
    snapshot.organisations.set("o", { frozen: false });
    expect(consent.status).toBe(403);
    expect(consent.text).toContain('"code":"frozen"');
    expect(sent).toHaveLength(1);
  });

  it("does not forward when something in it is a bug, and says nothing of it", async () => {
    upstream = () => {};
    const { reserve } = house.counters;
    const { exchange } = house.upstreams;
    house.upstreams.exchange = () => {
      throw new Error("a secret of ours");
    };
    const answer = await ask({ body: ping });
    house.upstreams.exchange = exchange;
    house.counters.reserve = reserve;
    expect(answer.status).toBe(500);
    expect(answer.text).toBe('{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"Internal error"}}');
    expect(errors.pop()).toContain("a secret of ours");
  });

  it("does not take an expired token because the machine slept and its clock with it", async () => {
    const { now } = house.clock;
    house.clock.now = () => Date.now() - 8 * 60 * 60 * 1_000;
    snapshot.grantsByHash.set(hash, { ...grant, expiresAt: Date.now() - 1_000 });
    const answer = await ask({ body: call });
    house.clock.now = now;
    snapshot.grantsByHash.set(hash, grant);
    expect(answer.status).toBe(401);
    expect(sent).toHaveLength(0);
  });

  it("decides a slow body by what holds when it is complete", async () => {
    const socket = net.connect(port, "127.0.0.1");
    socket.write(
      `POST /mcp/s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${call.length}\r\n\r\n${call.slice(0, 20)}`,
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    snapshot.grants.delete("g");
    snapshot.grantsByHash.delete(hash);
    const heard = read(socket);
    socket.write(call.slice(20));
    expect(await heard).toMatch(/^HTTP\/1.1 401/);
    snapshot.grants.set("g", grant);
    snapshot.grantsByHash.set(hash, grant);
    expect(sent).toHaveLength(0);
  });
});

describe("what goes to the server", () => {
  it("is the very bytes of the message, and headers of a closed list", async () => {
    const body = `{"jsonrpc":"2.0","id":1.0e0,"method":"ping"}`.replace("1.0e0", '"x"').replace(",", " ,\n");
    await ask({
      body,
      headers: {
        accept: "application/json, text/event-stream",
        cookie: "a=b",
        origin: `http://localhost:${port}`,
        "x-forwarded-for": "1.2.3.4",
        "mcp-method": "tools/call",
        "mcp-name": "seen",
        "mcp-param-x": "1",
        traceparent: "00-1",
        "mcp-protocol-version": "2025-11-25",
        "accept-encoding": "gzip",
        "x-other": "1",
      },
    });
    expect(sent[0]?.body?.toString()).toBe(body);
    expect(sent[0]?.headers).toEqual({
      accept: "application/json, text/event-stream",
      traceparent: "00-1",
      "content-type": "application/json",
      "mcp-protocol-version": "2025-11-25",
    });
  });

  it("includes the mirrored headers in the modern era, where they were held to the body", async () => {
    const _meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };
    const body = message("tools/call", { name: "seen", arguments: { region: "eu" }, _meta });
    const headers = {
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": "seen",
      "mcp-param-region": "eu",
    };
    expect((await ask({ body, headers: { ...headers, "mcp-session-id": "ignored" } })).status).toBe(200);
    expect(sent[0]?.headers).toEqual({ "content-type": "application/json", ...headers });
    expect((await ask({ body, headers: { ...headers, "mcp-name": "hidden" } })).status).toBe(400);
    const seen = snapshot.servers.get("s")?.tools.get("seen");
    if (seen === undefined) throw new Error("no tool");
    const shape = { mirrored: [{ header: "mcp-param-region", path: ["region"] }], declared: null };
    Object.assign(seen, { shape });
    const other = await ask({ body, headers: { ...headers, "mcp-param-region": "us" } });
    expect(other).toMatchObject({ status: 400 });
    expect(JSON.parse(other.text)).toMatchObject({ id: 1, error: { code: -32020 } });
    const encoded = `=?base64?${Buffer.from("eu").toString("base64")}?=`;
    expect((await ask({ body, headers: { ...headers, "mcp-param-region": encoded } })).status).toBe(200);
    expect(sent.pop()?.headers["mcp-param-region"]).toBe(encoded);
    Object.assign(seen, { shape: undefined });
    expect((await ask({ method: "GET", headers: { "mcp-protocol-version": "2026-07-28" } })).status).toBe(405);
    expect(sent).toHaveLength(1);
  });
});

describe("what comes back", () => {
  const list = (names: string[], rest = "") =>
    `{"jsonrpc":"2.0","id":1,"result":{"tools":[${names.map((name) => `{"name":"${name}"}`).join()}]${rest}}}`;

  it("loses the tools that are hidden or unknown: in JSON, in arrays, in events, whatever was asked", async () => {
    const listed = list(["hidden", "seen", "unknown"]);
    upstream = says(200, json, listed.slice(0, 30), listed.slice(30));
    const inJson = await ask({ body: message("tools/list") });
    expect(inJson.text).toBe(list(["seen"]));
    expect(inJson.headers["content-length"]).toBe(String(list(["seen"]).length));
    upstream = says(200, json, ` [${listed}]`);
    expect((await ask({ body: ping })).text).toBe(` [${list(["seen"])}]`);
    const notice = '{"method":"notifications/tools/list_changed"}';
    upstream = says(200, sse, `data: ${listed}\r\rdata: ${notice}\r\r`);
    const events = `data: ${list(["seen"])}\n\ndata: ${notice}\n\n`;
    expect((await ask({ body: message("tools/list") })).text).toBe(events);
    expect((await ask({ body: ping })).text).toBe(events);
    // Nobody waits for an answer there.
    expect((await ask({ method: "GET" })).text).toBe(`data: ${notice}\n\n`);
  });

  it("loses them in the answer to anything else too, or is cut, however it arrives", async () => {
    const listed = list(["hidden", "seen"]);
    for (const body of [ping, call]) {
      upstream = says(200, json, listed);
      expect((await ask({ body })).text).toBe(list(["seen"]));
      upstream = says(400, json, listed);
      expect((await ask({ body })).text).toBe(list(["seen"]));
      for (const start of ["\n", "\ufeff", "", " \n "]) {
        upstream = says(200, json, start, `[${listed}]`);
        expect((await ask({ body })).text).not.toContain("hidden");
      }
      for (let at = 1; at < listed.length; at += 1) {
        upstream = says(200, json, listed.slice(0, at), listed.slice(at));
        const heard = await ask({ body }).then(({ text }) => text, String);
        expect(heard).not.toContain("hidden");
      }
      upstream = says(200, json, listed.slice(0, 20), listed.slice(20).replace('"tools"', '"t\\u006fols"'));
      expect(await ask({ body }).then(({ text }) => text, String)).not.toContain("hidden");
    }
  });

  it("keeps what is only called `tools` elsewhere in an answer", async () => {
    const answer = '{"jsonrpc":"2.0","id":1,"result":{"content":[],"structuredContent":{"tools":[{"name":"hidden"}]}}}';
    for (let at = 1; at < answer.length; at += 1) {
      upstream = says(200, json, answer.slice(0, at), answer.slice(at));
      expect((await ask({ body: call })).text).toBe(answer);
    }
  });

  it("is not passed on when it cannot be filtered with certainty", async () => {
    upstream = says(200, json, list(["seen"], ',"tools":[{"name":"hidden"}]'));
    expect(JSON.parse((await ask({ body: message("tools/list") })).text).error.code).toBe(-32603);
    upstream = says(200, sse, `data: ${list(["hidden"], ",NaN")}\n\ndata: ${list([])}\n\n`);
    expect((await ask({ body: message("tools/list") })).text).toBe(`data: ${list([])}\n\n`);
  });

  it("is cut when a list or an event is too large to be held", async () => {
    const chunk = Buffer.alloc(1024 * 1024, 0x20);
    upstream = says(200, json, ...Array(17).fill(chunk));
    expect((await ask({ body: message("tools/list") })).text).toContain('"code":"upstream_too_large"');
    upstream = says(200, sse, `data: ${list([])}\n\n`, ...Array(17).fill(chunk), "\n\n");
    expect((await ask({ body: ping })).text).toBe(`data: ${list([])}\n\n`);
  });

  it("arrives while it is being made", async () => {
    let handler: ExchangeHandler | undefined;
    upstream = (_, hears) => {
      handler = hears;
      hears.onHeaders(200, json);
      hears.onData(Buffer.from('{"first":1'));
    };
    const socket = net.connect(port, "127.0.0.1");
    const first = new Promise<string>((resolve) => {
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk;
        if (text.includes("first")) resolve(text);
      });
    });
    socket.write(
      `POST /mcp/s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${ping.length}\r\n\r\n${ping}`,
    );
    expect(await first).toContain('{"first":1');
    handler?.onData(Buffer.from("}"));
    handler?.onEnd();
    socket.end();
  });

  it("never carries an upstream's cookies, challenges or redirects", async () => {
    upstream = says(
      200,
      {
        ...json,
        "set-cookie": "a",
        "www-authenticate": "b",
        location: "c",
        server: "d",
        "access-control-allow-origin": "*",
        "mcp-session-id": "theirs",
      },
      '{"jsonrpc":"2.0","id":1,"result":{}}',
    );
    const { headers } = await ask({ body: ping });
    expect(Object.keys(headers).sort()).toEqual(
      [
        "cache-control",
        "connection",
        "content-type",
        "date",
        "keep-alive",
        "transfer-encoding",
        "x-content-type-options",
      ].sort(),
    );
    for (const status of [401, 403, 407]) {
      upstream = says(status, { "www-authenticate": 'Bearer resource_metadata="http://evil"' }, "login here");
      const refused = await ask({ body: call });
      expect(refused.status).toBe(200);
      expect(JSON.parse(refused.text).result).toMatchObject({
        isError: true,
        _meta: { "policylayer/decision": { code: "upstream_unauthorized" } },
      });
      expect((await ask({ body: ping })).text).toContain('"code":-32603');
    }
    for (const status of [301, 307, 500, 503]) {
      upstream = says(status, { location: "http://evil" }, "internals");
      expect((await ask({ body: call })).text).toContain('"code":"upstream_failed"');
    }
    upstream = says(200, { "content-type": "text/html" }, "<script>");
    expect((await ask({ body: call })).text).toContain('"code":"upstream_failed"');
  });

  it("keeps a refusal of the server byte for byte: clients read its era from it", async () => {
    for (const status of [400, 404, 405]) {
      upstream = says(status, json, '{"jsonrpc":"2.0","id":null, "error":{"code":-32000,"message":"x"}}');
      const answer = await ask({ body: message("initialize") });
      expect(answer.status).toBe(status);
      expect(answer.text).toBe('{"jsonrpc":"2.0","id":null, "error":{"code":-32000,"message":"x"}}');
    }
    upstream = says(404, { "content-type": "text/html" }, "<pre>Cannot POST</pre>");
    expect((await ask({ body: ping })).headers["content-type"]).toBe("text/plain; charset=utf-8");
    upstream = says(202, {});
    expect((await ask({ body: '{"jsonrpc":"2.0","method":"notifications/initialized"}' })).status).toBe(202);
  });
});

describe("what a server asks by itself", () => {
  const accepted = '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{}}}';
  const question = (id: number | string, method: string) => JSON.stringify({ jsonrpc: "2.0", id, method, params: {} });
  const answerTo = (id: number | string) => JSON.stringify({ jsonrpc: "2.0", id, result: {} });
  const openSession = async () => {
    upstream = says(200, { ...json, "mcp-session-id": "theirs" }, accepted);
    const { headers } = await ask({ body: message("initialize", { protocolVersion: "2025-11-25" }) });
    sent = [];
    return { "mcp-session-id": String(headers["mcp-session-id"]) };
  };

  it("reaches the client, and only an answer to it reaches the server, once", async () => {
    const headers = await openSession();
    upstream = says(200, sse, `data: ${question("q", "sampling/createMessage")}\n\n`);
    expect((await ask({ body: ping, headers })).text).toContain("sampling/createMessage");
    upstream = says(202, {});
    const other = await openSession();
    upstream = says(202, {});
    for (const [given, id, status] of [
      [headers, "other", 400],
      [other, "q", 400],
      [headers, "q", 202],
      [headers, "q", 400],
    ] as const) {
      expect((await ask({ body: answerTo(id), headers: given })).status).toBe(status);
    }
    expect(sent.map(({ body }) => String(body))).toEqual([answerTo("q")]);
  });

  it("is answered by the gateway when its method is unknown, or refused by the owner", async () => {
    const headers = await openSession();
    const inForce = snapshot.servers.get("s");
    if (inForce === undefined) throw new Error("no server");
    snapshot.servers.set("s", { ...inForce, refused: new Set(["sampling"]) });
    try {
      const events = [question(7, "sampling/createMessage"), question(8, "tools/call"), question(9, "roots/list")];
      upstream = says(200, sse, ...events.map((event) => `data: ${event}\n\n`));
      const { text } = await ask({ body: ping, headers });
      expect(text).toBe(`data: ${question(9, "roots/list")}\n\n`);
      await expect.poll(() => sent.length).toBe(3);
      expect(sent.slice(1).map(({ body }) => JSON.parse(String(body)))).toMatchObject([
        { id: 7, error: { code: -32601 } },
        { id: 8, error: { code: -32601 } },
      ]);
      expect(sent[1]?.headers["mcp-session-id"]).toBe("theirs");
      // Neither hidden in JSON nor behind the answer.
      upstream = says(200, json, `{"jsonrpc":"2.0","id":1,"result":{}}\n${question(9, "sampling/createMessage")}`);
      expect(await ask({ body: ping, headers }).then(({ text }) => text, String)).not.toContain("sampling");
      upstream = says(200, json, `[${question(9, "sampling/createMessage")},{"jsonrpc":"2.0","id":1,"result":{}}]`);
      expect((await ask({ body: ping, headers })).text).toBe('[{"jsonrpc":"2.0","id":1,"result":{}}]');
    } finally {
      snapshot.servers.set("s", inForce);
    }
  });

  it("is not passed on inside a result when the owner refuses it, or nobody knows it", async () => {
    const asks = (method: string) =>
      `{"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","inputRequests":{"a":{"method":"${method}"}}}}`;
    for (const type of [json, sse]) {
      const put = (text: string) => says(200, type, type === sse ? `data: ${text}\n\n` : text);
      upstream = put(asks("elicitation/create"));
      expect((await ask({ body: call })).text).toContain("elicitation/create");
      upstream = put(asks("tools/call"));
      const { text } = await ask({ body: call });
      expect(text).not.toContain("tools/call");
      expect(text).toContain('"id":1');
    }
  });

  it("does not reach the client as an answer that nobody waits for", async () => {
    const headers = await openSession();
    upstream = says(200, sse, `data: ${answerTo(5)}\n\ndata: ${answerTo(1)}\n\n`);
    expect((await ask({ body: ping, headers })).text).toBe(`data: ${answerTo(1)}\n\n`);
    upstream = says(200, json, answerTo(5));
    expect(await ask({ body: ping, headers }).then(({ text }) => text, String)).not.toContain(answerTo(5));
    upstream = says(200, json, answerTo(5));
    const notified = await ask({ body: '{"jsonrpc":"2.0","method":"notifications/initialized"}', headers });
    expect(notified).toMatchObject({ status: 200, text: "" });
  });

  it("is not waited for under an id that is in use", async () => {
    const headers = await openSession();
    let finish = () => {};
    upstream = (_, handler) => {
      finish = () => says(200, json, answerTo(1))(_, handler);
    };
    const first = ask({ body: ping, headers });
    await expect.poll(() => sent.length).toBe(1);
    expect((await ask({ body: ping, headers })).status).toBe(400);
    finish();
    expect((await first).text).toBe(answerTo(1));
    upstream = says(200, json, answerTo(1));
    expect((await ask({ body: ping, headers })).status).toBe(200);
  });

  it("a session that the server forgot is begun again, and what is safe is asked again", async () => {
    const headers = await openSession();
    let known = "anew";
    upstream = (request, handler) => {
      if (request.body?.includes('"initialize"')) {
        return says(
          200,
          { ...json, "mcp-session-id": known },
          accepted.replace('"id":1', '"id":"policylayer-initialize-again"'),
        )(request, handler);
      }
      if (request.headers["mcp-session-id"] === known) return says(200, json, answerTo(1))(request, handler);
      return says(
        404,
        json,
        '{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Session not found"}}',
      )(request, handler);
    };
    expect((await ask({ body: ping, headers })).text).toBe(answerTo(1));
    known = "and again";
    // What a tool did in the old session it may undo in the new one: only reading is safe.
    expect((await ask({ body: call, headers })).text).toBe(answerTo(1));
    const seen = snapshot.servers.get("s")?.tools.get("seen");
    if (seen === undefined) throw new Error("no tool");
    Object.assign(seen, { category: "Write" });
    known = "once more";
    try {
      const refused = JSON.parse((await ask({ body: call, headers })).text);
      expect(refused.result).toMatchObject({
        isError: true,
        _meta: { "policylayer/decision": { code: "upstream_session_lost" } },
      });
      expect((await ask({ body: call, headers })).text).toBe(answerTo(1));
      // Unless it is gone because its client ended it.
      const anew = upstream;
      upstream = says(200, {});
      await ask({ method: "DELETE", headers });
      upstream = anew;
      known = "never";
      expect((await ask({ body: ping, headers })).status).toBe(404);
    } finally {
      Object.assign(seen, { category: "Read" });
    }
  });
});

describe("a task", () => {
  const about = (method: string, taskId: string) => message(method, { taskId });
  const created = (taskId: string) =>
    `{"jsonrpc":"2.0","id":1,"result":{"task":{"taskId":"${taskId}","status":"working"}}}`;
  /** The server's own answer to an id that nobody has is all that is heard. */
  const isAskedForNobodys = async (method: string, taskId: string) => {
    sent = [];
    upstream = (request, handler) => {
      const { params } = JSON.parse(String(request.body));
      says(
        200,
        json,
        `{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"No ${params.taskId}"}}`,
      )(request, handler);
    };
    const { text } = await ask({ body: about(method, taskId) });
    expect(JSON.parse(text).error.message).toBe("No no-such-task");
    expect(sent.map(({ body }) => JSON.parse(String(body)))).toMatchObject([
      { method, params: { taskId: "no-such-task" } },
    ]);
  };

  it.each([
    ["JSON", json, ""],
    ["events", sse, "data: "],
  ])("belongs to the grant whose call it came from, told in %s", async (kind, type, before) => {
    const taskId = `t-${kind}`;
    await isAskedForNobodys("tasks/get", taskId);
    upstream = says(200, type, `${before}${created(taskId)}\n\n`);
    await ask({ body: call });
    upstream = says(200, json, '{"jsonrpc":"2.0","id":1,"result":{}}');
    for (const method of ["tasks/get", "tasks/result", "tasks/cancel"]) {
      expect((await ask({ body: about(method, taskId) })).text).toContain("result");
    }
    const other = { ...grant, id: "g2" };
    snapshot.grants.set("g2", other);
    snapshot.grantsByHash.set(hash, other);
    try {
      await isAskedForNobodys("tasks/get", taskId);
      await isAskedForNobodys("tasks/get", "made-up");
      // Also when its own server answers its call with the other's task.
      upstream = says(200, json, created(taskId));
      await ask({ body: call });
      await isAskedForNobodys("tasks/result", taskId);
      const task = (id: string) => `{"taskId":"${id}"}`;
      upstream = says(200, json, `{"jsonrpc":"2.0","id":1,"result":{"tasks":[${task(taskId)}, ${task("x")}]}}`);
      expect((await ask({ body: message("tasks/list") })).text).toBe('{"jsonrpc":"2.0","id":1,"result":{"tasks":[]}}');
      const notice = (id: string) => `data: {"method":"notifications/tasks/status","params":{"taskId":"${id}"}}\n\n`;
      upstream = says(200, sse, notice(taskId));
      expect((await ask({ method: "GET" })).text).toBe("");
      snapshot.grantsByHash.set(hash, grant);
      expect((await ask({ method: "GET" })).text).toBe(notice(taskId));
    } finally {
      snapshot.grants.delete("g2");
      snapshot.grantsByHash.set(hash, grant);
    }
  });

  it("answers no more when its tool is not allowed any more", async () => {
    upstream = says(200, json, created("t-late"));
    await ask({ body: call });
    const inForce = snapshot.policies.get("p");
    const none = parsePolicy('{"version":"1","default":"deny"}');
    if (!none.ok || inForce === undefined) throw new Error("no policy");
    snapshot.policies.set("p", { ...inForce, policy: none.policy });
    await isAskedForNobodys("tasks/result", "t-late");
    snapshot.policies.set("p", inForce);
    upstream = says(200, json, '{"jsonrpc":"2.0","id":1,"result":{}}');
    expect((await ask({ body: about("tasks/result", "t-late") })).text).toContain("result");
  });
});

describe("a session over event streams", () => {
  const initialize = message("initialize", { protocolVersion: "2025-11-25", clientInfo: { name: "tester" } });
  const accepted = '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{}}}';

  it("gets its id with the result, and event ids that only it can resume with", async () => {
    upstream = says(200, { ...sse, "mcp-session-id": "theirs" }, "id: e1\ndata:\n\n", `id: e2\ndata: ${accepted}\n\n`);
    const opened = await ask({ body: initialize });
    const id = String(opened.headers["mcp-session-id"]);
    expect(id).not.toContain("theirs");
    const [first, second] = [...opened.text.matchAll(/^id: (.+)$/gm)].map(([, eventId]) => String(eventId));
    expect(opened.text).toBe(`id: ${first}\ndata:\n\nid: ${second}\ndata: ${accepted}\n\n`);

    const late = '{"jsonrpc":"2.0","id":1,"result":{"late":true}}';
    upstream = says(200, sse, `id: e3\ndata: ${late}\n\n`);
    const headers = { "mcp-session-id": id, "last-event-id": String(second) };
    // The answer to the request that its event belongs to; that gateway or another.
    expect((await ask({ method: "GET", headers })).text).toMatch(/^id: \S+\.e3\ndata: .*late/);
    expect(sent.at(-1)?.headers).toEqual({ "mcp-session-id": "theirs", "last-event-id": "e2" });
    const forwarded = sent.length;
    for (const forged of ["e2", `${first}x`, String(second).replace(/e2$/, "e9")]) {
      expect((await ask({ method: "GET", headers: { ...headers, "last-event-id": forged } })).status).toBe(400);
    }
    upstream = says(200, { ...json, "mcp-session-id": "theirs too" }, accepted);
    const another = await ask({ body: initialize });
    const stolen = { "mcp-session-id": String(another.headers["mcp-session-id"]), "last-event-id": String(second) };
    sent.pop();
    expect((await ask({ method: "GET", headers: stolen })).status).toBe(400);
    const sessionless = await ask({ method: "GET", headers: { "last-event-id": "e2" } });
    expect(sessionless.status).toBe(400);
    expect(sent).toHaveLength(forwarded);
    await ask({ method: "DELETE", headers: { "mcp-session-id": id } });
    expect(sent.at(-1)).toMatchObject({ method: "DELETE", headers: { "mcp-session-id": "theirs" } });
  });

  it("ends when its token expires or is gone, also when that was before the stream began", async () => {
    const opens = () => {
      upstream = (_, handler) => {
        handler.onHeaders(200, sse);
        handler.onData(Buffer.from("data: {}\n\n"));
      };
      return ask({ method: "GET" }).then(({ text }) => text, String);
    };
    snapshot.grantsByHash.set(hash, { ...grant, expiresAt: Date.now() + 300 });
    await opens();
    snapshot.grantsByHash.set(hash, grant);
    const heard = opens();
    await new Promise((resolve) => setTimeout(resolve, 100));
    snapshot.grantsByHash.delete(hash);
    await heard;
    snapshot.grantsByHash.set(hash, grant);
    await expect.poll(() => house.streams.size).toBe(0);
  }, 10_000);

  it("and JSON that is not complete yet, end with their token", async () => {
    upstream = (_, handler) => {
      handler.onHeaders(200, json);
      handler.onData(Buffer.from('{"jsonrpc":"2.0",'));
    };
    const heard = ask({ body: ping }).then(({ text }) => text, String);
    await expect.poll(() => house.streams.size).toBe(1);
    snapshot.grantsByHash.delete(hash);
    expect(await heard).toContain("aborted");
    snapshot.grantsByHash.set(hash, grant);
    await expect.poll(() => house.streams.size).toBe(0);
  }, 10_000);

  it("has an id of ours also when the server keeps none, and none when it refuses", async () => {
    upstream = says(200, json, accepted);
    const id = String((await ask({ body: initialize })).headers["mcp-session-id"]);
    expect((await ask({ body: ping, headers: { "mcp-session-id": id } })).status).toBe(200);
    expect(sent.at(-1)?.headers).toEqual({ "content-type": "application/json" });
    upstream = says(200, json, '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}}');
    expect((await ask({ body: initialize })).headers["mcp-session-id"]).toBeUndefined();
    upstream = says(200, sse, 'data: {"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}}\n\n');
    const refused = await ask({ body: initialize });
    expect(refused.text).toContain('"message":"no"');
    expect(refused.headers["mcp-session-id"]).toBeUndefined();
  });
});

/** Sends these bytes and reads until the gateway closes or goes quiet. */
async function raw(head: string): Promise<string> {
  const socket = net.connect(port, "127.0.0.1");
  const heard = read(socket);
  socket.write(head.includes("\r\n\r\n") ? head : `${head}Connection: close\r\nContent-Length: 0\r\n\r\n`);
  return heard;
}

function read(socket: net.Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
      setTimeout(() => {
        socket.destroy();
        resolve(text);
      }, 100);
    });
    socket.on("close", () => resolve(text));
    socket.on("error", () => resolve(text));
  });
}
