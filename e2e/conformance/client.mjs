// The client that the suite's client leg tests: the official one, doing in each scenario what there is to do. The suite passes
// the server's URL last. With `REGISTRAR` it asks there for a gateway in front of that server and speaks to the gateway.
import { appendFile } from "node:fs/promises";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const revision = process.env.MCP_CONFORMANCE_PROTOCOL_VERSION;
const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? "";
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? "{}");
const { REGISTRAR, LISTED } = process.env;

let url = process.argv.at(-1);
const headers = {};
if (REGISTRAR) {
  const answer = await fetch(REGISTRAR, { method: "POST", body: JSON.stringify({ url }) });
  const gateway = await answer.json();
  url = gateway.url;
  headers.authorization = `Bearer ${gateway.token}`;
}

/** Writes down the tools in every answer as they came: the client drops those it does not like before it shows the list. */
async function listening(input, init) {
  const response = await fetch(input, init);
  const body = String(init?.body ?? "");
  if (LISTED && body.includes('"tools/list"')) {
    const text = await response.clone().text();
    for (const line of text.split("\n").map((one) => one.replace(/^data: ?/, ""))) {
      if (!line.startsWith("{")) continue;
      for (const tool of JSON.parse(line).result?.tools ?? []) await appendFile(LISTED, `${JSON.stringify(tool)}\n`);
    }
  }
  return response;
}

const mode = revision === "2026-07-28" ? { pin: revision } : "legacy";
const client = new Client(
  { name: "conformance-client", version: "1.0.0" },
  {
    capabilities: { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} },
    versionNegotiation: { mode },
  },
);
client.setRequestHandler("elicitation/create", async () => ({
  action: "accept",
  content: scenario.includes("sep-2322") ? { confirmed: true } : {},
}));
client.setRequestHandler("sampling/createMessage", async () => ({
  role: "assistant",
  model: "none",
  content: { type: "text", text: "ok" },
}));
client.setRequestHandler("roots/list", async () => ({ roots: [] }));

const reconnectionOptions = {
  initialReconnectionDelay: 1_000,
  maxReconnectionDelay: 10_000,
  reconnectionDelayGrowFactor: 1.5,
  maxRetries: 3,
};
await client.connect(
  new StreamableHTTPClientTransport(new URL(url), { reconnectionOptions, requestInit: { headers }, fetch: listening }),
);

async function attempt(what) {
  try {
    return await what();
  } catch (error) {
    console.error("ignored:", error.message?.slice(0, 200));
    return undefined;
  }
}

/** Any value that fits a simple schema. */
function valueFor(schema) {
  const given = schema?.default ?? schema?.const ?? schema?.enum?.[0];
  if (given !== undefined) return given;
  const fields = (schema?.required ?? []).map((key) => [key, valueFor(schema.properties?.[key])]);
  const byType = { string: "x", number: 3, integer: 3, boolean: true, array: [], object: Object.fromEntries(fields) };
  return byType[schema?.type] ?? null;
}

const tools = (await attempt(() => client.listTools()))?.tools ?? [];
const named = (name) => tools.find((tool) => tool.name === name);

function argumentsFor(tool) {
  if (tool.name === "add_numbers") return { a: 5, b: 3 };
  // Hands back a definition as it was received, so that the suite can see what became of it on the way.
  if (tool.name === "json_schema_echo") return { schema: named("json_schema_2020_12_tool")?.inputSchema };
  return valueFor(tool.inputSchema);
}

const timeout = scenario === "sse-retry" ? 30_000 : 10_000;
for (const { name, arguments: given } of context.toolCalls ?? tools.map(({ name }) => ({ name }))) {
  const tool = named(name);
  if (!tool) continue;
  const args = context.toolCalls ? given : argumentsFor(tool);
  await attempt(() => client.callTool({ name, arguments: args }, { timeout }));
}
const capabilities = client.getServerCapabilities() ?? {};
if (capabilities.resources) {
  const first = (await attempt(() => client.listResources()))?.resources?.[0];
  if (first) await attempt(() => client.readResource({ uri: first.uri }));
}
if (capabilities.prompts) {
  const first = (await attempt(() => client.listPrompts()))?.prompts?.[0];
  const args = Object.fromEntries((first?.arguments ?? []).map(({ name }) => [name, "x"]));
  if (first) await attempt(() => client.getPrompt({ name: first.name, arguments: args }));
}
await client.close();
process.exit(0);
