// A command presented as a Streamable HTTP server: `initialize` starts a process for the session, later requests speak to it.
import type { Log } from "../log.ts";
import { type Answer, openAnswer } from "./answer.ts";
import { type Backoff, exponentialBackoff } from "./backoff.ts";
import { type Conversation, type ConversationCounts, type Message, openConversation } from "./conversation.ts";
import type { Apartness } from "./launch.ts";
import { endLeftovers } from "./leftovers.ts";
import {
  type Program,
  type ProgramHooks,
  type ProgramLimits,
  type ProgramPlace,
  programLimits,
  startProgram,
} from "./program.ts";
import { type Initialize, mintSessionId, readSessionId } from "./session-id.ts";
import type {
  Exchange,
  ExchangeHandler,
  ExchangeRequest,
  UpstreamServer,
  UpstreamSettings,
  UpstreamTrouble,
} from "./upstream.ts";

export type StdioLimits = {
  answerTimeoutMs: number;
  idleMs: number;
  processesMax: number;
  processesPerServerMax: number;
  program: ProgramLimits;
  /** What is asked of the machine; found out when left out. */
  apartness?: Apartness;
};

export const stdioLimits: StdioLimits = {
  answerTimeoutMs: 120_000,
  idleMs: 10 * 60_000,
  processesMax: 100,
  processesPerServerMax: 20,
  program: programLimits,
};

export type StdioUpstreams = {
  exchange(request: ExchangeRequest, handler: ExchangeHandler): Exchange;
  retain(servers: ReadonlyMap<string, UpstreamServer>): void;
  close(): Promise<void>;
  counts(serverId: string): ConversationCounts;
  /** Of all servers, those that are gone too. */
  totals(): ConversationCounts;
  readonly processes: number;
};

/** Everything that runs for one registered server. */
type Host = {
  server: UpstreamServer;
  fingerprint: string;
  /** Legacy: one process for each session. */
  sessions: Map<string, Conversation>;
  /** Modern: one process for each grant, and more only where clients of one grant use the same request id at once. */
  lanes: Map<string, Conversation[]>;
  /** Holds back a command that ends before it says anything, whoever asks for it. */
  startup: Backoff;
  running: number;
  counts: ConversationCounts;
};

const noCounts: Readonly<ConversationCounts> = { skippedLines: 0, droppedMessages: 0, restarts: 0 };
const endedIdsMax = 10_000;
/** A process may be ended for another's sake when nobody has used it for this long. */
const evictableAfterMs = 60_000;
const versionKey = "io.modelcontextprotocol/protocolVersion";

export function openStdioUpstreams(
  settings: Pick<UpstreamSettings, "hosted" | "allowStdio" | "dataDir" | "stdioUser">,
  log: Log,
  limits: StdioLimits = stdioLimits,
): StdioUpstreams {
  const place: ProgramPlace = { dataDir: settings.dataDir, user: settings.stdioUser ?? null, log };
  if (limits.apartness) place.apartness = limits.apartness;
  const leftovers = endLeftovers(settings.dataDir);
  if (leftovers > 0) log.warn({ leftovers }, "ended programs that an earlier gateway had left behind");
  const commands: SessionCarrier = {
    name: "processes",
    serves: ({ transport }) => transport === "stdio",
    refusal: () =>
      settings.hosted && !settings.allowStdio ? trouble("stdio_refused", "This gateway does not run commands.") : null,
    start: (server, hooks) => startProgram(server, place, hooks, limits.program),
  };
  return openSessionUpstreams(commands, log, limits);
}

/** What sessions run on, one of them for each: a process, or a connection that carries lines like one. */
export type SessionCarrier = {
  name: "processes" | "connections";
  serves(server: UpstreamServer): boolean;
  /** Why none may be begun at all. */
  refusal(): UpstreamTrouble | null;
  start(server: UpstreamServer, hooks: ProgramHooks): Program;
};

/** Sessions of Streamable HTTP in front of servers that have none, each on a carrier of its own. */
export function openSessionUpstreams(carrier: SessionCarrier, log: Log, limits: StdioLimits): StdioUpstreams {
  const hosts = new Map<string, Host>();
  /** Sessions that their client ended: their ids describe them, so they have to be remembered. */
  const endedIds = new Set<string>();
  /** What was counted of servers that are gone. */
  let past = noCounts;
  let running = 0;
  let isClosed = false;
  const sweep = setInterval(endIdle, Math.min(30_000, limits.idleMs));
  sweep.unref();
  const killAll = () => {
    for (const conversation of everyone()) conversation.kill();
  };
  process.on("exit", killAll);

  function* conversationsOf(host: Host): Generator<Conversation> {
    yield* host.sessions.values();
    for (const lane of host.lanes.values()) yield* lane;
  }

  function* everyone(): Generator<Conversation> {
    for (const host of hosts.values()) yield* conversationsOf(host);
  }

  function hostOf(server: UpstreamServer): Host {
    const fingerprint = fingerprintOf(server);
    const known = hosts.get(server.id);
    if (known?.fingerprint === fingerprint) return known;
    if (known) void closeHost(known);
    const counts = { ...noCounts };
    const startup = exponentialBackoff();
    const host: Host = { server, fingerprint, sessions: new Map(), lanes: new Map(), startup, running: 0, counts };
    hosts.set(server.id, host);
    return host;
  }

  async function closeHost(host: Host): Promise<void> {
    hosts.delete(host.server.id);
    past = sum(past, host.counts);
    await Promise.all([...conversationsOf(host)].map((conversation) => conversation.end()));
  }

  function converse(host: Host, era: "legacy" | "modern", initialize: Initialize | null): Conversation {
    return openConversation({
      server: host.server,
      era,
      initialize,
      answerTimeoutMs: limits.answerTimeoutMs,
      start: carrier.start,
      counts: host.counts,
      log,
      refusal: () => whyNotStart(host),
      onStart() {
        host.running += 1;
        running += 1;
      },
      onStop(isHealthy) {
        host.running -= 1;
        running -= 1;
        if (isHealthy) host.startup.succeeded();
        else host.startup.failed(Date.now());
      },
    });
  }

  function whyNotStart(host: Host): UpstreamTrouble | null {
    const waitMs = host.startup.waitMs(Date.now());
    if (waitMs > 0) {
      const retryAfterS = Math.ceil(waitMs / 1_000);
      const message = `The server's command ended at once and is tried again in ${retryAfterS} s.`;
      return { ...trouble("upstream_restarting", message), retryAfterS };
    }
    if (host.running >= limits.processesPerServerMax && !endLongestIdle(conversationsOf(host))) {
      const message = `The server already has ${host.running} ${carrier.name}, one for each session, and all are in use.`;
      return { ...trouble("upstream_full", message), retryAfterS: evictableAfterMs / 1_000 };
    }
    if (running >= limits.processesMax && !endLongestIdle(everyone())) {
      const message = `This gateway already has ${running} ${carrier.name}, and all are in use.`;
      return { ...trouble("upstream_full", message), retryAfterS: evictableAfterMs / 1_000 };
    }
    return null;
  }

  /** A session goes on with a new process when its client comes back. */
  function endLongestIdle(conversations: Iterable<Conversation>): boolean {
    let longest: Conversation | null = null;
    let since = Date.now() - evictableAfterMs;
    for (const conversation of conversations) {
      if (!conversation.isRunning || conversation.idleSince === null || conversation.idleSince > since) continue;
      longest = conversation;
      since = conversation.idleSince;
    }
    void longest?.end();
    return longest !== null;
  }

  function endIdle(): void {
    const before = Date.now() - limits.idleMs;
    const isIdle = ({ idleSince }: Conversation) => idleSince !== null && idleSince <= before;
    for (const host of hosts.values()) {
      for (const [id, conversation] of host.sessions) {
        if (!isIdle(conversation)) continue;
        host.sessions.delete(id);
        void conversation.end();
      }
      for (const [grantId, lane] of host.lanes) {
        const kept = lane.filter((conversation) => !isIdle(conversation));
        for (const conversation of lane) if (!kept.includes(conversation)) void conversation.end();
        if (kept.length > 0) host.lanes.set(grantId, kept);
        else host.lanes.delete(grantId);
      }
    }
  }

  function answerRequest(request: ExchangeRequest, answer: Answer): void {
    const refusal = carrier.refusal();
    if (refusal) {
      answer.fail(refusal);
      return;
    }
    if (isClosed) {
      answer.fail(trouble("upstream_failed", "The gateway is stopping."));
      return;
    }
    const host = hostOf(request.server);
    const sessionId = request.headers["mcp-session-id"];
    if (request.method === "POST") post(host, request, sessionId, answer);
    else if (sessionId === undefined) refuse(answer, 405, null, -32000, "There is no stream without a session.");
    else if (request.method === "GET") listen(host, sessionId, answer);
    else endSession(host, sessionId, answer);
  }

  function post(host: Host, request: ExchangeRequest, sessionId: string | undefined, answer: Answer): void {
    const text = request.body?.toString("utf8") ?? "";
    const message = readMessage(text);
    if (!message) {
      refuse(answer, 400, null, -32600, "Not a JSON-RPC message.");
      return;
    }
    // Between tokens a line break is white space, and inside a string it cannot be.
    const line = text.replace(/[\r\n]+/g, " ");
    const isModern = typeof message.params?._meta?.[versionKey] === "string";
    if (isModern) postModern(host, request, message, line, answer);
    else if (sessionId !== undefined) postToSession(host, sessionId, message, line, answer, request.obstacle);
    else if (message.method === "initialize" && message.id !== undefined) begin(host, message, line, answer);
    else refuse(answer, 400, message.id ?? null, -32000, "Bad Request: a session is needed, begin with initialize.");
  }

  function begin(host: Host, message: Message, line: string, answer: Answer): void {
    const conversation = converse(host, "legacy", null);
    const params: Initialize = message.params ?? {};
    const id = mintSessionId(params);
    // In the map at once, so that it is ended with the rest; nobody knows its id yet.
    host.sessions.set(id, conversation);
    const headersOf = (reply: Message): Record<string, string> => {
      if (reply.error) {
        host.sessions.delete(id);
        void conversation.end();
        return {};
      }
      conversation.remember(readSessionId(id) ?? params);
      return { "mcp-session-id": id };
    };
    conversation.request(message, line, answer, { headersOf });
    // It was not started, and nobody will ever ask for it.
    if (answer.isOver) host.sessions.delete(id);
  }

  function postToSession(
    host: Host,
    sessionId: string,
    message: Message,
    line: string,
    answer: Answer,
    obstacle: ExchangeRequest["obstacle"],
  ): void {
    const conversation = sessionOf(host, sessionId);
    if (!conversation) refuse(answer, 404, message.id ?? null, -32001, "Session not found");
    else say(conversation, message, line, answer, obstacle);
  }

  function postModern(host: Host, request: ExchangeRequest, message: Message, line: string, answer: Answer): void {
    const { grantId, obstacle } = request;
    if (host.server.era === "legacy" || host.server.era === "sse") {
      refuse(
        answer,
        400,
        message.id ?? null,
        -32000,
        "Bad Request: this server speaks earlier protocol versions only.",
      );
      return;
    }
    const lane = host.lanes.get(grantId) ?? [];
    host.lanes.set(grantId, lane);
    let conversation = lane.find((candidate) => !candidate.isAwaiting(message.id));
    if (!conversation) {
      conversation = converse(host, "modern", null);
      lane.push(conversation);
    }
    say(conversation, message, line, answer, obstacle);
  }

  function say(
    conversation: Conversation,
    message: Message,
    line: string,
    answer: Answer,
    obstacle: ExchangeRequest["obstacle"],
  ): void {
    if (message.method === undefined || message.id === undefined) {
      conversation.tell(line);
      answer.finish(202, null);
    } else if (conversation.isAwaiting(message.id)) {
      refuse(answer, 400, message.id, -32600, "Invalid Request: this id is already in use.");
    } else {
      conversation.request(message, line, answer, { obstacle });
    }
  }

  function listen(host: Host, sessionId: string, answer: Answer): void {
    const conversation = sessionOf(host, sessionId);
    if (!conversation) refuse(answer, 404, null, -32001, "Session not found");
    else if (!conversation.listen(answer))
      refuse(answer, 409, null, -32000, "Conflict: the session has a stream already.");
  }

  function endSession(host: Host, sessionId: string, answer: Answer): void {
    const conversation = sessionOf(host, sessionId);
    if (!conversation) {
      refuse(answer, 404, null, -32001, "Session not found");
      return;
    }
    host.sessions.delete(sessionId);
    endedIds.add(sessionId);
    for (const oldest of endedIds) {
      if (endedIds.size <= endedIdsMax) break;
      endedIds.delete(oldest);
    }
    void conversation.end();
    answer.finish(200, null);
  }

  function sessionOf(host: Host, sessionId: string): Conversation | null {
    const known = host.sessions.get(sessionId);
    if (known) return known;
    const initialize = endedIds.has(sessionId) ? null : readSessionId(sessionId);
    if (!initialize) return null;
    const conversation = converse(host, "legacy", initialize);
    host.sessions.set(sessionId, conversation);
    return conversation;
  }

  return {
    exchange(request, handler) {
      const { answer, exchange } = openAnswer(handler);
      answerRequest(request, answer);
      return exchange;
    },
    retain(servers) {
      for (const host of [...hosts.values()]) {
        const server = servers.get(host.server.id);
        if (!server || !carrier.serves(server) || fingerprintOf(server) !== host.fingerprint) void closeHost(host);
      }
    },
    async close() {
      isClosed = true;
      clearInterval(sweep);
      await Promise.all([...hosts.values()].map(closeHost));
      process.off("exit", killAll);
    },
    counts: (serverId) => hosts.get(serverId)?.counts ?? noCounts,
    totals: () => [...hosts.values()].reduce((total, host) => sum(total, host.counts), past),
    get processes() {
      return running;
    },
  };
}

function sum(a: ConversationCounts, b: ConversationCounts): ConversationCounts {
  return {
    skippedLines: a.skippedLines + b.skippedLines,
    droppedMessages: a.droppedMessages + b.droppedMessages,
    restarts: a.restarts + b.restarts,
  };
}

/** The era may be learnt while a server runs: that alone ends no process. */
function fingerprintOf({ command, args, env, url, headers }: UpstreamServer): string {
  return JSON.stringify([command, args, env, url, headers]);
}

function readMessage(text: string): Message | null {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === "object" && message !== null && !Array.isArray(message) ? message : null;
  } catch {
    return null;
  }
}

function refuse(answer: Answer, status: number, id: Message["id"], code: number, message: string): void {
  answer.finish(status, JSON.stringify({ jsonrpc: "2.0", id: id ?? null, error: { code, message } }));
}

function trouble(code: UpstreamTrouble["code"], message: string): UpstreamTrouble {
  return { code, message, sent: false };
}
