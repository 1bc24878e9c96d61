/**
 * A stand-in for michael-abdo/tmux-claude-mcp-server: same tools, same documented faults, and a record of the calls
 * that reached it. It starts nothing and touches nothing.
 *
 *   node --import tsx e2e/servers/tmux-claude.ts [--list=14] [--page-size=10] [--no-faults] [--record=FILE]
 */
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { openRecord } from "./record.ts";
import { declaredTools, listedTools, type TestTool, unlistedTools, vmTools } from "./tmux-claude-tools.ts";

const { values: options } = parseArgs({
  options: {
    list: { type: "string", default: "26" },
    "page-size": { type: "string", default: "10" },
    "no-faults": { type: "boolean", default: false },
    record: { type: "string" },
  },
});
const hasFaults = !options["no-faults"];
const pageSize = Math.max(1, Number(options["page-size"]) || 10);
const shown: readonly TestTool[] = options.list === "14" ? listedTools : [...listedTools, ...declaredTools, ...vmTools];
const callable = new Map([...listedTools, ...declaredTools, ...vmTools, ...unlistedTools].map((t) => [t.name, t]));
const record = openRecord(options.record ?? process.env.TMUX_CLAUDE_RECORD);

const protocolVersions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

type Message = { id?: string | number | null; method?: unknown; params?: Record<string, unknown> };
type Failure = { code: number; message: string };
type Answer = { result: object } | { error: Failure };

function write(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** The original logs to stdout, where only messages belong. */
function chatter(words: string): void {
  if (hasFaults) process.stdout.write(`[tmux-claude] ${words}\n`);
}

function listTools(params: Record<string, unknown>): Answer {
  const from = params.cursor === undefined ? 0 : Number(params.cursor);
  if (!Number.isInteger(from) || from < 0 || from >= shown.length) {
    return { error: { code: -32602, message: "Invalid cursor" } };
  }
  const page = shown.slice(from, from + pageSize);
  const next = from + pageSize;
  return {
    result: {
      tools: page.map(({ name, description, inputSchema }) => ({ name, description, inputSchema })),
      ...(next < shown.length && { nextCursor: String(next) }),
    },
  };
}

/** What a tool that ran and failed answers: the original has only JSON-RPC errors for it. */
function failed(message: string): Answer {
  if (hasFaults) return { error: { code: -32603, message } };
  return { result: { content: [{ type: "text", text: message }], isError: true } };
}

function callTool(params: Record<string, unknown>): Answer {
  record({ at: Date.now(), name: params.name, arguments: params.arguments ?? {} });
  const tool = callable.get(String(params.name));
  if (tool === undefined) return { error: { code: -32602, message: `Unknown tool: ${params.name}` } };

  const given: Record<string, unknown> = Object(params.arguments);
  const missing = (tool.inputSchema.required ?? []).filter((name) => given[name] === undefined);
  if (missing.length > 0) return failed(`${tool.name}: missing ${missing.join(", ")}`);
  if (tool.privileged && given._callerRole === "specialist") return failed(`${tool.name}: not for specialists`);
  if (tool.name === "vm_terminate" && given.confirm !== true) return failed("vm_terminate: confirm must be true");

  const subject = given.identifier ?? given.instanceId ?? given.name ?? given.namePrefix ?? given.managerId;
  const words = subject === undefined ? `${tool.name} done` : `${tool.name} done for ${subject}`;
  return { result: { content: [{ type: "text", text: words }] } };
}

function initialize(params: Record<string, unknown>): Answer {
  const asked = String(params.protocolVersion);
  const protocolVersion = !hasFaults && protocolVersions.includes(asked) ? asked : "2024-11-05";
  const serverInfo = { name: "tmux-claude-mcp-server", version: "1.0.0" };
  return { result: { protocolVersion, capabilities: { tools: {} }, serverInfo } };
}

function answer(method: unknown, params: Record<string, unknown>): Answer {
  if (method === "initialize") return initialize(params);
  if (method === "tools/list") return listTools(params);
  if (method === "tools/call") return callTool(params);
  if (method === "ping" && !hasFaults) return { result: {} };
  return { error: { code: -32601, message: `Method not found: ${method}` } };
}

function receive(line: string): void {
  let message: Message;
  try {
    message = Object(JSON.parse(line));
  } catch {
    write({ jsonrpc: "2.0", id: null, error: { code: -32700, message: "Parse error" } });
    return;
  }
  chatter(`received ${message.method}`);
  if (message.id === undefined) {
    // A notification has no answer. The original sends one all the same.
    const error = { code: -32601, message: `Method not found: ${message.method}` };
    if (hasFaults) write({ jsonrpc: "2.0", id: null, error });
    return;
  }
  write({ jsonrpc: "2.0", id: message.id, ...answer(message.method, Object(message.params)) });
}

chatter("starting the bridge");
// The process ends by itself when stdin does: nothing else keeps it alive.
createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY }).on("line", receive);
