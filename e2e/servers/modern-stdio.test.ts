import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { expect, it } from "vitest";

it("the stdio test server of 2026-07-28 serves a client without a handshake", async () => {
  const args = ["--import", "tsx", join(import.meta.dirname, "modern-stdio.ts")];
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode: "auto" } });
  await client.connect(new StdioClientTransport({ command: process.execPath, args }));
  expect((await client.listTools()).tools.map((tool) => tool.name)).toEqual(["echo"]);
  const answer = await client.callTool({ name: "echo", arguments: { text: "hello" } });
  expect(answer.content).toEqual([{ type: "text", text: "hello" }]);
  await client.close();
});
