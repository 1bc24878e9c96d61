/**
 * A stdio MCP server that speaks 2026-07-28 only: every request carries its `_meta`, there is no handshake.
 *
 *   node --import tsx e2e/servers/modern-stdio.ts [--record=FILE]
 */
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { openRecord } from "./record.ts";

const { values: options } = parseArgs({ options: { record: { type: "string" } } });
const record = openRecord(options.record);

const version = "2026-07-28";
const key = (name: string) => `io.modelcontextprotocol/${name}`;
const about = { [key("serverInfo")]: { name: "modern-stdio", version: "1.0.0" } };
const echo = {
  name: "echo",
  description: "Say the text back",
  inputSchema: { type: "object", properties: { text: { type: "string" } } },
};

type Params = Record<string, unknown>;
type Answer = { result: object } | { error: { code: number; message: string; data?: object } };

function answer(method: unknown, params: Params): Answer {
  const meta: Params = Object(params._meta);
  const asked = meta[key("protocolVersion")];
  if (typeof asked !== "string" || typeof meta[key("clientCapabilities")] !== "object") {
    return { error: { code: -32602, message: "Invalid params: required _meta fields missing" } };
  }
  if (asked !== version) {
    const data = { supported: [version], requested: asked };
    return { error: { code: -32022, message: "Unsupported protocol version", data } };
  }
  const cached = { resultType: "complete", ttlMs: 0, cacheScope: "private", _meta: about };
  if (method === "server/discover") {
    return { result: { supportedVersions: [version], capabilities: { tools: {} }, ...cached } };
  }
  if (method === "tools/list") return { result: { tools: [echo], ...cached } };
  if (method !== "tools/call") return { error: { code: -32601, message: `Method not found: ${method}` } };

  record({ at: Date.now(), name: params.name, arguments: params.arguments ?? {} });
  if (params.name !== echo.name) return { error: { code: -32602, message: `Unknown tool: ${params.name}` } };
  const text = String(Object(params.arguments).text);
  return { result: { resultType: "complete", content: [{ type: "text", text }], _meta: about } };
}

createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY }).on("line", (line) => {
  const { id, method, params } = Object(JSON.parse(line));
  if (id === undefined) return;
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, ...answer(method, Object(params)) })}\n`);
});
