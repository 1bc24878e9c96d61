import { describe, expect, it } from "vitest";
import { sourcesOfRegistered } from "./registered.ts";

const command = (line: string) => {
  const [program = "", ...args] = line.split(" ");
  return sourcesOfRegistered({ url: null, command: program, args });
};

describe("a registered server in the catalog", () => {
  it.each([
    ["npx -y @stripe/mcp --tools=all", "npm:@stripe/mcp"],
    ["npx @modelcontextprotocol/server-filesystem@2025.1.14 /tmp", "npm:@modelcontextprotocol/server-filesystem"],
    ["/usr/local/bin/npx --yes server-everything@latest", "npm:server-everything"],
    ["npx.cmd -y mongodb-mcp-server", "npm:mongodb-mcp-server"],
    ["npx -y --package=@playwright/mcp playwright-mcp", "npm:@playwright/mcp"],
    ["npx -p @playwright/mcp playwright-mcp", "npm:@playwright/mcp"],
    ["npm exec -- figma-mcp", "npm:figma-mcp"],
    ["pnpm dlx figma-mcp", "npm:figma-mcp"],
    ["bunx figma-mcp", "npm:figma-mcp"],
  ])("%s is %s", (line, source) => expect(command(line)).toEqual([source]));

  it.each([
    "node server.js",
    "npx",
    "npx -y",
    "npx ./local",
    "npx https://evil.example/x.tgz",
    "npm install figma-mcp",
    "constructor x",
  ])("%s is nobody's", (line) => expect(command(line)).toEqual([]));

  it("is known by its address", () => {
    expect(sourcesOfRegistered({ url: "https://mcp.example.com/mcp", command: null, args: [] })).toEqual([
      "url:https://mcp.example.com/mcp",
    ]);
  });
});
