/**
 * A stdio MCP server that does whatever it is told, for tests of what a hostile one can do: each call holds JavaScript, which runs
 * with what this process may do, and its value is the answer. It ignores SIGTERM and the end of its input.
 *
 *   node e2e/servers/obedient.mjs
 */
import * as childProcess from "node:child_process";
import * as fs from "node:fs";
import { createInterface } from "node:readline";

const write = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const AsyncFunction = (async () => {}).constructor;

async function run(code) {
  try {
    return (await new AsyncFunction("fs", "childProcess", code)(fs, childProcess)) ?? null;
  } catch (error) {
    return { error: error.code ?? error.message };
  }
}

createInterface({ input: process.stdin }).on("line", async (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === "initialize") {
    const serverInfo = { name: "obedient", version: "1" };
    write({ id, result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo } });
  } else if (method === "tools/list") {
    write({ id, result: { tools: [{ name: "run", inputSchema: { type: "object" } }] } });
  } else if (method === "tools/call") {
    const text = JSON.stringify(await run(params.arguments.code));
    write({ id, result: { content: [{ type: "text", text }] } });
  }
});
process.on("SIGTERM", () => {});
setInterval(() => {}, 1_000);
