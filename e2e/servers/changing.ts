// A server over HTTP that lists whatever the test says, in the test's own process.
import http from "node:http";
import type { AddressInfo } from "node:net";

export type ListedTool = { name: string; description: string; inputSchema?: object };

export type ChangingServer = {
  url: string;
  /** What it lists from now on. */
  tools: ListedTool[];
  version: string;
  close(): void;
};

/** Answers every call; knows sessions of no revision. */
export async function openChangingServer(tools: ListedTool[]): Promise<ChangingServer> {
  const server = http.createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const { id, method } = JSON.parse(text || "{}") as { id?: unknown; method?: string };
    if (id === undefined) return void response.writeHead(202).end();
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ jsonrpc: "2.0", id, result: resultOf(method) }));
  });
  const changing: ChangingServer = {
    url: "",
    tools,
    version: "1.0.0",
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  function resultOf(method: string | undefined): object {
    const { version } = changing;
    const tools = changing.tools.map((tool) => ({ inputSchema: { type: "object" }, ...tool }));
    const serverInfo = { name: "changing", version };
    if (method === "initialize") return { protocolVersion: "2025-06-18", capabilities: { tools: {} }, serverInfo };
    if (method === "tools/list") return { tools };
    return method === "tools/call" ? { content: [{ type: "text", text: "reached" }] } : {};
  }
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  changing.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  return changing;
}
