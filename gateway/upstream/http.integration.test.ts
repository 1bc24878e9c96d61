import { type LookupAddress, lookup } from "node:dns";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type HttpUpstreams, openHttpUpstreams } from "./http.ts";
import { httpLimits } from "./http-line.ts";
import type { Exchange, ExchangeRequest, UpstreamServer, UpstreamTrouble } from "./upstream.ts";

// Itself, unless a test says otherwise.
vi.mock("node:dns", { spy: true });
type Resolved = (error: null, addresses: LookupAddress[]) => void;

type Heard = {
  status?: number;
  headers?: Record<string, string>;
  body: string;
  ended: boolean;
  trouble?: UpstreamTrouble;
};

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  return listen(createServer(answer));
}

const json = { "content-type": "application/json" };

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((done) => setTimeout(done, 10));
}

async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<string> {
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  closing.push(() => new Promise((done) => server.close(done)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp?a=1`;
}

function open(limits = {}, allowPrivateUpstreams = true): HttpUpstreams {
  const upstreams = openHttpUpstreams({ allowPrivateUpstreams }, { ...httpLimits, ...limits });
  closing.unshift(() => upstreams.close());
  return upstreams;
}

const serverAt = (url: string, headers?: Record<string, string>): UpstreamServer => ({
  id: "server-1",
  organisationId: "organisation-1",
  transport: "http",
  url,
  ...(headers && { headers }),
  era: null,
});

function ask(
  upstreams: HttpUpstreams,
  request: Partial<ExchangeRequest> & { server: UpstreamServer },
  onData?: (exchange: Exchange, chunk: Buffer) => void,
): Promise<Heard> {
  return new Promise((settle) => {
    const heard: Heard = { body: "", ended: false };
    const exchange: Exchange = upstreams.exchange(
      {
        grantId: "grant-1",
        method: "POST",
        headers: { "content-type": "application/json" },
        body: Buffer.from("{}"),
        ...request,
      },
      {
        onHeaders: (status, headers) => Object.assign(heard, { status, headers }),
        onData(chunk) {
          heard.body += chunk;
          onData?.(exchange, chunk);
        },
        onEnd: () => settle({ ...heard, ended: true }),
        onTrouble: (trouble) => settle({ ...heard, trouble }),
      },
    );
  });
}

describe("an exchange with an HTTP server", () => {
  it("forwards the bytes, the protocol's headers and the owner's", async () => {
    const url = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => {
        response.setHeader("x-two", ["a", "b"]);
        response.end(JSON.stringify({ url: request.url, headers: request.headers, body: `${Buffer.concat(chunks)}` }));
      });
    });
    const server = serverAt(url, { Authorization: "Bearer owner", Host: "evil", "Accept-Encoding": "gzip" });
    const heard = await ask(open(), {
      server,
      headers: { "content-type": "application/json", "mcp-method": "tools/call" },
      body: Buffer.from('{"n":9007199254740993}'),
    });
    const seen = JSON.parse(heard.body);
    expect(heard.status).toBe(200);
    expect(heard.headers?.["x-two"]).toBe("a, b");
    expect(seen.url).toBe("/mcp?a=1");
    expect(seen.body).toBe('{"n":9007199254740993}');
    expect(seen.headers).toMatchObject({
      authorization: "Bearer owner",
      "mcp-method": "tools/call",
      "accept-encoding": "identity",
      host: new URL(url).host,
    });
  });

  it("sends no header twice: what the request says stands in place of the owner's", async () => {
    const url = await serve((request, response) => response.end(JSON.stringify(request.rawHeaders)));
    const server = serverAt(url, {
      "X-Both": "owner",
      "x-both": "owner again",
      "X-Own": "owner",
      Constructor: "owner",
    });
    const headers = { "x-both": "request", "accept-encoding": "gzip" };
    const sent: string[] = JSON.parse((await ask(open(), { server, headers })).body);
    const pairs = sent.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${sent[i + 1]}`] : []));
    expect(pairs.filter((pair) => /^(?:x-|accept|constructor)/i.test(pair)).sort()).toEqual([
      "accept-encoding: identity",
      "constructor: owner",
      "x-both: request",
      "x-own: owner",
    ]);
  });

  it("passes an error status and its body through", async () => {
    const url = await serve((_request, response) => response.writeHead(400).end("no"));
    expect(await ask(open(), { server: serverAt(url) })).toMatchObject({ status: 400, body: "no", ended: true });
  });

  it("says that nothing was sent when nothing listens", async () => {
    const url = await serve(() => {});
    await closing.pop()?.();
    const heard = await ask(open(), { server: serverAt(url) });
    expect(heard.trouble).toMatchObject({ code: "upstream_unreachable", sent: false });
  });

  it("says that nothing was sent when the name is not known", async () => {
    const heard = await ask(open(), { server: serverAt("http://no-such-host.invalid/mcp") });
    expect(heard.trouble).toMatchObject({ code: "upstream_unreachable", sent: false });
  });

  it("dials no private address in hosted mode, also not behind a name", async () => {
    let reached = false;
    const url = await serve((_request, response) => {
      reached = true;
      response.end();
    });
    const hosted = open({}, false);
    for (const host of ["127.0.0.1", "localhost"]) {
      const heard = await ask(hosted, { server: serverAt(url.replace("127.0.0.1", host)) });
      expect(heard.trouble).toMatchObject({ code: "upstream_address_refused", sent: false });
    }
    expect(reached).toBe(false);
  });

  it("asks for the address anew at each connect, dials what it was told, and refuses a name that meanwhile points inside", async () => {
    const url = await serve((_request, response) => response.setHeader("connection", "close").end("here"));
    const named = serverAt(url.replace("127.0.0.1", "rebinds.invalid"));
    const asked: string[] = [];
    vi.mocked(lookup).mockImplementation(((host: string, _options: unknown, done: Resolved) => {
      asked.push(host);
      done(null, [{ address: "127.0.0.1", family: 4 }]);
    }) as unknown as typeof lookup);
    try {
      const upstreams = open();
      for (let i = 0; i < 2; i++) expect((await ask(upstreams, { server: named })).body).toBe("here");
      expect(asked).toEqual(["rebinds.invalid", "rebinds.invalid"]);
      const refused = await ask(open({}, false), { server: named });
      expect(refused.trouble).toMatchObject({ code: "upstream_address_refused", sent: false });
      expect(asked).toHaveLength(3);
    } finally {
      vi.mocked(lookup).mockReset();
    }
  });

  it("says that the outcome is unknown when the connection breaks after the request", async () => {
    const url = await serve((request) => request.socket.destroy());
    const heard = await ask(open(), { server: serverAt(url) });
    expect(heard.trouble).toMatchObject({ code: "upstream_failed", sent: true });
  });

  it("times out when no answer begins, but lets a stream be quiet", async () => {
    const silent = await serve(() => {});
    const upstreams = open({ answerTimeoutMs: 300 });
    expect((await ask(upstreams, { server: serverAt(silent) })).trouble).toMatchObject({
      code: "upstream_timed_out",
      sent: true,
    });
    const slow = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      setTimeout(() => response.end("data: late\n\n"), 2_500);
    });
    expect(await ask(upstreams, { server: serverAt(slow) })).toMatchObject({ body: "data: late\n\n", ended: true });
  });

  it("refuses a redirect and does not follow it", async () => {
    let reached = 0;
    const url = await serve((_request, response) => {
      reached++;
      response.writeHead(307, { location: "http://169.254.169.254/" }).end("go there");
    });
    const heard = await ask(open(), { server: serverAt(url) });
    expect(heard.trouble).toMatchObject({ code: "upstream_failed", sent: true });
    expect(heard.status).toBeUndefined();
    expect(reached).toBe(1);
  });

  it("caps the head and the body, but not an event stream", async () => {
    const upstreams = open({ bodyBytesMax: 1000, headerBytesMax: 4096 });
    const longBody = await serve((_request, response) => response.end("x".repeat(2000)));
    expect((await ask(upstreams, { server: serverAt(longBody) })).trouble?.code).toBe("upstream_too_large");
    const longHead = await serve((_request, response) => response.writeHead(200, { "x-long": "x".repeat(6000) }).end());
    expect((await ask(upstreams, { server: serverAt(longHead) })).trouble?.code).toBe("upstream_too_large");
    const stream = await serve((_request, response) =>
      response.writeHead(200, { "content-type": "text/event-stream" }).end("x".repeat(2000)),
    );
    expect((await ask(upstreams, { server: serverAt(stream) })).body).toHaveLength(2000);
  });

  it("never quotes the owner's headers or what the server said in its trouble", async () => {
    const canary = "canary-4711";
    const garbage = await listen(createTcpServer((socket) => socket.resume().end(`${canary} is not HTTP\r\n\r\n`)));
    const unsendable = await ask(open(), { server: serverAt(garbage, { authorization: `${canary}\n` }) });
    expect(unsendable.trouble?.sent).toBe(false);
    const notHttp = await ask(open(), { server: serverAt(garbage) });
    expect(notHttp.trouble).toMatchObject({ code: "upstream_failed", sent: true });
    expect(JSON.stringify([unsendable, notHttp])).not.toContain(canary);
  });

  it("tells the server when it is cancelled, and is silent afterwards", async () => {
    let closed: () => void = () => {};
    const wasClosed = new Promise<void>((done) => {
      closed = done;
    });
    const url = await serve((_request, response) => {
      response.on("close", closed);
      response.write("first");
    });
    let after = 0;
    const exchange = open().exchange(
      { server: serverAt(url), grantId: "g", method: "GET", headers: {} },
      { onHeaders() {}, onData: () => exchange.cancel(), onEnd: () => after++, onTrouble: () => after++ },
    );
    await wasClosed;
    await new Promise((done) => setTimeout(done, 50));
    expect(after).toBe(0);
  });

  it("stops reading while it is paused", async () => {
    let written = 0;
    const url = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const more = () => {
        while (written < 64_000_000) {
          written += 64_000;
          if (!response.write("x".repeat(64_000))) return response.once("drain", more);
        }
        response.end();
      };
      more();
    });
    let first = true;
    const heard = await ask(open(), { server: serverAt(url) }, (exchange) => {
      if (!first) return;
      first = false;
      exchange.pause();
      setTimeout(() => {
        expect(written).toBeLessThan(32_000_000);
        exchange.resume();
      }, 300);
    });
    expect(heard.body.length).toBe(64_000_000);
  });

  it("uses the new URL and headers as soon as the server is changed", async () => {
    const url = await serve((request, response) => response.end(request.headers["x-key"]));
    const upstreams = open();
    expect((await ask(upstreams, { server: serverAt(url, { "x-key": "old" }) })).body).toBe("old");
    const changed = serverAt(url, { "x-key": "new" });
    upstreams.retain(new Map([[changed.id, changed]]));
    expect((await ask(upstreams, { server: changed })).body).toBe("new");
  });

  it("lets calls under way finish when the server is changed, and cuts them when it is gone", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("first");
      setTimeout(() => response.end("last"), 300);
    });
    for (const isGone of [false, true]) {
      const upstreams = open();
      const changed = serverAt(url, { "x-key": "new" });
      const heard = await ask(upstreams, { server: serverAt(url) }, (_exchange, chunk) => {
        if (`${chunk}` === "first") upstreams.retain(new Map(isGone ? [] : [[changed.id, changed]]));
      });
      if (isGone) expect(heard.trouble).toMatchObject({ code: "upstream_failed", sent: true });
      else expect(heard.body).toBe("firstlast");
    }
  });
});

describe("a server in trouble", () => {
  const quick = { gate: { ...httpLimits.gate, atOnceMax: 2, waitingMax: 2, waitMsMax: 300 }, answerTimeoutMs: 60_000 };

  it("gets no more calls at once than it may; the others wait, and are told when there is no room or no time", async () => {
    const held: ServerResponse[] = [];
    const url = await serve((_request, response) => void held.push(response));
    const upstreams = open(quick);
    const calls = Array.from({ length: 5 }, () => ask(upstreams, { server: serverAt(url) }));
    expect((await calls[4])?.trouble).toMatchObject({ code: "upstream_busy", sent: false, retryAfterS: 5 });
    await until(() => held.length === 2);
    held[0]?.end("first");
    await until(() => held.length === 3);
    expect((await calls[3])?.trouble).toMatchObject({ code: "upstream_busy", sent: false });
    for (const response of held) response.end("late");
    expect((await Promise.all(calls.slice(0, 3))).map(({ body }) => body)).toEqual(["first", "late", "late"]);
    expect(held).toHaveLength(3);
  });

  it("gets no call that had to wait when what allowed it no longer holds", async () => {
    const held: ServerResponse[] = [];
    const url = await serve((_request, response) => void held.push(response));
    const upstreams = open(quick);
    let isFrozen = false;
    const obstacle = () => (isFrozen ? ("frozen" as const) : null);
    const calls = Array.from({ length: 3 }, () => ask(upstreams, { server: serverAt(url), obstacle }));
    await until(() => held.length === 2);
    isFrozen = true;
    held[0]?.end();
    expect((await calls[2])?.trouble).toMatchObject({ code: "frozen", sent: false });
    expect(held).toHaveLength(2);
  });

  it("does not keep others waiting behind clients that only listen", async () => {
    const url = await serve((request, response) => {
      if (request.method === "POST" && request.headers["mcp-method"] === undefined) response.end("done");
      else response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
    });
    const upstreams = open(quick);
    const server = serverAt(url);
    for (let i = 0; i < 3; i++) void ask(upstreams, { server, method: "GET" });
    for (let i = 0; i < 3; i++) void ask(upstreams, { server, headers: { "mcp-method": "subscriptions/listen" } });
    expect((await ask(upstreams, { server })).body).toBe("done");
  });

  it("is left alone after it failed five times in a row, is tried with one call, and then serves all", async () => {
    let arrived = 0;
    let isWell = false;
    const url = await serve((request, response) => {
      arrived += 1;
      if (isWell) response.end("well");
      else request.socket.destroy();
    });
    const upstreams = open({ breaker: { ...httpLimits.breaker, firstMs: 400 } });
    const server = serverAt(url);
    for (let i = 0; i < 5; i++) expect((await ask(upstreams, { server })).trouble?.code).toBe("upstream_failed");
    const refused = await Promise.all(Array.from({ length: 20 }, () => ask(upstreams, { server })));
    for (const { trouble } of refused) {
      expect(trouble).toMatchObject({ code: "upstream_resting", sent: false, retryAfterS: 1 });
    }
    expect(arrived).toBe(5);
    isWell = true;
    await new Promise((done) => setTimeout(done, 450));
    const tried = await Promise.all(Array.from({ length: 10 }, () => ask(upstreams, { server })));
    expect(tried.filter(({ body }) => body === "well")).toHaveLength(1);
    expect(
      (await Promise.all(Array.from({ length: 10 }, () => ask(upstreams, { server })))).map((h) => h.body),
    ).toEqual(Array.from({ length: 10 }, () => "well"));
  });

  it("is not blamed for what a client sent or what it answered", async () => {
    const url = await serve((_request, response) => response.writeHead(500).end("no"));
    const upstreams = open();
    const server = serverAt(url);
    for (let i = 0; i < 8; i++) {
      expect((await ask(upstreams, { server })).status).toBe(500);
      const unsendable = await ask(upstreams, { server, headers: { "mcp-name": "a\n" } });
      expect(unsendable.trouble?.code).toBe("upstream_unreachable");
    }
  });

  it("is not waited for when it stops in the middle of its answer, but a reader may take its time", async () => {
    const url = await serve((_request, response) => void response.writeHead(200, json).write("{"));
    const upstreams = open({ quietMs: 300 });
    const stopped = await ask(upstreams, { server: serverAt(url) });
    expect(stopped.trouble).toMatchObject({ code: "upstream_timed_out", sent: true });
    const whole = await serve((_request, response) => {
      response.writeHead(200, json).write("{");
      setTimeout(() => response.end("}"), 100);
    });
    const heard = await ask(upstreams, { server: serverAt(whole) }, (exchange, chunk) => {
      if (`${chunk}` !== "{") return;
      exchange.pause();
      setTimeout(() => exchange.resume(), 1_500);
    });
    expect(heard).toMatchObject({ body: "{}", ended: true });
  });

  it("harms no other: hanging, resetting, not there, never accepting, each with hundreds of calls", async () => {
    const silent = await serve(() => {});
    const resetting = await listen(createTcpServer((socket) => socket.resetAndDestroy()));
    const gone = await serve(() => {});
    await closing.pop()?.();
    const well = await serve((_request, response) => response.end("well"));
    const upstreams = open();
    const dead = [silent, resetting, gone, "http://192.0.2.1:9/mcp"];
    const others = dead.map((url, i) => ({ ...serverAt(url), id: `dead-${i}` }));
    for (let i = 0; i < 300; i++) for (const server of others) void ask(upstreams, { server });
    const from = performance.now();
    for (let i = 0; i < 100; i++) {
      for (const server of others) void ask(upstreams, { server });
      expect((await ask(upstreams, { server: serverAt(well) })).body).toBe("well");
    }
    expect(performance.now() - from).toBeLessThan(5_000);
  });
});
