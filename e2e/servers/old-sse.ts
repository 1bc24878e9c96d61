/**
 * A server of the HTTP+SSE transport of 2024-11-05, on the SDK's own SSEServerTransport. Its tools answer, answer late, say
 * something by themselves and ask their client back.
 *
 *   node --import tsx e2e/servers/old-sse.ts [--port=N] [--record=FILE] [--endpoint=URI]
 *
 * `--endpoint` names another place for messages than the transport's own, as a hostile server might. `GET /count` tells how
 * many calls and streams arrived; `POST /cut` ends every stream.
 */
import { createServer, type ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
import * as z from "zod";
import { openRecord } from "./record.ts";

const { values: options } = parseArgs({
  options: { port: { type: "string", default: "0" }, record: { type: "string" }, endpoint: { type: "string" } },
});
const record = openRecord(options.record);
const transports = new Map<string, { transport: SSEServerTransport; response: ServerResponse }>();
let calls = 0;
let streams = 0;

function newServer(): McpServer {
  const server = new McpServer({ name: "old-sse", version: "1.0.0" }, { capabilities: { logging: {} } });
  const said = (text: string) => ({ content: [{ type: "text" as const, text }] });
  const arrived = (name: string, given: object) => {
    calls += 1;
    record({ at: Date.now(), name, arguments: given });
  };
  server.registerTool("echo", { description: "Say the text back", inputSchema: { text: z.string() } }, ({ text }) => {
    arrived("echo", { text });
    return said(text);
  });
  server.registerTool("slow", { description: "Answer late", inputSchema: { ms: z.number() } }, async ({ ms }) => {
    arrived("slow", { ms });
    await wait(ms);
    return said(`waited ${ms} ms`);
  });
  server.registerTool("announce", { description: "Say something to everybody who listens" }, async () => {
    arrived("announce", {});
    await server.server.sendLoggingMessage({ level: "info", data: "announced" });
    return said("announced");
  });
  server.registerTool("ask_back", { description: "Ask the client's model" }, async () => {
    arrived("ask_back", {});
    const { content } = await server.server.createMessage({
      messages: [{ role: "user", content: { type: "text", text: "Who are you?" } }],
      maxTokens: 16,
    });
    return said(`the client said: ${JSON.stringify(content)}`);
  });
  return server;
}

const http = createServer(async (request, response) => {
  const url = new URL(request.url ?? "/", "http://server");
  if (url.pathname === "/sse" && request.method === "GET") {
    streams += 1;
    if (options.endpoint !== undefined) {
      // The SDK's transport names places of its own origin only.
      response.writeHead(200, { "content-type": "text/event-stream" });
      return void response.write(`event: endpoint\ndata: ${options.endpoint}\n\n`);
    }
    const transport = new SSEServerTransport("/messages", response);
    transports.set(transport.sessionId, { transport, response });
    response.on("close", () => transports.delete(transport.sessionId));
    await newServer().connect(transport);
    return;
  }
  if (url.pathname === "/messages" && request.method === "POST") {
    const known = transports.get(url.searchParams.get("sessionId") ?? "");
    if (known) await known.transport.handlePostMessage(request, response);
    else response.writeHead(404).end("No such stream");
    return;
  }
  if (url.pathname === "/count") return void response.end(JSON.stringify({ calls, streams, open: transports.size }));
  if (url.pathname === "/cut") {
    for (const { response: stream } of transports.values()) stream.destroy();
    return void response.end();
  }
  response.writeHead(url.pathname === "/sse" ? 405 : 404).end();
});

http.listen(Number(options.port), "127.0.0.1", () => {
  const address = http.address();
  if (typeof address === "object" && address) process.stdout.write(`http://127.0.0.1:${address.port}/sse\n`);
});
