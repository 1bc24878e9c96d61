// The least of an MCP client: one request at a time, the answer kept as the bytes it came in. An SDK would drop unknown fields of
// a tool, merge pages and lose a whole list over one odd entry, and what it drops nobody would ever review.
import { elementTexts } from "../raw-json.ts";
import { readSse } from "../sse.ts";
import type { Exchange, UpstreamServer, Upstreams, UpstreamTrouble } from "./upstream.ts";

export type RpcMessage = { id?: unknown; method?: unknown; result?: unknown; error?: { code?: unknown } };

export type Reply =
  /** A JSON-RPC answer to our request, with its exact text. */
  | { kind: "message"; status: number; headers: Record<string, string>; message: RpcMessage; text: string }
  /** HTTP, but no answer to our request in it. */
  | { kind: "other"; status: number; headers: Record<string, string> }
  | { kind: "trouble"; trouble: UpstreamTrouble };

export type Asking = {
  method: "POST" | "DELETE";
  headers: Record<string, string>;
  body?: object;
  timeoutMs: number;
  /** Told how many bytes came, so that a caller can cap them over several requests. @returns `false` to stop. */
  onBytes(length: number): boolean;
  /** Told of each request that the server makes meanwhile on the stream of its answer. */
  onQuestion(question: RpcMessage): void;
};

/** Sends one message and waits for what answers it. Never rejects. */
export function ask(upstreams: Upstreams, server: UpstreamServer, asking: Asking): Promise<Reply> {
  return new Promise((resolve) => {
    let status = 0;
    let headers: Record<string, string> = {};
    let events: ReturnType<typeof readSse> | null = null;
    const chunks: Buffer[] = [];
    const id = asking.body && "id" in asking.body ? asking.body.id : undefined;

    function settle(reply: Reply): void {
      clearTimeout(timer);
      exchange.cancel();
      resolve(reply);
    }

    function settleWith(text: string): boolean {
      const found = answerIn(text, id);
      if (found) settle({ kind: "message", status, headers, ...found });
      else if (events) hearQuestion(text);
      return found !== null;
    }

    function hearQuestion(text: string): void {
      const message = parse(text);
      if (typeof message !== "object" || message === null || !("id" in message && "method" in message)) return;
      asking.onQuestion(message);
    }

    const timer = setTimeout(() => settle({ kind: "trouble", trouble: tookTooLong }), asking.timeoutMs);
    const exchange: Exchange = upstreams.exchange(
      {
        server,
        grantId: "inspect",
        method: asking.method,
        headers: asking.headers,
        ...(asking.body && { body: Buffer.from(JSON.stringify(asking.body)) }),
      },
      {
        onHeaders(gotStatus, gotHeaders) {
          status = gotStatus;
          headers = gotHeaders;
          if (/^text\/event-stream\b/i.test(headers["content-type"] ?? "")) events = readSse(eventLengthMax);
        },
        onData(chunk) {
          if (!asking.onBytes(chunk.length)) {
            settle({ kind: "trouble", trouble: tooMuch });
            return;
          }
          if (!events) {
            chunks.push(chunk);
            return;
          }
          const read = events.push(chunk);
          if (!read) settle({ kind: "trouble", trouble: tooMuch });
          for (const { data } of read ?? []) if (data !== null && settleWith(data)) return;
        },
        onEnd() {
          if (!settleWith(Buffer.concat(chunks).toString("utf8"))) settle({ kind: "other", status, headers });
        },
        onTrouble: (trouble) => settle({ kind: "trouble", trouble }),
      },
    );
  });
}

const eventLengthMax = 16 * 1024 * 1024;
const tookTooLong: UpstreamTrouble = {
  code: "upstream_timed_out",
  message: "The server did not answer in time.",
  sent: true,
};
const tooMuch: UpstreamTrouble = {
  code: "upstream_too_large",
  message: "The server's answer is too large.",
  sent: true,
};

/** The answer to our request in a message or an array of messages. */
function answerIn(text: string, id: unknown): { message: RpcMessage; text: string } | null {
  if (id === undefined) return null;
  const parsed = parse(text);
  if (Array.isArray(parsed)) {
    const texts = elementTexts(text);
    return texts.map((element) => answerIn(element, id)).find((found) => found !== null) ?? null;
  }
  if (typeof parsed !== "object" || parsed === null || !("result" in parsed || "error" in parsed)) return null;
  const message = parsed as RpcMessage;
  // A server that could not read the request may answer it without its id.
  const isOurs =
    message.id === id || (message.error !== undefined && (message.id === null || message.id === undefined));
  return isOurs ? { message, text } : null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
