import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from "@modelcontextprotocol/client";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterEach, describe, expect, it } from "vitest";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill();
});

async function start(...args: string[]): Promise<URL> {
  const child = spawn(process.execPath, ["--import", "tsx", join(import.meta.dirname, "echo-http.ts"), ...args]);
  children.push(child);
  const [line] = await once(child.stdout, "data");
  return new URL(String(line).trim());
}

const about = { name: "test", version: "1" };
const hello = { name: "echo", arguments: { text: "hello", region: "eu-west" } };

describe("the HTTP test server", () => {
  for (const args of [[], ["--sse"]]) {
    it(`serves the common client with sessions ${args}`, async () => {
      const url = await start(...args);
      const client = new LegacyClient(about);
      const transport = new LegacyTransport(url);
      await client.connect(transport);
      expect(transport.sessionId).toBeDefined();
      expect((await client.listTools()).tools.map((tool) => tool.name)).toEqual(["echo", "fail", "slow", "big"]);
      expect(await client.callTool(hello)).toEqual({ content: [{ type: "text", text: "hello" }] });
      expect((await client.callTool({ name: "fail", arguments: { message: "no" } })).isError).toBe(true);
      await transport.terminateSession();
      await client.close();
      expect(await (await fetch(new URL("/count", url))).text()).toBe("2");
    });

    it(`serves 2026-07-28 without sessions ${args}`, async () => {
      const url = await start(...args);
      const client = new ModernClient(about, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
      await client.connect(new ModernTransport(url));
      expect((await client.listTools()).tools).toHaveLength(4);
      expect((await client.callTool(hello)).content).toEqual([{ type: "text", text: "hello" }]);
      await client.close();
    });
  }

  it("refuses a 2026-07-28 request whose headers say something else", async () => {
    const url = await start();
    const meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    const body = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "big", arguments: {}, _meta: meta } };
    const headers = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "echo" };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ id: 1, error: { code: -32020 } });
    expect(await (await fetch(new URL("/count", url))).text()).toBe("0");
  });
});
