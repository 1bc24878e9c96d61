// The loopback port beside the gateway: is it well, what did it count, and, for the web process alone, what does a server say of itself.
import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isAllowedHost, type Settings } from "../settings.ts";
import type { Log } from "./log.ts";
import { peerHeader, peerPath } from "./peers.ts";

export type AdminParts = {
  /** Why calls cannot be served now; empty when they can. */
  unreadyReasons(): string[];
  renderMetrics(): string;
  /** Connects to a server and lists its tools. @returns What the web process is answered as JSON. */
  inspect(body: unknown): Promise<object>;
  /** Lists the tools of a server that is not registered. The signal says that nobody waits for it any more. */
  harvest(body: unknown, signal: AbortSignal): Promise<object>;
  /** Reads one page of a registry of servers. */
  registry(body: unknown, signal: AbortSignal): Promise<object>;
  /** Counts what a freeze would take hold of. */
  brake(body: unknown): Promise<object>;
  /** Answers what another gateway has let in, and passed on to us. */
  peer(request: IncomingMessage, response: ServerResponse): void;
  internalToken: string;
};

/** An inspection names a command with its environment, or a URL with its headers. */
const bodyBytesMax = 1024 * 1024;

/** The caller makes it listen, on loopback only. */
export function createAdminServer(parts: AdminParts, settings: Pick<Settings, "allowedHosts">, log: Log): Server {
  const expected = Buffer.from(`Bearer ${parts.internalToken}`);
  return createServer({ requestTimeout: 30_000, maxHeaderSize: 48 * 1024 }, (request, response) => {
    answer(request, response, parts, expected, settings).catch((cause: unknown) => {
      log.error({ cause: cause instanceof Error ? cause.stack : String(cause) }, "an admin request failed");
      if (!response.headersSent)
        sendJson(response, 500, { ok: false, code: "upstream_failed", message: "The gateway failed." });
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  parts: AdminParts,
  expected: Buffer,
  settings: Pick<Settings, "allowedHosts">,
): Promise<void> {
  // A page in a browser of this machine can reach the port too.
  if (!isAllowedHost(settings, request.headers.host) || request.headers.origin !== undefined) {
    return sendJson(response, 403, { status: "forbidden" });
  }
  if (request.url?.startsWith(`${peerPath}/`)) {
    const token = request.headers[peerHeader];
    if (typeof token === "string" && isSame(Buffer.from(`Bearer ${token}`), expected))
      return parts.peer(request, response);
    return sendJson(response, 401, { status: "unauthorized" });
  }
  const route = `${request.method} ${request.url}`;
  if (route === "GET /healthz") return sendJson(response, 200, { status: "ok" });
  if (route === "GET /readyz") {
    const reasons = parts.unreadyReasons();
    return sendJson(response, reasons.length === 0 ? 200 : 503, { ready: reasons.length === 0, reasons });
  }
  if (route === "GET /metrics") {
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
    response.end(parts.renderMetrics());
    return;
  }
  const work = workOf(route, parts);
  if (!work) return sendJson(response, 404, { status: "not found" });
  if (!isSame(Buffer.from(request.headers.authorization ?? ""), expected)) {
    return sendJson(response, 401, { status: "unauthorized" });
  }
  const body = await readJson(request);
  if (body === undefined) return sendJson(response, 400, { status: "not JSON, or too long" });
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  sendJson(response, 200, await work(body, gone.signal));
}

/** What only the web process may ask. */
function workOf(route: string, parts: AdminParts): ((body: unknown, gone: AbortSignal) => Promise<object>) | null {
  if (route === "POST /internal/inspect") return parts.inspect;
  if (route === "POST /internal/harvest") return parts.harvest;
  if (route === "POST /internal/brake") return parts.brake;
  return route === "POST /internal/registry" ? parts.registry : null;
}

function isSame(given: Buffer, expected: Buffer): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bodyBytesMax) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as unknown;
  } catch {
    return undefined;
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}
