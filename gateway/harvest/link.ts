// MCP over the input and output of a program, for as long as it takes to ask what it is and which tools it has.
import type { Readable, Writable } from "node:stream";
import { answerTo, type Link, modernMeta } from "../introduce.ts";
import type { Reply, RpcMessage } from "../upstream/client.ts";
import { splitLines } from "../upstream/lines.ts";
import type { UpstreamTrouble } from "../upstream/upstream.ts";

const lineBytesMax = 16 * 1024 * 1024;
const bytesMax = 64 * 1024 * 1024;
/** Requests of the server's are answered, but not for ever. */
const questionsMax = 1_000;
const noiseLengthMax = 8_000;

export type ProgramLink = Link & {
  /** Anything it wrote that was a message. */
  hasSpoken(): boolean;
  /** The end of what it wrote that was no message: how it is used, say. */
  noise(): string;
  /** Whether it wrote more than is read. */
  isTooMuch(): boolean;
  /** What is asked later, or waits for an answer, is told this. */
  close(trouble: UpstreamTrouble): void;
};

export function linkTo(stdin: Writable, stdout: Readable, deadline: number): ProgramLink {
  const waiting = new Map<number, (reply: Reply) => void>();
  let ids = 0;
  let bytes = 0;
  let questions = 0;
  let skipped = 0;
  let spoken = false;
  let noise = "";
  let closed: UpstreamTrouble | null = null;

  function close(trouble: UpstreamTrouble): void {
    closed ??= trouble;
    for (const settle of waiting.values()) settle({ kind: "trouble", trouble: closed });
    waiting.clear();
  }

  function hear(line: string): void {
    const parsed = parse(line);
    for (const message of Array.isArray(parsed) ? parsed : [parsed]) {
      if (typeof message !== "object" || message === null || !("jsonrpc" in message)) skip(line);
      else hearMessage(message as RpcMessage, Array.isArray(parsed) ? JSON.stringify(message) : line);
    }
  }

  function skip(line: string): void {
    skipped += 1;
    noise = `${noise}\n${line.slice(0, noiseLengthMax)}`.slice(-noiseLengthMax);
  }

  function hearMessage(message: RpcMessage, text: string): void {
    spoken = true;
    if (message.method !== undefined) {
      questions += 1;
      if (message.id !== undefined && questions <= questionsMax) send(answerTo(message));
      return;
    }
    // One that could not read the request may answer it without its id, and some give it back as text.
    const isNameless = message.id === null || message.id === undefined;
    const id = isNameless && message.error !== undefined && waiting.size === 1 ? [...waiting.keys()][0] : message.id;
    const settle = waiting.get(Number(id));
    if (!settle) return;
    waiting.delete(Number(id));
    settle({ kind: "message", status: 200, headers: {}, message, text });
  }

  function send(message: object): void {
    if (stdin.writable) stdin.write(`${JSON.stringify(message)}\n`);
  }

  const onChunk = splitLines(lineBytesMax, hear, () => close(tooMuch));
  stdout.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (closed !== null) return;
    if (bytes > bytesMax) close(tooMuch);
    else onChunk(chunk);
  });

  const nothing: Reply = { kind: "other", status: 202, headers: {} };
  const link: ProgramLink = {
    era: "legacy",
    headers: {},
    request(method, params, timeoutMs = Number.POSITIVE_INFINITY) {
      if (closed !== null) return Promise.resolve({ kind: "trouble", trouble: closed });
      ids += 1;
      const id = ids;
      return new Promise((resolve) => {
        const wait = Math.max(1, Math.min(timeoutMs, deadline - Date.now()));
        const timer = setTimeout(() => {
          waiting.delete(id);
          resolve({ kind: "trouble", trouble: tookTooLong });
        }, wait);
        waiting.set(id, (reply) => {
          clearTimeout(timer);
          resolve(reply);
        });
        const isModern = link.era === "modern";
        send({ jsonrpc: "2.0", id, method, params: isModern ? { ...params, _meta: modernMeta } : params });
      });
    },
    async notify(method) {
      send({ jsonrpc: "2.0", method });
      return nothing;
    },
    endSession: async () => nothing,
    skippedLines: () => skipped,
    status: () => 0,
    hasSpoken: () => spoken,
    noise: () => noise,
    isTooMuch: () => closed === tooMuch,
    close,
  };
  return link;
}

const tooMuch: UpstreamTrouble = {
  code: "upstream_too_large",
  message: "The server wrote more than anyone reads.",
  sent: true,
};
const tookTooLong: UpstreamTrouble = {
  code: "upstream_timed_out",
  message: "The server did not answer in time.",
  sent: true,
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
