// What is said between one client and one run of a stdio server, or one connection to an old HTTP+SSE server: which answer
// belongs to which request, and where the rest goes.
import type { Log } from "../log.ts";
import { elementTexts } from "../raw-json.ts";
import type { Answer } from "./answer.ts";
import { type Backoff, exponentialBackoff } from "./backoff.ts";
import type { Program, ProgramEnd, ProgramHooks } from "./program.ts";
import type { Initialize } from "./session-id.ts";
import type { ExchangeRequest, UpstreamServer, UpstreamTrouble } from "./upstream.ts";

/** A JSON-RPC message as far as it is looked at here. */
export type Message = {
  id?: string | number | null;
  method?: string;
  params?: { _meta?: Record<string, unknown>; progressToken?: unknown } & Record<string, unknown>;
  result?: unknown;
  error?: { code?: unknown };
};

export type ConversationCounts = { skippedLines: number; droppedMessages: number; restarts: number };

export type ConversationOptions = {
  server: UpstreamServer;
  era: "legacy" | "modern";
  /** How the client began, when that was with an earlier process. */
  initialize: Initialize | null;
  answerTimeoutMs: number;
  /** Begins what is talked to: a program, or a connection that carries lines like one. */
  start(server: UpstreamServer, hooks: ProgramHooks): Program;
  counts: ConversationCounts;
  log: Log;
  /** Asked before each start: why not? */
  refusal(): UpstreamTrouble | null;
  onStart(): void;
  /** @param isHealthy whether it had answered anything. */
  onStop(isHealthy: boolean): void;
};

export type Conversation = {
  /** Sends a request; what comes back for it goes to `answer`. */
  request(message: Message, line: string, answer: Answer, extras: RequestExtras): void;
  /** Sends a notification or a response. Nothing is started for one. */
  tell(line: string): void;
  /** Opens the stream of what the server says by itself. @returns `false` when there is one already. */
  listen(answer: Answer): boolean;
  /** From now on, a new process is told how the client began. */
  remember(initialize: Initialize): void;
  isAwaiting(id: Message["id"]): boolean;
  readonly isRunning: boolean;
  /** When anything was said last; never while a client waits or listens. */
  readonly idleSince: number | null;
  end(): Promise<void>;
  /** Ends the process at once, for the last moment of our own. */
  kill(): void;
};

export type RequestExtras = {
  /** May add headers to the answer. */
  headersOf?: (reply: Message) => Record<string, string>;
  /** Asked again when the request had to wait before it could leave. */
  obstacle?: ExchangeRequest["obstacle"];
};

type Waiting = {
  answer: Answer;
  progressToken: string | null;
  isInitialize: boolean;
  timer: NodeJS.Timeout | undefined;
  headersOf: ((reply: Message) => Record<string, string>) | undefined;
};

const replayId = "policylayer-initialize-again";
const subscriptionKey = "io.modelcontextprotocol/subscriptionId";
const backlogMax = 256;
const abandonedMax = 10_000;
const backlogLengthMax = 1024 * 1024;
/** A process that ran this long was well, so the first restart after it is not held back longer than the shortest pause. */
const healthyAfterMs = 30_000;

export function openConversation(options: ConversationOptions): Conversation {
  const { server, era, counts, log } = options;
  const backoff: Backoff = exponentialBackoff();
  const pending = new Map<string, Waiting>();
  /** Ids whose client went away: an answer may still come, and must not be taken for another request's. */
  const abandoned = new Set<string>();
  let initialize = options.initialize;
  let program: Program | null = null;
  let startedAt = 0;
  let hasAnswered = false;
  let isEnding = false;
  /** Requests that wait until a new process knows how the client began. */
  let queue: (() => void)[] | null = null;
  let queueTimer: NodeJS.Timeout | undefined;
  let listener: Answer | null = null;
  let backlog: string[] = [];
  let backlogLength = 0;
  let usedAt = Date.now();

  function start(): UpstreamTrouble | null {
    if (program) return null;
    const waitMs = backoff.waitMs(Date.now());
    if (waitMs > 0) {
      const retryAfterS = Math.ceil(waitMs / 1_000);
      const message = `The server's process ended and is started again in ${retryAfterS} s.`;
      return { code: "upstream_restarting", message, sent: false, retryAfterS };
    }
    const refusal = options.refusal();
    if (refusal) return refusal;
    startedAt = Date.now();
    hasAnswered = false;
    isEnding = false;
    options.onStart();
    program = options.start(server, { onLine, onTooLong, onLost, onEnd });
    if (initialize) {
      queue = [];
      queueTimer = setTimeout(() => void program?.end(), options.answerTimeoutMs);
      program.write(JSON.stringify({ jsonrpc: "2.0", id: replayId, method: "initialize", params: initialize }));
    }
    return null;
  }

  /** The new process answered the repeated `initialize`: what waited goes on. */
  function replayed(reply: Message): void {
    clearTimeout(queueTimer);
    const waiting = queue ?? [];
    if (reply.error) {
      void program?.end();
      return;
    }
    queue = null;
    program?.write('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    for (const send of waiting) send();
  }

  function request(message: Message, line: string, answer: Answer, { headersOf, obstacle }: RequestExtras): void {
    usedAt = Date.now();
    const trouble = start();
    if (trouble) {
      answer.fail(trouble);
      return;
    }
    const key = JSON.stringify(message.id);
    const token = message.params?._meta?.progressToken;
    const waiting: Waiting = {
      answer,
      progressToken: token === undefined ? null : JSON.stringify(token),
      isInitialize: message.method === "initialize",
      timer: setTimeout(() => giveUp(key, timedOut), options.answerTimeoutMs),
      headersOf,
    };
    pending.set(key, waiting);
    answer.onGone(() => abandon(key, message.id));
    const hadToWait = queue !== null;
    send(() => {
      if (pending.get(key) !== waiting) return; // gave up while the process began
      const inTheWay = hadToWait ? (obstacle?.() ?? null) : null;
      if (inTheWay !== null) {
        giveUp(key, { code: inTheWay, message: "What allowed the call no longer holds.", sent: false });
        return;
      }
      if (!program?.write(line)) giveUp(key, notReading);
    });
  }

  function send(write: () => void): void {
    if (queue) queue.push(write);
    else write();
  }

  function giveUp(key: string, trouble: UpstreamTrouble): void {
    const waiting = settle(key);
    if (!waiting) return;
    leave(key);
    waiting.answer.fail(trouble);
  }

  /** The legacy eras let a call go on when its client leaves; in the modern one leaving is how a client cancels. */
  function abandon(key: string, id: Message["id"]): void {
    const waiting = settle(key);
    if (!waiting) return;
    leave(key);
    if (waiting.isInitialize) void end(); // nobody will ever know this session's id
    if (era !== "modern") return;
    const params = { requestId: id, reason: "the client went away" };
    program?.write(JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled", params }));
  }

  /** Many servers never answer a request that was cancelled, so the oldest are forgotten. */
  function leave(key: string): void {
    abandoned.add(key);
    for (const oldest of abandoned) {
      if (abandoned.size <= abandonedMax) return;
      abandoned.delete(oldest);
    }
  }

  function settle(key: string): Waiting | null {
    const waiting = pending.get(key);
    if (!waiting) return null;
    clearTimeout(waiting.timer);
    pending.delete(key);
    usedAt = Date.now();
    return waiting;
  }

  function onLine(line: string): void {
    const parsed = parse(line);
    if (Array.isArray(parsed)) {
      for (const text of elementTexts(line)) onMessage(parse(text), text);
    } else {
      onMessage(parsed, line);
    }
  }

  function onMessage(message: unknown, text: string): void {
    if (!isMessage(message)) {
      counts.skippedLines += 1;
      return;
    }
    if (message.method !== undefined) {
      route(message, text);
    } else if (queue && message.id === replayId) {
      replayed(message);
    } else {
      deliver(message, text);
    }
  }

  function deliver(reply: Message, text: string): void {
    const key = JSON.stringify(reply.id ?? null);
    const waiting = settle(key);
    if (!waiting) {
      // Too late, made up, or an error that answers nothing.
      abandoned.delete(key);
      counts.droppedMessages += 1;
      return;
    }
    hasAnswered = true;
    waiting.answer.finish(statusOf(reply), text, waiting.headersOf?.(reply));
  }

  /** HTTP tells some protocol errors of the modern era by its status as well. */
  function statusOf(reply: Message): number {
    if (era === "legacy" || !reply.error) return 200;
    const { code } = reply.error;
    if (code === -32601) return 404;
    return code === -32020 || code === -32021 || code === -32022 ? 400 : 200;
  }

  /** Where a message goes that the server sends by itself. */
  function route(message: Message, text: string): void {
    const waiting = addresseeOf(message);
    if (waiting) {
      clearTimeout(waiting.timer);
      waiting.answer.event(text);
    } else if (listener && !belongsToRequest(message)) {
      listener.event(text);
    } else if (era === "legacy" && !belongsToRequest(message)) {
      keep(text);
    } else {
      counts.droppedMessages += 1;
    }
  }

  function belongsToRequest(message: Message): boolean {
    return message.method === "notifications/progress" || message.params?._meta?.[subscriptionKey] !== undefined;
  }

  function addresseeOf(message: Message): Waiting | null {
    if (message.method === "notifications/progress") {
      const token = JSON.stringify(message.params?.progressToken);
      for (const waiting of pending.values()) if (waiting.progressToken === token) return waiting;
      return null;
    }
    const subscription = message.params?._meta?.[subscriptionKey];
    if (subscription !== undefined) return pending.get(JSON.stringify(subscription)) ?? null;
    // A question needs an answer, so without a stream of its own it goes to whoever is certainly there.
    const isQuestion = message.id !== undefined;
    if (listener || (era === "legacy" && !isQuestion)) return null;
    const only = pending.size === 1 ? [...pending.values()][0] : undefined;
    return only && !only.isInitialize ? only : null;
  }

  function keep(text: string): void {
    backlog.push(text);
    backlogLength += text.length;
    while (backlog.length > backlogMax || backlogLength > backlogLengthMax) {
      backlogLength -= backlog.shift()?.length ?? 0;
      counts.droppedMessages += 1;
    }
  }

  function onTooLong(): void {
    // Whose answer it was cannot be told, so nobody who waits may go on as if theirs could still come.
    for (const key of [...pending.keys()]) giveUp(key, tooLarge);
  }

  function onLost(line: string, trouble: UpstreamTrouble): void {
    const lost = parse(line);
    if (!isMessage(lost) || lost.method === undefined || lost.id === undefined) return;
    if (queue && lost.id === replayId) void program?.end();
    else giveUp(JSON.stringify(lost.id), trouble);
  }

  function onEnd(end: ProgramEnd): void {
    const lived = Date.now() - startedAt;
    const unsent = queue !== null || end.code === "command_not_found" || end.code === "upstream_unreachable";
    clearTimeout(queueTimer);
    queue = null;
    program = null;
    abandoned.clear();
    if (!isEnding) {
      if (lived >= healthyAfterMs) backoff.succeeded();
      backoff.failed(Date.now());
      counts.restarts += 1;
      log.warn({ server: server.id, code: end.code, lived, end: end.message }, "a server of a session ended by itself");
    }
    for (const key of [...pending.keys()]) settle(key)?.answer.fail({ ...end, sent: !unsent });
    options.onStop(isEnding || hasAnswered);
  }

  async function end(): Promise<void> {
    isEnding = true;
    listener?.end();
    listener = null;
    await program?.end();
  }

  return {
    request,
    tell(line) {
      usedAt = Date.now();
      if (program) send(() => program?.write(line));
    },
    listen(answer) {
      if (listener && !listener.isOver) return false;
      listener = answer;
      answer.onGone(() => {
        if (listener === answer) listener = null;
        usedAt = Date.now();
      });
      answer.stream();
      for (const text of backlog) answer.event(text);
      backlog = [];
      backlogLength = 0;
      return true;
    },
    remember(params) {
      initialize = params;
    },
    isAwaiting: (id) => pending.has(JSON.stringify(id)) || abandoned.has(JSON.stringify(id)),
    get isRunning() {
      return program !== null;
    },
    get idleSince() {
      return pending.size > 0 || listener ? null : usedAt;
    },
    end,
    kill: () => program?.kill(),
  };
}

const timedOut: UpstreamTrouble = {
  code: "upstream_timed_out",
  message: "The server took too long. The call may still take effect.",
  sent: true,
};
const notReading: UpstreamTrouble = {
  code: "upstream_failed",
  message: "The server's process does not read what it is sent.",
  sent: false,
};
const tooLarge: UpstreamTrouble = {
  code: "upstream_too_large",
  message: "The server's process wrote a line that is too long.",
  sent: true,
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isMessage(value: unknown): value is Message {
  if (typeof value !== "object" || value === null) return false;
  const { method, params, error } = value as Record<string, unknown>;
  return (
    (method === undefined || typeof method === "string") &&
    (params === undefined || (typeof params === "object" && params !== null)) &&
    (error === undefined || (typeof error === "object" && error !== null)) &&
    (method !== undefined || "result" in value || "error" in value)
  );
}
