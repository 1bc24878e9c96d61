import { describe, expect, it } from "vitest";
import { clientConfigs } from "./client-configs.ts";

const url = "http://127.0.0.1:4000/mcp/0198c0de-0000-7000-8000-000000000001";
const token = "plg_secret";

function textFor(client: string, name = "tmux-claude", gatewayUrl = url): string {
  return clientConfigs(name, gatewayUrl, token).find((config) => config.client === client)?.text ?? "";
}

describe("the text for an MCP client", () => {
  it("holds the gateway's URL and the token, for every client", () => {
    for (const { client, text } of clientConfigs("tmux-claude", url, token)) {
      expect(text, client).toContain(url);
      expect(text, client).toContain(`Bearer ${token}`);
      expect(text, client).toContain("tmux-claude");
    }
  });

  it("is JSON where the client reads JSON", () => {
    for (const { language, text } of clientConfigs("tmux-claude", url, token)) {
      if (language === "json") expect(() => JSON.parse(text)).not.toThrow();
    }
  });

  it("is in each client's own words", () => {
    expect(textFor("claude-code")).toBe(
      `claude mcp add --transport http tmux-claude ${url} --header "Authorization: Bearer plg_secret"`,
    );
    expect(JSON.parse(textFor("vscode")).servers["tmux-claude"].type).toBe("http");
    expect(JSON.parse(textFor("gemini-cli")).mcpServers["tmux-claude"].httpUrl).toBe(url);
    expect(textFor("codex")).toBe(
      `[mcp_servers.tmux-claude]\nurl = "${url}"\nhttp_headers = { "Authorization" = "Bearer plg_secret" }`,
    );
  });

  it("lets Claude Desktop's bridge use plain http only where the gateway has no https", () => {
    expect(textFor("claude-desktop")).toContain("--allow-http");
    expect(textFor("claude-desktop", "x", "https://gateway.example.com/mcp/1")).not.toContain("--allow-http");
  });

  it.each(['x"; rm -rf ~; "', "$(id)", "`id`", "a\nb", "ключ", "--flag", "]]\n[evil]"])(
    "has a harmless name for a server called %j",
    (name) => {
      const [, , , , , , used] = textFor("claude-code", name).split(" ");
      expect(textFor("claude-code", name)).toMatch(/ http [a-z0-9_][a-z0-9_-]* http:/);
      expect(used).not.toBe("");
      expect(textFor("codex", name)).toMatch(/^\[mcp_servers\.[a-z0-9_-]+\]\n/);
    },
  );
});
