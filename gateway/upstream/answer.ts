// The answer to one exchange with a stdio server, as Streamable HTTP would give it: one JSON body, or an event stream.
import type { Exchange, ExchangeHandler, UpstreamTrouble } from "./upstream.ts";

export type Answer = {
  /** The whole answer at once. When a stream has begun, the text becomes its last event. */
  finish(status: number, text: string | null, headers?: Record<string, string>): void;
  /** Begins an event stream, once. */
  stream(): void;
  /** One more event; begins the stream. */
  event(text: string): void;
  end(): void;
  fail(trouble: UpstreamTrouble): void;
  /** The client went away before the answer was whole. */
  onGone(listener: () => void): void;
  readonly isOver: boolean;
};

const heldBytesMax = 8 * 1024 * 1024;

/**
 * @returns the answer to write, and the exchange that its reader steers. What is written while the reader pauses is held, up
 *   to 8 MiB; nothing is told to the handler before the current tick's code has run.
 */
export function openAnswer(handler: ExchangeHandler): { answer: Answer; exchange: Exchange } {
  let held: (() => void)[] = [];
  let heldBytes = 0;
  let isPaused = true;
  let isStream = false;
  let isOver = false;
  let isCancelled = false;
  let onGone: () => void = () => {};
  queueMicrotask(resume);

  function tell(word: () => void, bytes = 0): void {
    if (isCancelled) return;
    if (!isPaused) {
      word();
      return;
    }
    held.push(word);
    heldBytes += bytes;
    if (heldBytes <= heldBytesMax) return;
    isOver = true;
    isCancelled = true;
    held = [];
    onGone();
    handler.onTrouble({ code: "upstream_too_large", message: "The client reads too slowly.", sent: true });
  }

  function resume(): void {
    isPaused = false;
    heldBytes = 0;
    while (!isPaused && !isCancelled) {
      const word = held.shift();
      if (!word) return;
      word();
    }
  }

  function data(text: string): void {
    const chunk = Buffer.from(text);
    tell(() => handler.onData(chunk), chunk.length);
  }

  function begin(status: number, headers: Record<string, string>): void {
    tell(() => handler.onHeaders(status, headers));
  }

  const answer: Answer = {
    finish(status, text, headers = {}) {
      if (isOver) return;
      if (isStream) {
        if (text !== null) answer.event(text);
        answer.end();
        return;
      }
      isOver = true;
      begin(status, text === null ? headers : { ...headers, "content-type": "application/json" });
      if (text !== null) data(text);
      tell(() => handler.onEnd());
    },
    stream() {
      if (isOver || isStream) return;
      isStream = true;
      begin(200, { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform" });
    },
    event(text) {
      if (isOver) return;
      answer.stream();
      // A carriage return between two tokens is white space in JSON, but the end of a line in an event stream.
      data(`event: message\ndata: ${text.replaceAll("\r", " ")}\n\n`);
    },
    end() {
      if (isOver) return;
      isOver = true;
      tell(() => handler.onEnd());
    },
    fail(trouble) {
      if (isOver) return;
      isOver = true;
      tell(() => handler.onTrouble(trouble));
    },
    onGone(listener) {
      onGone = listener;
    },
    get isOver() {
      return isOver;
    },
  };
  const exchange: Exchange = {
    cancel() {
      if (isCancelled) return;
      isCancelled = true;
      held = [];
      if (isOver) return;
      isOver = true;
      onGone();
    },
    pause() {
      isPaused = true;
    },
    resume,
  };
  return { answer, exchange };
}
