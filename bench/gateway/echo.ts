// The upstream of the bench, a process of its own: an MCP server that answers each call with the same text, as cheaply as it can.
// POST /json/1024: a JSON answer of about that many bytes; /sse/1024: the same as an event stream; /error/1024: a tool's error.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { toolNames } from "./tools.ts";

const idMark = /"id"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d+)/;
const answers = new Map<string, [head: Buffer, tail: Buffer]>();
const streams = new Set<ServerResponse>();
let calls = 0;

const server = createServer((request, response) => {
  const [, kind = "json", bytes = "256"] = (request.url ?? "/").split("/");
  if (request.method === "GET") {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(": open\n\n");
    streams.add(response);
    response.on("close", () => streams.delete(response));
    return;
  }
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const text = (parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts)).toString("latin1");
    if (text.includes('"tools/call"')) {
      calls += 1;
      answer(response, kind, idMark.exec(text)?.[1] ?? "null", Number(bytes));
    } else {
      manage(response, text, idMark.exec(text)?.[1]);
    }
  });
});

function answer(response: ServerResponse, kind: string, id: string, bytes: number): void {
  let parts = answers.get(`${kind}/${bytes}`);
  if (parts === undefined) {
    const head = `${kind === "sse" ? "event: message\ndata: " : ""}{"jsonrpc":"2.0","id":`;
    const tail = `,"result":{"content":[{"type":"text","text":"${"x".repeat(Math.max(1, bytes - 90))}"}],"isError":${kind === "error"}}}`;
    parts = [Buffer.from(head), Buffer.from(kind === "sse" ? `${tail}\n\n` : tail)];
    answers.set(`${kind}/${bytes}`, parts);
  }
  const body = Buffer.concat([parts[0], Buffer.from(id), parts[1]]);
  if (kind === "sse") response.writeHead(200, { "content-type": "text/event-stream" });
  else response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
}

function manage(response: ServerResponse, text: string, id: string | undefined): void {
  if (id === undefined) {
    response.writeHead(202).end();
    return;
  }
  const result = text.includes('"tools/list"')
    ? { tools: toolNames.map((name) => ({ name, description: `Does ${name}.`, inputSchema: { type: "object" } })) }
    : {
        protocolVersion: "2025-11-25",
        capabilities: { tools: {} },
        serverInfo: { name: "echo", version: "1" },
      };
  const body = `{"jsonrpc":"2.0","id":${id},"result":${JSON.stringify(result)}}`;
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
}

server.keepAliveTimeout = 120_000;
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("message", () => process.send?.({ calls, streams: streams.size }));
process.on("disconnect", () => process.exit(0));
