/**
 * A stdio MCP server that does on request what real ones do by accident: dies, floods, hangs, asks back, leaves children.
 * Every tool is a fault of its own. Plain JavaScript, so that it starts at once and often.
 *
 *   node e2e/servers/unruly.mjs [--modern] [--stubborn] [--fails-at-start]
 *
 * `--stubborn` ignores SIGTERM and the end of its input.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const isModern = process.argv.includes("--modern");
const isStubborn = process.argv.includes("--stubborn");
if (process.argv.includes("--fails-at-start")) {
  process.stderr.write(`cannot start: no ${process.env.API_KEY ?? "key"} in sight\n`);
  process.exit(3);
}
let initialized = null;
let initializations = 0;
let awaiting = null;

const write = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const text = (id, value) => write({ id, result: { content: [{ type: "text", text: JSON.stringify(value) }] } });

const tools = {
  echo: (id, args) => text(id, args),
  environment: (id) => text(id, process.env),
  where: (id) => text(id, { cwd: process.cwd(), pid: process.pid, argv: process.argv.slice(2) }),
  session: (id) => text(id, { initialized, initializations }),
  slow: (id, { ms = 200 }) => setTimeout(() => text(id, "slow"), ms),
  silent: () => {},
  die: () => {
    process.stderr.write(`dying with ${process.env.API_KEY ?? "no key"}\n`);
    process.exit(7);
  },
  progress(id, { steps = 3 }, meta) {
    for (let progress = 1; progress <= steps; progress++) {
      write({ method: "notifications/progress", params: { progressToken: meta.progressToken, progress } });
    }
    text(id, "done");
  },
  ask(id) {
    awaiting = id;
    write({ id: "question-1", method: "elicitation/create", params: { message: "sure?" } });
  },
  chatter(id) {
    process.stdout.write("this is no message\n[log] {not json}\n");
    write({ id: null, error: { code: -32600, message: "nobody asked" } });
    write({ id: "never-asked", result: {} });
    write({ method: "notifications/tools/list_changed" });
    text(id, "after the noise");
  },
  flood: (id, { bytes = 5_000_000 }) => text(id, "x".repeat(bytes)),
  batch(id) {
    process.stdout.write(`[{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"n":9007199254740993}}]\n`);
  },
  children(id) {
    const child = spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], {
      stdio: "ignore",
    });
    text(id, { child: child.pid, self: process.pid });
  },
  big: (id) =>
    process.stdout.write(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"n":9007199254740993, "m":1.0}}\n`),
};

function answer({ id, method, params = {} }) {
  if (method === "initialize" && !isModern) {
    initialized = params;
    initializations++;
    const protocolVersion = params.protocolVersion;
    write({
      id,
      result: { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "unruly", version: "1" } },
    });
  } else if (method === "server/discover" && isModern) {
    write({ id, result: { resultType: "complete", supportedVersions: ["2026-07-28"], capabilities: { tools: {} } } });
  } else if (method === "tools/list") {
    write({ id, result: { tools: Object.keys(tools).map((name) => ({ name, inputSchema: { type: "object" } })) } });
  } else if (method === "subscriptions/listen" && isModern) {
    const _meta = { "io.modelcontextprotocol/subscriptionId": id };
    write({ method: "notifications/subscriptions/acknowledged", params: { _meta } });
  } else if (method === "tools/call" && tools[params.name]) {
    tools[params.name](id, params.arguments ?? {}, params._meta ?? {});
  } else if (id !== undefined) {
    write({ id, error: { code: -32601, message: "Method not found" } });
  }
}

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const message = JSON.parse(line);
    if (message.method === "notifications/cancelled") process.stderr.write(`cancelled ${message.params.requestId}\n`);
    else if (message.method === undefined && message.id === "question-1") text(awaiting, message.result);
    else answer(message);
  })
  .on("close", () => {
    if (!isStubborn) process.exit(0);
  });
if (isStubborn) {
  process.on("SIGTERM", () => {});
  setInterval(() => {}, 1_000);
}
