// An MCP server inside the test's own process: it lists what the test says and writes down what arrives, headers and all.
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type RecordingServer = {
  url: string;
  /** What `tools/list` answers, as definitions. */
  tools: object[];
  /** The calls that arrived. */
  calls: { name: string; arguments: unknown }[];
  /** The headers of everything that arrived. */
  headers: IncomingHttpHeaders[];
  /** Answers a call in the server's place; the ordinary answer when it returns false. */
  onCall: (response: ServerResponse, request: IncomingMessage) => boolean;
  close(): void;
};

/** The id that it gives every session; a client must never see it. */
export const upstreamSession = "upstream-session";

type Message = { id?: unknown; method?: string; params?: { name?: string; arguments?: unknown } };

/** Streamable HTTP with sessions, up to 2025-11-25. A GET is a stream with one event. */
export async function openRecordingServer(tools: object[]): Promise<RecordingServer> {
  const server = http.createServer((request, response) => {
    receive(recording, request, response).catch(() => response.destroy());
  });
  const recording: RecordingServer = {
    url: "",
    tools,
    calls: [],
    headers: [],
    onCall: () => false,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  recording.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  return recording;
}

async function receive(recording: RecordingServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  recording.headers.push(request.headers);
  if (request.method === "GET") {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const data = '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"hello"}}';
    response.write(`id: e1\ndata: ${data}\n\n`);
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (request.method === "DELETE") return void response.writeHead(200).end();
  const message = JSON.parse(Buffer.concat(chunks).toString()) as Message;
  if (message.id === undefined) return void response.writeHead(202).end();
  if (message.method === "tools/call") {
    recording.calls.push({ name: message.params?.name ?? "", arguments: message.params?.arguments });
    if (recording.onCall(response, request)) return;
  }
  const answer = answerTo(recording, message);
  response.writeHead("error" in answer ? 400 : 200, {
    "content-type": "application/json",
    ...(message.method === "initialize" ? { "mcp-session-id": upstreamSession } : {}),
  });
  response.end(JSON.stringify({ jsonrpc: "2.0", id: message.id, ...answer }));
}

function answerTo(recording: RecordingServer, { method }: Message): { result: object } | { error: object } {
  switch (method) {
    case "initialize": {
      const serverInfo = { name: "recording", version: "1.0.0" };
      return { result: { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo } };
    }
    case "tools/list":
      return { result: { tools: recording.tools } };
    case "tools/call":
      return { result: { content: [{ type: "text", text: "done" }] } };
    default:
      return { error: { code: -32601, message: "Method not found" } };
  }
}
