// What a hostile server says to a tools/call: bytes, or bytes over time.
import type net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";

export type HostileAnswer = {
  name: string;
  /** @param id The request's id as JSON text. */
  say(socket: net.Socket, id: string): void | Promise<void>;
  /** What the client must hear all the same. */
  hears?: string;
};

/** Never to be heard: a text that only a misread framing shows, and the definition of the hidden tool. */
export const marks = ["SMUGGLED", '"secret"', "s\\u0065cret", "evil-header", "evil.example"];

const secretList = (id: string) =>
  `{"jsonrpc":"2.0","id":${id},"result":{"tools":[{"name":"echo","inputSchema":{"type":"object"}},{"name":"secret","inputSchema":{"type":"object"}}]}}`;
const good = (id: string) =>
  `{"jsonrpc":"2.0","id":${id},"result":{"resultType":"complete","content":[{"type":"text","text":"fine"}]}}`;
const smuggled = (id: string) => good(id).replace("fine", "SMUGGLED");

const head = (type: string, more = "") => `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\n${more}`;
const json = (body: string | Buffer, more = "") =>
  Buffer.concat([
    Buffer.from(`${head("application/json", more)}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`, "latin1"),
    Buffer.from(body as string),
  ]);
/** A stream that the end of the connection ends. */
const events = (body: string | Buffer, more = "") =>
  Buffer.concat([
    Buffer.from(`${head("text/event-stream", more)}Connection: close\r\n\r\n`, "latin1"),
    Buffer.from(body as string),
  ]);

const say =
  (bytes: (id: string) => string | Buffer): HostileAnswer["say"] =>
  (socket, id) => {
    const said = bytes(id);
    socket.write(said);
    if (/\r\nConnection: close\r\n/.test(said.toString("latin1", 0, 2_000))) socket.end();
  };

const answer = (name: string, bytes: (id: string) => string | Buffer, hears?: string): HostileAnswer => ({
  name,
  say: say(bytes),
  ...(hears === undefined ? {} : { hears }),
});

async function flood(socket: net.Socket, chunk: Buffer, times: number): Promise<void> {
  for (let i = 0; i < times && !socket.destroyed; i += 1) {
    if (socket.write(chunk)) continue;
    while (socket.writableNeedDrain && !socket.destroyed) await sleep(2);
  }
}

const megabyte = Buffer.alloc(1024 * 1024, "x");

const garbage: HostileAnswer[] = [
  answer("half a JSON text", (id) => json(good(id).slice(0, 60))),
  answer("HTML that says it is JSON", () => json("<html>SMUGGLED</html>".replace("SMUGGLED", "hello"))),
  answer("nothing that says it is JSON", () => json("")),
  answer("broken UTF-8", (id) => json(Buffer.concat([Buffer.from(good(id)), Buffer.from([0xff])]))),
  answer("two messages in one body, the second a list", (id) => json(good(id) + secretList(id))),
  answer("a list behind a BOM", (id) => json(`\ufeff${secretList(id)}`)),
  answer("a list in UTF-16", (id) => json(Buffer.from(secretList(id), "utf16le"))),
  answer("a list in an array", (id) => json(`[${good("77")},${secretList(id)}]`)),
  answer("a list for another request", () => json(secretList("77"))),
  answer("a list with `tools` in escapes", (id) => json(secretList(id).replace('"tools"', '"t\\u006fols"'))),
  answer("a list with `result` in escapes", (id) => json(secretList(id).replace('"result"', '"r\\u0065sult"'))),
  answer("a list with `name` in escapes", (id) => json(secretList(id).replaceAll('"name"', '"n\\u0061me"'))),
  answer("a list with the name in escapes", (id) => json(secretList(id).replace("secret", "s\\u0065cret"))),
  answer("a list with two results", (id) => json(secretList(id).replace('"result"', '"result":{"tools":[]},"result"'))),
  answer("a list with two `tools`", (id) => json(secretList(id).replace('"tools"', '"tools":[],"tools"'))),
  answer("a tool with two names", (id) =>
    json(secretList(id).replace('"name":"secret"', '"name":"echo","name":"secret"')),
  ),
  answer("a tool with two names, the hidden one first", (id) =>
    json(secretList(id).replace('"name":"secret"', '"name":"secret","name":"echo"')),
  ),
  answer("a list a million brackets deep", (id) =>
    json(`{"jsonrpc":"2.0","id":${id},"result":{"tools":[],"x":${"[".repeat(1e6)}${"]".repeat(1e6)}}}`),
  ),
  answer("a list under a status of 400", (id) => json(secretList(id)).toString("latin1").replace("200 OK", "400 No")),
  answer("a list under a status of 404", (id) => json(secretList(id)).toString("latin1").replace("200 OK", "404 No")),
];

const strangers: HostileAnswer[] = [
  answer("JSON for an id that was never asked", () => json(smuggled('"never"'))),
  answer(
    "an event for an id that was never asked",
    (id) => events(`data: ${smuggled('"never"')}\n\ndata: ${good(id)}\n\n`),
    "fine",
  ),
  answer("an event that is no message", (id) => events(`data: {{{SMUGGLED\n\ndata: ${good(id)}\n\n`), "fine"),
  answer("two results in one message", (id) =>
    json(good(id).replace(/}$/, ',"result":{"content":[{"type":"text","text":"SMUGGLED"}]}}')),
  ),
];

const types: HostileAnswer[] = [
  answer("a message that says it is HTML", (id) =>
    json(smuggled(id)).toString().replace("application/json", "text/html"),
  ),
  answer("a message without a type", (id) => json(smuggled(id)).toString().replace("application/json", "")),
  answer("a message of two types", (id) => json(smuggled(id), "Content-Type: text/event-stream\r\n")),
  answer("a message of a type that nearly is JSON", (id) =>
    json(smuggled(id)).toString().replace("application/json", "application/json-seq"),
  ),
  answer("a stream that says it is JSON", (id) => json(`data: ${smuggled(id)}\n\n`.replace("SMUGGLED", "hello"))),
  answer("JSON that says it is a stream", (id) => events(secretList(id))),
  answer("gzip that says so", (id) => json(gzipSync(secretList(id)), "Content-Encoding: gzip\r\n")),
  answer("a bomb of gzip", () => json(gzipSync(Buffer.alloc(200e6, "0")), "Content-Encoding: gzip\r\n")),
  answer("a stream of gzip", (id) => events(gzipSync(`data: ${secretList(id)}\n\n`), "Content-Encoding: gzip\r\n")),
  answer("UTF-16 that says so", (id) =>
    Buffer.concat([
      Buffer.from(`${head("application/json; charset=utf-16le")}Content-Length: ${secretList(id).length * 2}\r\n\r\n`),
      Buffer.from(secretList(id), "utf16le"),
    ]),
  ),
];

const streams: HostileAnswer[] = [
  answer("a list framed by lone CRs", (id) => events(`data: ${secretList(id)}\r\rdata: ${good(id)}\r\r`), "fine"),
  answer("a list framed by CRLF", (id) => events(`data: ${secretList(id)}\r\n\r\ndata: ${good(id)}\r\n\r\n`), "fine"),
  answer(
    "a list in two data lines",
    (id) => events(`data: ${secretList(id).replace('"result"', '\ndata: "result"')}\n\ndata: ${good(id)}\n\n`),
    "fine",
  ),
  answer(
    "a list behind a BOM and a comment",
    (id) => events(`\ufeff: hello\n\ndata: ${secretList(id)}\n\ndata: ${good(id)}\n\n`),
    "fine",
  ),
  answer(
    "a message in an event that does not end",
    (id) => events(`data: ${good(id)}\n\ndata: ${smuggled(id)}\n`),
    "fine",
  ),
  answer("a message in a comment", (id) => events(`: data: ${smuggled(id)}\n\ndata: ${good(id)}\n\n`), "fine"),
  answer("a message in an event id", (id) => events(`id: x\rdata: ${good(id)}\r\r`), "fine"),
  answer(
    "a list under another event name",
    (id) => events(`event: tools\ndata: ${secretList(id)}\n\ndata: ${good(id)}\n\n`),
    "fine",
  ),
  answer("an event id with a NUL", (id) => events(`id: a\0b\ndata: ${good(id)}\n\n`), "fine"),
  answer("an event id of a megabyte", (id) => events(`id: ${"a".repeat(1e6)}\ndata: ${good(id)}\n\n`)),
  answer("a retry of nothing and of for ever", (id) =>
    events(`retry: 0\n\nretry: 99999999999999999999\n\nretry: -1\n\ndata: ${good(id)}\n\n`),
  ),
  answer("data that is no JSON", (id) => events(`data: {{{\n\ndata: "tools"\n\ndata: ${good(id)}\n\n`)),
  answer("ten thousand events for nobody", (id) =>
    events(`${'data: {"jsonrpc":"2.0","id":"nobody","result":{}}\n\n'.repeat(10_000)}data: ${good(id)}\n\n`),
  ),
  {
    name: "an event of forty megabytes",
    say: async (socket) => {
      socket.write(events('data: {"SMUGGLED":"').subarray(0));
      await flood(socket, megabyte, 40);
      socket.end('"}\n\n');
    },
  },
  {
    name: "a line that never ends",
    say: async (socket) => {
      socket.write(events(""));
      await flood(socket, megabyte, 40);
      socket.destroy();
    },
  },
  {
    name: "forty megabytes of comments",
    say: async (socket, id) => {
      socket.write(events(""));
      await flood(socket, Buffer.from(":\n".repeat(500_000)), 40);
      socket.end(`data: ${good(id)}\n\n`);
    },
  },
];

const framing: HostileAnswer[] = [
  answer("a redirect", () => "HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\nContent-Length: 0\r\n\r\n"),
  answer(
    "a redirect that keeps the method",
    () => "HTTP/1.1 307 Temporary\r\nLocation: http://evil.example/\r\nContent-Length: 0\r\n\r\n",
  ),
  answer(
    "headers that are none of the client's business",
    (id) =>
      json(
        good(id),
        ["Set-Cookie: a=evil-header", "WWW-Authenticate: Bearer realm=evil-header", "Location: evil-header"]
          .concat(["Access-Control-Allow-Origin: evil-header", "Server: evil-header", "Link: <evil-header>"])
          .concat(["Refresh: 0;url=evil-header", "Clear-Site-Data: evil-header", "Alt-Svc: h3=evil-header"])
          .concat(["Mcp-Session-Id: evil-header", "Content-Security-Policy: evil-header"])
          .map((line) => `${line}\r\n`)
          .join(""),
      ),
    "fine",
  ),
  ...[401, 403, 407, 402, 418, 429, 500, 503, 511, 599].map((status) =>
    answer(
      `status ${status} with a challenge`,
      () =>
        `HTTP/1.1 ${status} No\r\nWWW-Authenticate: Bearer resource_metadata="http://evil.example/"\r\nProxy-Authenticate: Basic realm=evil-header\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
    ),
  ),
  answer("a thousand early hints", (id) =>
    Buffer.concat([
      Buffer.from("HTTP/1.1 103 Early\r\nLink: <evil-header>\r\nSet-Cookie: evil-header\r\n\r\n".repeat(1_000)),
      json(good(id)),
    ]),
  ),
  answer("100 Continue that nobody waited for", (id) =>
    Buffer.concat([Buffer.from("HTTP/1.1 100 Continue\r\n\r\n"), json(good(id))]),
  ),
  answer(
    "101 Switching Protocols",
    () => "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nSMUGGLED",
  ),
  answer(
    "trailers",
    (id) =>
      `${head("application/json")}Transfer-Encoding: chunked\r\nTrailer: Set-Cookie\r\n\r\n${good(id).length.toString(16)}\r\n${good(id)}\r\n0\r\nSet-Cookie: evil-header\r\nMcp-Session-Id: evil-header\r\n\r\n`,
    "fine",
  ),
  answer(
    "a length and chunks",
    (id) =>
      `${head("application/json")}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled(id)}`,
  ),
  answer(
    "two lengths",
    (id) => `${head("application/json")}Content-Length: 2\r\nContent-Length: 200\r\n\r\n{}${smuggled(id)}`,
  ),
  answer("a second answer behind the first", (id) => Buffer.concat([json(good(id)), json(smuggled(id))]), "fine"),
  answer("more than it announced", (id) => Buffer.concat([json(good(id)), Buffer.from(smuggled(id))]), "fine"),
  answer(
    "less than it announced",
    (id) => `${head("application/json")}Connection: close\r\nContent-Length: 9999\r\n\r\n${good(id)}`,
  ),
  answer(
    "chunks that lie",
    () => `${head("application/json")}Transfer-Encoding: chunked\r\n\r\nzz\r\nSMUGGLED\r\n0\r\n\r\n`,
  ),
  answer("a folded header", (id) => json(good(id), "X-A: a\r\n evil-header\r\n")),
  answer("a lone LF in a header", (id) => json(good(id), "X-A: a\nSet-Cookie: evil-header\r\n")),
  answer("a NUL in a header", (id) => json(good(id), "X-A: a\0evil-header\r\n")),
  answer("a header of 100 KB", (id) => json(good(id), `X-A: ${"evil-header".repeat(10_000)}\r\n`)),
  answer("ten thousand headers", (id) => json(good(id), "X-A: evil-header\r\n".repeat(10_000))),
  answer("status 0", () => "HTTP/1.1 000 SMUGGLED\r\nContent-Length: 0\r\n\r\n"),
  answer("status 999", () => "HTTP/1.1 999 SMUGGLED\r\nContent-Length: 8\r\n\r\nSMUGGLED"),
  answer("204 with a body", (id) => json(smuggled(id)).toString().replace("200 OK", "204 No")),
  answer("304", () => "HTTP/1.1 304 Not\r\n\r\n"),
  answer("HTTP/0.9", () => "SMUGGLED\r\n"),
  answer("HTTP/2", () => Buffer.from("00000c04000000000000030000006400040000ffff", "hex")),
  answer(
    "HTTP/1.0 with a body of no length",
    (id) => `HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n${good(id)}`,
    "fine",
  ),
  { name: "a reset before a word", say: (socket) => void socket.resetAndDestroy() },
  {
    name: "a reset in the head",
    say: (socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Ty");
      setTimeout(() => socket.resetAndDestroy(), 20);
    },
  },
  {
    name: "a reset in the body",
    say: (socket, id) => {
      socket.write(json(good(id)).subarray(0, 90));
      setTimeout(() => socket.resetAndDestroy(), 20);
    },
  },
  {
    name: "a reset in a stream",
    say: (socket) => {
      socket.write(events('data: {"SMUGGLED"'));
      setTimeout(() => socket.resetAndDestroy(), 20);
    },
  },
  {
    name: "an answer a few bytes at a time",
    say: async (socket, id) => {
      const bytes = json(good(id));
      for (let i = 0; i < bytes.length; i += 8) {
        socket.write(bytes.subarray(i, i + 8));
        await sleep(5);
      }
    },
    hears: "fine",
  },
  {
    name: "a head a few bytes at a time that never ends",
    say: async (socket) => {
      for (let i = 0; i < 60 && !socket.destroyed; i += 1) {
        socket.write("X-A: a\r\n".replace("X-A", i === 0 ? "HTTP/1.1 200 OK\r\nX-A" : "X-A"));
        await sleep(10);
      }
      socket.destroy();
    },
  },
  {
    name: "a hundred megabytes of JSON",
    say: async (socket, id) => {
      socket.write(`${head("application/json")}Connection: close\r\n\r\n{"jsonrpc":"2.0","id":${id},"result":{"x":"`);
      await flood(socket, megabyte, 100);
      socket.end('"}}');
    },
  },
  {
    name: "forty megabytes of a list",
    say: async (socket, id) => {
      socket.write(
        `${head("application/json")}Connection: close\r\n\r\n{"jsonrpc":"2.0","id":${id},"result":{"tools":["`,
      );
      await flood(socket, megabyte, 40);
      socket.end('"]}}');
    },
  },
];

export const hostileAnswers = [...garbage, ...strangers, ...types, ...streams, ...framing];
