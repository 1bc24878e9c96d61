// What a person pastes into each MCP client so that it speaks to the gateway.
import type * as z from "zod";
import type { clientConfigSchema } from "../api/v1/schemas.ts";

export type ClientConfig = z.infer<typeof clientConfigSchema>;

/** One text per client, token included: to be shown once, when the token has just been made. */
export function clientConfigs(serverName: string, gatewayUrl: string, token: string): ClientConfig[] {
  const name = configName(serverName);
  const authorization = `Bearer ${token}`;
  const headers = { Authorization: authorization };
  return [
    {
      client: "claude-code",
      title: "Claude Code",
      place: "Run in a terminal",
      language: "shell",
      text: `claude mcp add --transport http ${name} ${gatewayUrl} --header "Authorization: ${authorization}"`,
    },
    {
      client: "claude-desktop",
      title: "Claude Desktop",
      place: "claude_desktop_config.json (Settings, Developer, Edit Config)",
      language: "json",
      text: json({ mcpServers: { [name]: throughMcpRemote(gatewayUrl, authorization) } }),
    },
    {
      client: "cursor",
      title: "Cursor",
      place: "~/.cursor/mcp.json",
      language: "json",
      text: json({ mcpServers: { [name]: { url: gatewayUrl, headers } } }),
    },
    {
      client: "vscode",
      title: "VS Code",
      place: ".vscode/mcp.json",
      language: "json",
      text: json({ servers: { [name]: { type: "http", url: gatewayUrl, headers } } }),
    },
    {
      client: "gemini-cli",
      title: "Gemini CLI",
      place: "~/.gemini/settings.json",
      language: "json",
      // `httpUrl` is Streamable HTTP; `url` would be the older SSE transport.
      text: json({ mcpServers: { [name]: { httpUrl: gatewayUrl, headers } } }),
    },
    {
      client: "codex",
      title: "Codex",
      place: "~/.codex/config.toml",
      language: "toml",
      // `headers` is ignored by Codex and `bearer_token` refused; `http_headers` holds literal values.
      text: `[mcp_servers.${name}]\nurl = ${JSON.stringify(gatewayUrl)}\nhttp_headers = { "Authorization" = ${JSON.stringify(authorization)} }`,
    },
    {
      client: "json",
      title: "Any other client",
      place: "Wherever the client keeps its MCP servers",
      language: "json",
      text: json({ mcpServers: { [name]: { type: "http", url: gatewayUrl, headers } } }),
    },
  ];
}

/** mcp-remote fills this in, from its own environment. */
const fromVariable = `${"$"}{AUTHORIZATION}`;

/**
 * Claude Desktop's file takes commands only, so a small program on the person's machine carries the token. The header is
 * split over an argument and a variable because Claude Desktop on Windows breaks arguments that have a space in them.
 */
function throughMcpRemote(gatewayUrl: string, authorization: string) {
  const allowHttp = gatewayUrl.startsWith("https://") ? [] : ["--allow-http"];
  return {
    command: "npx",
    args: [
      "-y",
      "mcp-remote",
      gatewayUrl,
      "--transport",
      "http-only",
      ...allowHttp,
      "--header",
      `Authorization:${fromVariable}`,
    ],
    env: { AUTHORIZATION: authorization },
  };
}

/** A name that every client takes and no shell or TOML reads anything into. */
function configName(serverName: string): string {
  const name = serverName
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40);
  return name || "policylayer";
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
