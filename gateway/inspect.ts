// Connects to a server that somebody wants to register or refresh, and says what it is and which tools it has.
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { clean, type InspectedTool, type InspectFinding, reviewTools } from "./inspect-tools.ts";
import { type Pin, readPins } from "./inspect-words.ts";
import type { Log } from "./log.ts";
import { elementTexts } from "./raw-json.ts";
import { ask, type Reply, type RpcMessage } from "./upstream/client.ts";
import { type OpenedUpstreams, openUpstreams } from "./upstream/open-upstreams.ts";
import type { UpstreamServer, UpstreamSettings } from "./upstream/upstream.ts";

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

const targetSchema = z.discriminatedUnion("transport", [
  z.object({ transport: z.literal("http"), url: z.string(), headers: z.record(z.string(), z.string()).optional() }),
  z.object({
    transport: z.literal("stdio"),
    command: z.string(),
    args: z.array(z.string()),
    env: z.record(z.string(), z.string()).optional(),
  }),
]);

const limits = {
  toolsMax: 5_000,
  pagesMax: 200,
  bytesMax: 16 * 1024 * 1024,
  httpMs: 60_000,
  /** A command may have to be downloaded first. */
  stdioMs: 120_000,
  stdioStartMs: 30_000,
  discoverMs: 10_000,
  atOnceMax: 4,
};

const modernVersion = "2026-07-28";
const legacyVersion = "2025-11-25";
const clientInfo = { name: "PolicyLayer", version: "0.1.0" };
/** All that a client can offer: a tool that asks back is listed only to those who could answer, and an agent may be one. */
const clientCapabilities = {
  roots: { listChanged: true },
  sampling: { context: {}, tools: {} },
  elicitation: { form: {}, url: {} },
  tasks: { list: {}, cancel: {}, requests: { sampling: { createMessage: {} }, elicitation: { create: {} } } },
};

/** The function behind `POST /internal/inspect`. Never rejects; a message never holds a header's or a variable's value. */
export function createInspector(settings: UpstreamSettings, log: Log): (body: unknown) => Promise<InspectAnswer> {
  let underWay = 0;
  return async (body) => {
    const target = targetSchema.safeParse(body);
    if (!target.success) return failure("upstream_failed", "The request to inspect a server cannot be read.");
    if (underWay >= limits.atOnceMax)
      return failure("upstream_failed", "Other servers are being looked at. Try again.");
    underWay += 1;
    const { transport } = target.data;
    // Apart from the calls under way, so that nothing of them is ended here and nothing of this by them.
    const server: UpstreamServer = { id: `inspect-${randomUUID()}`, organisationId: "", era: null, ...target.data };
    const deadline = Date.now() + (transport === "http" ? limits.httpMs : limits.stdioMs);
    try {
      return transport === "http"
        ? await inspectHttp(settings, log, server, deadline)
        : await inspectCommand(settings, log, server, deadline);
    } catch (cause) {
      log.error({ cause }, "inspecting a server failed");
      return failure("upstream_failed", "The gateway failed while it looked at the server.");
    } finally {
      underWay -= 1;
      if (transport === "stdio") await rm(join(settings.dataDir, "stdio", server.id), { recursive: true, force: true });
    }
  };
}

/** Asks in the newest way first: a server that does not know it says so at once. */
async function inspectHttp(
  settings: UpstreamSettings,
  log: Log,
  server: UpstreamServer,
  deadline: number,
): Promise<InspectAnswer> {
  return withUpstreams(settings, log, async (upstreams) => {
    const link = openLink(upstreams, server, deadline);
    const modern = await discover(link, limits.discoverMs);
    if (modern.ok) return listTools(link, modern);
    if (modern.isFinal) return modern.failure;
    const legacy = await inspectLegacy(link);
    if (legacy.ok || !oldSseStatuses.has(link.status())) return legacy;
    // What clients do too: a server that takes no POST there may have the transport of 2024-11-05.
    const old = await inspectLegacy(openLink(upstreams, { ...server, era: "sse" }, deadline), "2024-11-05");
    if (old.ok) return { ...old, era: "sse" };
    return old.code === "upstream_address_refused" ? old : legacy;
  });
}

const oldSseStatuses: ReadonlySet<number> = new Set([400, 404, 405]);

/**
 * Asks in the old way first: a command that does not know `server/discover` may say nothing at all, and only after it has
 * answered once is it known how long to wait. Processes of the two ways never run side by side.
 */
async function inspectCommand(
  settings: UpstreamSettings,
  log: Log,
  server: UpstreamServer,
  deadline: number,
): Promise<InspectAnswer> {
  const began = Date.now();
  const legacy = await withUpstreams(settings, log, (upstreams) =>
    inspectLegacy(openLink(upstreams, server, deadline), legacyVersion, settings.stdioStartMs ?? limits.stdioStartMs),
  );
  const hasStarted = legacy.ok || legacy.code === "upstream_failed" || legacy.code === "upstream_timed_out";
  if (!hasStarted || Date.now() >= deadline) return legacy;
  const patienceMs = legacy.ok
    ? Math.min(15_000, Math.max(3_000, 2 * (Date.now() - began)))
    : Math.min(limits.discoverMs, settings.stdioStartMs ?? limits.stdioStartMs);
  const modern = await withUpstreams(settings, log, async (upstreams) => {
    const link = openLink(upstreams, server, deadline);
    const found = await discover(link, patienceMs);
    return found.ok ? listTools(link, found) : null;
  });
  return modern?.ok ? modern : legacy;
}

async function withUpstreams<T>(
  settings: UpstreamSettings,
  log: Log,
  work: (upstreams: OpenedUpstreams) => Promise<T>,
): Promise<T> {
  const upstreams = openUpstreams(settings, log);
  try {
    return await work(upstreams);
  } finally {
    await upstreams.close();
  }
}

/** One server, our place in talking to it, and what may still be spent on it. */
type Link = {
  era: "legacy" | "modern";
  headers: Record<string, string>;
  request(method: string, params: object, timeoutMs?: number): Promise<Reply>;
  notify(method: string): Promise<Reply>;
  endSession(): Promise<Reply>;
  skippedLines(): number;
  /** Of the last answer over HTTP; 0 when there was none. */
  status(): number;
};

function openLink(upstreams: OpenedUpstreams, server: UpstreamServer, deadline: number): Link {
  let ids = 0;
  let bytesLeft = limits.bytesMax;
  let status = 0;
  const send = async (method: "POST" | "DELETE", headers: object, body: object | undefined, timeoutMs: number) => {
    const reply = await ask(upstreams, server, {
      method,
      headers: { ...link.headers, ...headers },
      ...(body && { body }),
      timeoutMs: Math.max(1, Math.min(timeoutMs, deadline - Date.now())),
      onBytes(length) {
        bytesLeft -= length;
        return bytesLeft >= 0;
      },
      onQuestion: (question) => void send("POST", {}, answerTo(question), 5_000),
    });
    status = reply.kind === "trouble" ? 0 : reply.status;
    return reply;
  };
  const link: Link = {
    era: "legacy",
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
    request(method, params, timeoutMs = Number.POSITIVE_INFINITY) {
      const isModern = link.era === "modern";
      const body = { jsonrpc: "2.0", id: ++ids, method, params: isModern ? { ...params, _meta: modernMeta } : params };
      return send("POST", isModern ? { "mcp-method": method } : {}, body, timeoutMs);
    },
    notify: (method) => send("POST", {}, { jsonrpc: "2.0", method }, 5_000),
    endSession: () => send("DELETE", {}, undefined, 2_000),
    skippedLines: () => upstreams.counts(server.id).skippedLines,
    status: () => status,
  };
  return link;
}

/** A server may ask before it lists: we are there, we have no roots, and nobody here can be asked anything else. */
function answerTo({ id, method }: RpcMessage): object {
  if (method === "ping") return { jsonrpc: "2.0", id, result: {} };
  if (method === "roots/list") return { jsonrpc: "2.0", id, result: { roots: [] } };
  return { jsonrpc: "2.0", id, error: { code: -32601, message: "Method not found" } };
}

const modernMeta = {
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

async function discover(
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

async function inspectLegacy(link: Link, version = legacyVersion, startMs?: number): Promise<InspectAnswer> {
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
async function listTools(link: Link, introduction: Introduction): Promise<InspectAnswer> {
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

function failure(code: InspectFailureCode, message: string): InspectFailure {
  return { ok: false, code, message };
}
