/**
 * A small MCP server over Streamable HTTP that speaks both eras on one URL: sessions up to 2025-11-25, and stateless
 * 2026-07-28 with its required `_meta` and mirrored headers. Written from the specification, on node:http alone.
 *
 *   node --import tsx e2e/servers/echo-http.ts [--port=N] [--sse] [--record=FILE]
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { openRecord } from "./record.ts";

const { values: options } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    sse: { type: "boolean", default: false },
    record: { type: "string" },
  },
});
const record = openRecord(options.record ?? process.env.ECHO_HTTP_RECORD);

const legacyVersions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
const modernVersion = "2026-07-28";
const supportedVersions = [modernVersion, ...legacyVersions.toReversed()];
const serverInfo = { name: "echo-http", version: "1.0.0" };
const key = (name: string) => `io.modelcontextprotocol/${name}`;

type Message = { id?: string | number | null; method?: unknown; params?: Record<string, unknown> };
type Answer = { result: Record<string, unknown> } | { error: { code: number; message: string; data?: object } };
type Given = Record<string, unknown>;

let arrivedCalls = 0;
/** The open GET stream of each legacy session, null while it has none. */
const sessions = new Map<string, ServerResponse | null>();

const words = (text: string): Answer => ({ result: { content: [{ type: "text", text }] } });

const tools: Record<string, { description: string; properties: Given; run(given: Given): Answer | Promise<Answer> }> = {
  echo: {
    description: "Say the text back",
    // `region` is mirrored in a header by clients of 2026-07-28.
    properties: { text: { type: "string" }, region: { type: "string", "x-mcp-header": "Region" } },
    run: (given) => words(typeof given.text === "string" ? given.text : JSON.stringify(given)),
  },
  fail: {
    description: "Run and report an error",
    properties: { message: { type: "string" } },
    run: (given) => ({ result: { content: [{ type: "text", text: String(given.message) }], isError: true } }),
  },
  slow: {
    description: "Answer after some milliseconds",
    properties: { ms: { type: "integer" } },
    run: async (given) => {
      await wait(Number(given.ms));
      return words(`waited ${given.ms} ms`);
    },
  },
  big: {
    description: "Answer with that many bytes of text",
    properties: { bytes: { type: "integer" } },
    run: (given) => words("x".repeat(Number(given.bytes))),
  },
};

function listTools(): Answer {
  const entries = Object.entries(tools).map(([name, { description, properties }]) => ({
    name,
    description,
    inputSchema: { type: "object", properties },
  }));
  return { result: { tools: entries } };
}

async function callTool(params: Given): Promise<Answer> {
  arrivedCalls += 1;
  record({ at: Date.now(), name: params.name, arguments: params.arguments ?? {} });
  const name = String(params.name);
  const tool = Object.hasOwn(tools, name) ? tools[name] : undefined;
  if (tool === undefined) return { error: { code: -32602, message: `Unknown tool: ${name}` } };
  return await tool.run(Object(params.arguments));
}

/** The methods that both eras share; null for any other. */
async function answer(method: unknown, params: Given): Promise<Answer | null> {
  if (method === "tools/list") return listTools();
  if (method === "tools/call") return await callTool(params);
  return null;
}

function sendJson(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

function refuse(response: ServerResponse, status: number, id: Message["id"], code: number, message: string): void {
  sendJson(response, status, { jsonrpc: "2.0", id: id ?? null, error: { code, message } });
}

const sseHeaders = { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform" };

/** Answers as JSON or, with `--sse`, as a stream that opens with the empty event 2025-11-25 asks for. */
function send(response: ServerResponse, id: Message["id"], body: Answer, headers: Record<string, string> = {}): void {
  const message = { jsonrpc: "2.0", id, ...body };
  if (!options.sse) return void sendJson(response, 200, message, headers);
  response.writeHead(200, { ...sseHeaders, ...headers });
  if (headers["mcp-session-id"] !== undefined) response.write(`id: ${randomUUID()}\ndata:\n\n`);
  response.end(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
}

/** Header values outside ASCII come as `=?base64?…?=`. */
function decoded(header: string | string[] | undefined): string | undefined {
  const value = String(header ?? "");
  const wrapped = /^=\?base64\?(.*)\?=$/.exec(value);
  if (wrapped?.[1] !== undefined) return Buffer.from(wrapped[1], "base64").toString("utf8");
  return header === undefined ? undefined : value;
}

/** The name of the first header that does not say what the body says. */
function mismatch(headers: IncomingMessage["headers"], method: unknown, params: Given): string | null {
  if (headers["mcp-method"] !== method) return "Mcp-Method";
  if (method !== "tools/call") return null;
  if (decoded(headers["mcp-name"]) !== params.name) return "Mcp-Name";
  const region = Object(params.arguments).region;
  if (params.name === "echo" && decoded(headers["mcp-param-region"]) !== region) return "Mcp-Param-Region";
  return null;
}

async function receiveModern(request: IncomingMessage, response: ServerResponse, message: Message): Promise<void> {
  const { id, method } = message;
  const params: Given = Object(message.params);
  const meta: Given = Object(params._meta);
  const version = meta[key("protocolVersion")];
  if (id === undefined) return void response.writeHead(202).end();
  if (typeof version !== "string" || typeof meta[key("clientCapabilities")] !== "object") {
    return refuse(response, 400, id, -32602, "Invalid params: required _meta fields missing");
  }
  if (request.headers["mcp-protocol-version"] !== version) {
    return refuse(response, 400, id, -32020, "Header mismatch: MCP-Protocol-Version");
  }
  if (version !== modernVersion) {
    const data = { supported: supportedVersions, requested: version };
    const error = { code: -32022, message: "Unsupported protocol version", data };
    return sendJson(response, 400, { jsonrpc: "2.0", id, error });
  }
  const wrong = mismatch(request.headers, method, params);
  if (wrong !== null) return refuse(response, 400, id, -32020, `Header mismatch: ${wrong}`);

  const discovered = { result: { supportedVersions, capabilities: { tools: {} } } };
  const body = method === "server/discover" ? discovered : await answer(method, params);
  if (body === null) return refuse(response, 404, id, -32601, `Method not found: ${method}`);
  if ("error" in body) return send(response, id, body);
  const cacheable = method === "tools/call" ? {} : { ttlMs: 0, cacheScope: "public" };
  const about = { resultType: "complete", ...cacheable, _meta: { [key("serverInfo")]: serverInfo } };
  send(response, id, { result: { ...body.result, ...about } });
}

function initialize(response: ServerResponse, message: Message): void {
  const asked = String(message.params?.protocolVersion);
  const protocolVersion = legacyVersions.includes(asked) ? asked : "2025-11-25";
  const session = randomUUID();
  sessions.set(session, null);
  const result = { protocolVersion, capabilities: { tools: { listChanged: true } }, serverInfo };
  send(response, message.id, { result }, { "mcp-session-id": session });
}

async function receiveLegacy(request: IncomingMessage, response: ServerResponse, message: Message): Promise<void> {
  const session = request.headers["mcp-session-id"];
  if (message.method === "initialize" && session === undefined) return initialize(response, message);
  if (typeof session !== "string") return refuse(response, 400, null, -32000, "Mcp-Session-Id required");
  if (!sessions.has(session)) return refuse(response, 404, null, -32001, "Session not found");
  if (message.id === undefined || message.method === undefined) return void response.writeHead(202).end();
  const body = message.method === "ping" ? { result: {} } : await answer(message.method, Object(message.params));
  const unknown = { error: { code: -32601, message: `Method not found: ${message.method}` } };
  send(response, message.id, body ?? unknown, { "mcp-session-id": session });
}

/** GET opens the stream of a legacy session, DELETE ends the session; 2026-07-28 has neither. */
function openOrEnd(request: IncomingMessage, response: ServerResponse): void {
  const session = String(request.headers["mcp-session-id"]);
  if (request.headers["mcp-protocol-version"] === modernVersion) return void response.writeHead(405).end();
  if (!sessions.has(session)) return void refuse(response, 404, null, -32001, "Session not found");
  if (request.method === "DELETE") {
    sessions.get(session)?.end();
    sessions.delete(session);
    return void response.writeHead(200).end();
  }
  if (sessions.get(session)) return void refuse(response, 409, null, -32000, "Only one stream for a session");
  response.writeHead(200, { ...sseHeaders, "mcp-session-id": session }).flushHeaders();
  response.write(": open\n\n");
  sessions.set(session, response);
  response.on("close", () => sessions.has(session) && sessions.set(session, null));
}

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === "/count") return void response.end(String(arrivedCalls));
  if (request.url !== "/mcp") return void response.writeHead(404).end();
  if (request.method === "GET" || request.method === "DELETE") return openOrEnd(request, response);
  if (request.method !== "POST") return void response.writeHead(405).end();

  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  let message: unknown;
  try {
    message = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    return refuse(response, 400, null, -32700, "Parse error");
  }
  if (typeof message !== "object" || message === null || Array.isArray(message)) {
    return refuse(response, 400, null, -32600, "Not one message");
  }
  const one: Message = message;
  const isModern =
    request.headers["mcp-protocol-version"] === modernVersion ||
    Object(one.params?._meta)[key("protocolVersion")] !== undefined;
  await (isModern ? receiveModern : receiveLegacy)(request, response, one);
}

const server = createServer((request, response) => {
  receive(request, response).catch(() => response.destroy());
});
server.listen(Number(options.port), "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object") console.log(`http://127.0.0.1:${address?.port}/mcp`);
});
