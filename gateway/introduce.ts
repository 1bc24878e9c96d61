// What is said to a server that nobody knows yet: who are you, and which tools do you have. However it is reached.
import * as z from "zod";
import { clean, type InspectedTool, type InspectFinding, reviewTools } from "./inspect-tools.ts";
import { type Pin, readPins } from "./inspect-words.ts";
import { elementTexts } from "./raw-json.ts";
import type { Reply, RpcMessage } from "./upstream/client.ts";

export type InspectFailureCode =
  | "upstream_unreachable"
  | "upstream_timed_out"
  | "upstream_unauthorized"
  | "upstream_not_mcp"
  | "upstream_address_refused"
  | "upstream_failed"
  | "command_not_found"
  | "command_exited"
  | "stdio_refused"
  | "too_many_tools";

export type Inspection = {
  ok: true;
  /** `sse`: the HTTP+SSE transport of 2024-11-05. */
  era: "legacy" | "modern" | "sse";
  protocolVersion: string;
  serverInfo: unknown;
  instructions: string | null;
  capabilities: unknown;
  tools: InspectedTool[];
  /** Lines on a command's output that were no messages. */
  skippedLines: number;
  /** What is accepted with the tools: its instructions, whole, and its prompts. */
  pins: Pin[];
  findings: InspectFinding[];
};

export type InspectFailure = { ok: false; code: InspectFailureCode; message: string };
export type InspectAnswer = Inspection | InspectFailure;

const limits = { toolsMax: 5_000, pagesMax: 200 };

export const modernVersion = "2026-07-28";
export const legacyVersion = "2025-11-25";
const clientInfo = { name: "PolicyLayer", version: "0.1.0" };
/** All that a client can offer: a tool that asks back is listed only to those who could answer, and an agent may be one. */
const clientCapabilities = {
  roots: { listChanged: true },
  sampling: { context: {}, tools: {} },
  elicitation: { form: {}, url: {} },
  tasks: { list: {}, cancel: {}, requests: { sampling: { createMessage: {} }, elicitation: { create: {} } } },
};

/** One server, our place in talking to it, and what may still be spent on it. */
export type Link = {
  era: "legacy" | "modern";
  headers: Record<string, string>;
  request(method: string, params: object, timeoutMs?: number): Promise<Reply>;
  notify(method: string): Promise<Reply>;
  endSession(): Promise<Reply>;
  skippedLines(): number;
  /** Of the last answer over HTTP; 0 when there was none. */
  status(): number;
};

/** A server may ask before it lists: we are there, we have no roots, and nobody here can be asked anything else. */
export function answerTo({ id, method }: RpcMessage): object {
  if (method === "ping") return { jsonrpc: "2.0", id, result: {} };
  if (method === "roots/list") return { jsonrpc: "2.0", id, result: { roots: [] } };
  return { jsonrpc: "2.0", id, error: { code: -32601, message: "Method not found" } };
}

export const modernMeta = {
  "io.modelcontextprotocol/protocolVersion": modernVersion,
  "io.modelcontextprotocol/clientCapabilities": clientCapabilities,
  "io.modelcontextprotocol/clientInfo": clientInfo,
};

/** What the server said of itself. */
type Introduction = Pick<Inspection, "era" | "protocolVersion" | "serverInfo" | "instructions" | "capabilities">;

const discoveredSchema = z.object({
  supportedVersions: z.array(z.string()),
  capabilities: z.record(z.string(), z.unknown()).optional(),
  instructions: z.string().optional(),
  serverInfo: z.unknown().optional(),
  _meta: z.record(z.string(), z.unknown()).optional(),
});

export async function discover(
  link: Link,
  timeoutMs: number,
): Promise<({ ok: true } & Introduction) | { ok: false; isFinal: boolean; failure: InspectFailure }> {
  link.era = "modern";
  link.headers["mcp-protocol-version"] = modernVersion;
  const reply = await link.request("server/discover", {}, timeoutMs);
  const found = reply.kind === "message" ? discoveredSchema.safeParse(reply.message.result) : null;
  if (found?.success && found.data.supportedVersions.includes(modernVersion)) {
    const { capabilities = {}, instructions, serverInfo, _meta } = found.data;
    return {
      ok: true,
      era: "modern",
      protocolVersion: modernVersion,
      serverInfo: describe(_meta?.["io.modelcontextprotocol/serverInfo"] ?? serverInfo),
      instructions: instructions ?? null,
      capabilities,
    };
  }
  link.era = "legacy";
  delete link.headers["mcp-protocol-version"];
  const refused = failureOf(reply);
  // Where nobody is at home or nobody is let in, asking in the old way would only take longer.
  const isFinal = ["upstream_unreachable", "upstream_address_refused", "upstream_unauthorized"].includes(refused.code);
  return { ok: false, isFinal, failure: refused };
}

function neverAnswered(startMs: number): string {
  const said = `The command runs, but did not answer \`initialize\` within ${startMs / 1_000} s.`;
  return `${said} If it had to be downloaded first, try again. STDIO_START_SECONDS sets how long is waited; what it wrote to stderr is in the gateway's log.`;
}

const initializedSchema = z.object({
  protocolVersion: z.string().max(32),
  capabilities: z.record(z.string(), z.unknown()).optional(),
  instructions: z.string().optional(),
  serverInfo: z.unknown().optional(),
});

export async function inspectLegacy(link: Link, version = legacyVersion, startMs?: number): Promise<InspectAnswer> {
  const params = { protocolVersion: version, capabilities: clientCapabilities, clientInfo };
  const reply = await link.request("initialize", params, startMs);
  if (startMs !== undefined && reply.kind === "trouble" && reply.trouble.code === "upstream_timed_out") {
    return failure("upstream_timed_out", neverAnswered(startMs));
  }
  const found = reply.kind === "message" ? initializedSchema.safeParse(reply.message.result) : null;
  if (reply.kind !== "message" || !found?.success) return failureOf(reply);
  const { protocolVersion, capabilities = {}, instructions, serverInfo } = found.data;
  const sessionId = reply.headers["mcp-session-id"];
  if (sessionId !== undefined) link.headers["mcp-session-id"] = sessionId;
  link.headers["mcp-protocol-version"] = protocolVersion;
  await link.notify("notifications/initialized");
  const answer = await listTools(link, {
    era: "legacy",
    protocolVersion,
    serverInfo: describe(serverInfo),
    instructions: instructions ?? null,
    capabilities,
  });
  if (sessionId !== undefined) await link.endSession();
  return answer;
}

const pageSchema = z.object({ tools: z.array(z.unknown()), nextCursor: z.string().optional() });

/** All pages of the list. An empty cursor is a cursor; one that comes again would never end. */
export async function listTools(link: Link, introduction: Introduction): Promise<InspectAnswer> {
  const definitions: string[] = [];
  const cursors = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < limits.pagesMax; page++) {
    const reply = await link.request("tools/list", cursor === undefined ? {} : { cursor });
    if (page === 0 && hasNoTools(introduction, reply)) return finish(link, introduction, []);
    const found = reply.kind === "message" ? pageSchema.safeParse(reply.message.result) : null;
    if (reply.kind !== "message" || !found?.success) return failureOf(reply);
    // From the text, not from what was parsed: a definition is kept and hashed as it was written.
    definitions.push(...elementTexts(reply.text, "result", "tools"));
    if (definitions.length > limits.toolsMax) {
      return failure("too_many_tools", `The server lists more than ${limits.toolsMax} tools.`);
    }
    cursor = found.data.nextCursor;
    if (cursor === undefined) return finish(link, introduction, definitions);
    if (cursors.has(cursor))
      return failure("upstream_failed", "The server's list of tools never ends: a page came twice.");
    cursors.add(cursor);
  }
  return failure("too_many_tools", `The server's list of tools has more than ${limits.pagesMax} pages.`);
}

function hasNoTools(introduction: Introduction, reply: Reply): boolean {
  const capabilities = introduction.capabilities as Record<string, unknown>;
  return capabilities.tools === undefined && reply.kind === "message" && reply.message.error?.code === -32601;
}

async function finish(link: Link, introduction: Introduction, definitions: string[]): Promise<Inspection> {
  const pins = await readPins(introduction, (method, params) => link.request(method, params));
  const { instructions } = introduction;
  return {
    ok: true,
    ...introduction,
    instructions: instructions && clean(instructions).slice(0, instructionsLengthMax),
    ...reviewTools(definitions),
    pins,
    skippedLines: link.skippedLines(),
  };
}

const instructionsLengthMax = 16_384;
const describedLengthMax = 200;

/** The few texts of `serverInfo` that anyone looks at, of a bearable length. */
function describe(serverInfo: unknown): unknown {
  if (typeof serverInfo !== "object" || serverInfo === null) return null;
  const texts = Object.entries(serverInfo).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string" && describedKeys.has(entry[0]),
  );
  return Object.fromEntries(texts.map(([key, text]) => [key, clean(text).slice(0, describedLengthMax)]));
}

const describedKeys = new Set(["name", "title", "version", "description", "websiteUrl"]);

/** The others are of calls under way, and pass. */
const ofInspecting: ReadonlySet<string> = new Set<InspectFailureCode>([
  "upstream_unreachable",
  "upstream_timed_out",
  "upstream_address_refused",
  "upstream_failed",
  "command_not_found",
  "command_exited",
  "stdio_refused",
]);

function isInspectFailure(code: string): code is InspectFailureCode {
  return ofInspecting.has(code);
}

/** Words of our own for every way in which a reply is not what was asked for. What the server wrote is not repeated. */
function failureOf(reply: Reply): InspectFailure {
  if (reply.kind === "trouble") {
    const { code, message } = reply.trouble;
    if (code === "upstream_too_large")
      return failure("too_many_tools", "The server's list of tools is larger than 16 MiB.");
    return failure(isInspectFailure(code) ? code : "upstream_failed", message);
  }
  const { status } = reply;
  if (status === 401 || status === 403) {
    return failure("upstream_unauthorized", `The server does not let us in (HTTP ${status}): check the headers.`);
  }
  if (status >= 500) return failure("upstream_failed", `The server failed (HTTP ${status}).`);
  if (reply.kind === "message" && reply.message.error) {
    return failure("upstream_failed", `The server answered with an error (${errorCode(reply.message)}).`);
  }
  return failure(
    "upstream_not_mcp",
    `What answers there speaks MCP neither over Streamable HTTP nor over the old HTTP+SSE transport (HTTP ${status}).`,
  );
}

function errorCode(message: RpcMessage): string {
  return Number.isInteger(message.error?.code) ? String(message.error?.code) : "no code";
}

export function failure(code: InspectFailureCode, message: string): InspectFailure {
  return { ok: false, code, message };
}
