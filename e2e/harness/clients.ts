// Real MCP clients, the two that most hosts are built on, pointed at a gateway URL with a grant's token.
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from "@modelcontextprotocol/client";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

/** What a tools/call came to, in either client. */
export type ToolAnswer = {
  isError?: boolean;
  content: { type: string; text?: string }[];
  _meta?: Record<string, unknown>;
};

/** The least that both clients can do. */
export type McpClient = {
  listTools(): Promise<string[]>;
  /** @throws what the client throws on a JSON-RPC or transport error */
  call(tool: string, args?: Record<string, unknown>): Promise<ToolAnswer>;
  close(): Promise<void>;
};

/** One that can be kept waiting: it asks to hear of a call's progress, so the gateway may hold the call. */
export type PatientClient = McpClient & {
  callWaiting(tool: string, args: Record<string, unknown>, onProgress: (message: string) => void): Promise<ToolAnswer>;
};

type Connect = (gatewayUrl: string, token: string) => Promise<McpClient>;

/** `@modelcontextprotocol/sdk` 1.x: sessions, up to 2025-11-25. */
export const connectLegacy: Connect = connectPatient;

/** The same, when calls of it are to wait. */
export async function connectPatient(gatewayUrl: string, token: string): Promise<PatientClient> {
  const client = new LegacyClient({ name: "legacy-client", version: "1.0.0" });
  await client.connect(new LegacyTransport(new URL(gatewayUrl), { requestInit: bearer(token) }));
  return {
    listTools: async () => {
      const names: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await client.listTools(cursor === undefined ? {} : { cursor });
        names.push(...page.tools.map((tool) => tool.name));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      return names;
    },
    call: async (name, args = {}) => (await client.callTool({ name, arguments: args })) as ToolAnswer,
    callWaiting: async (name, args, onProgress) => {
      const patience = { timeout: 60_000, resetTimeoutOnProgress: true };
      const options = { ...patience, onprogress: ({ message = "" }: { message?: string }) => onProgress(message) };
      return (await client.callTool({ name, arguments: args }, undefined, options)) as ToolAnswer;
    },
    close: () => client.close(),
  };
}

/** `@modelcontextprotocol/client` 2.x in auto mode: asks for 2026-07-28 first, falls back to `initialize`. */
export async function connectAuto(gatewayUrl: string, token: string): Promise<McpClient> {
  const client = new ModernClient({ name: "auto-client", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
  await client.connect(new ModernTransport(new URL(gatewayUrl), { requestInit: bearer(token) }));
  return {
    listTools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: async (name, args = {}) => (await client.callTool({ name, arguments: args })) as ToolAnswer,
    close: () => client.close(),
  };
}

export const clients = [
  { name: "@modelcontextprotocol/sdk 1.32", connect: connectLegacy },
  { name: "@modelcontextprotocol/client 2.4 (auto)", connect: connectAuto },
] as const;

export type PolicyDecision = { code: string; rule: string; retry_after_s?: number; decision_id: string };

/** The decision that a refused call carries, for a program to read. */
export function decisionOf(answer: ToolAnswer): PolicyDecision {
  return answer._meta?.["policylayer/decision"] as PolicyDecision;
}

export function textOf(answer: ToolAnswer): string {
  return answer.content.map((part) => part.text ?? "").join("\n");
}

function bearer(token: string): RequestInit {
  return { headers: { authorization: `Bearer ${token}` } };
}
