/**
 * An MCP server that lists tools from a file and does nothing, for measuring what many tools cost.
 *
 *   node --import tsx bench/tool-list-server.ts tools.json     an array of tools, or { "tools": [...] }
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const [file] = process.argv.slice(2);
if (!file) throw new Error("name the file with the tools");
const read: unknown = JSON.parse(readFileSync(file, "utf8"));
const tools = Array.isArray(read) ? read : (read as { tools: unknown[] }).tools;

type Request = { id?: string | number; method?: string; params?: { protocolVersion?: string } };

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params }: Request = JSON.parse(line);
  if (id === undefined) continue;
  const answer = answerTo(method, params?.protocolVersion);
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, ...answer })}\n`);
}

function answerTo(method: string | undefined, protocolVersion = "2025-06-18"): object {
  switch (method) {
    case "initialize":
      return {
        result: { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "tool-list", version: "1.0.0" } },
      };
    case "tools/list":
      return { result: { tools } };
    case "tools/call":
      return { result: { content: [{ type: "text", text: "nothing was done" }] } };
    case "ping":
      return { result: {} };
    default:
      return { error: { code: -32601, message: "Method not found" } };
  }
}
