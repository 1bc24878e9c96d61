// Connects to a server that somebody wants to register or refresh, and says what it is and which tools it has.
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import {
  answerTo,
  discover,
  failure,
  type InspectAnswer,
  inspectLegacy,
  type Link,
  legacyVersion,
  listTools,
  modernMeta,
} from "./introduce.ts";
import type { Log } from "./log.ts";
import { ask } from "./upstream/client.ts";
import { type OpenedUpstreams, openUpstreams } from "./upstream/open-upstreams.ts";
import type { UpstreamServer, UpstreamSettings } from "./upstream/upstream.ts";

export type { InspectAnswer, Inspection } from "./introduce.ts";

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
  bytesMax: 16 * 1024 * 1024,
  httpMs: 60_000,
  /** A command may have to be downloaded first. */
  stdioMs: 120_000,
  stdioStartMs: 30_000,
  discoverMs: 10_000,
  atOnceMax: 4,
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
