// The load generator: a process of its own that sends one request over and over on connections that stay open. Written on bare
// sockets, so that it costs less than what it measures.
import { connect, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import * as z from "zod";
import { Latencies, type Summary } from "./latencies.ts";

const orderSchema = z.object({
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  /** `Mcp-Session-Id` of each connection in turn: in one session an id may be used once at a time. */
  sessions: z.array(z.string()),
  body: z.string(),
  connections: z.number().int().positive(),
  ms: z.number().positive(),
  /** Calls a second, evenly spread; null: each connection sends its next call when the last is answered. */
  rate: z.number().positive().nullable(),
});

export type LoadOrder = z.infer<typeof orderSchema>;

export type LoadReport = {
  /** Answered with a result. */
  answered: number;
  /** Answered otherwise, or not at all. */
  failed: number;
  /** What the first of those said. */
  firstFailure: string | null;
  seconds: number;
  latency: Summary;
};

type Sending = { startedAt: number };

/** One connection with at most one request under way. */
class Line {
  private readonly socket: Socket;
  private readonly request: Buffer;
  private readonly onAnswer: (line: Line, isResult: boolean, text: () => string) => void;
  private sending: Sending | null = null;
  private parts: Buffer[] = [];
  private received = 0;
  /** Bytes of the whole answer; Infinity while a chunked one has not ended; 0 while its head is not whole. */
  private expected = 0;

  constructor(socket: Socket, request: Buffer, onAnswer: Line["onAnswer"]) {
    this.socket = socket;
    this.request = request;
    this.onAnswer = onAnswer;
    socket.setNoDelay(true);
    socket.on("data", (data) => this.read(data));
    socket.on("error", () => this.lost());
    socket.on("close", () => this.lost());
  }

  get isFree(): boolean {
    return this.sending === null && !this.socket.destroyed;
  }

  get startedAt(): number {
    return this.sending?.startedAt ?? 0;
  }

  send(startedAt: number): void {
    this.sending = { startedAt };
    this.parts = [];
    this.received = 0;
    this.expected = 0;
    this.socket.write(this.request);
  }

  close(): void {
    this.sending = null;
    this.socket.destroy();
  }

  private lost(): void {
    if (this.sending === null) return;
    this.onAnswer(this, false, () => "the connection was closed");
    this.sending = null;
  }

  private read(data: Buffer): void {
    if (this.sending === null) return;
    this.parts.push(data);
    this.received += data.length;
    if (this.expected === 0) this.readHead();
    const isWhole =
      this.expected === Number.POSITIVE_INFINITY
        ? data.subarray(-5).equals(lastChunk) || (data.length < 5 && this.text().endsWith("0\r\n\r\n"))
        : this.expected > 0 && this.received >= this.expected;
    if (!isWhole) return;
    const text = () => this.text();
    const first = this.parts[0] ?? data;
    const isResult = first.indexOf("HTTP/1.1 200") === 0 && this.holds('"result"') && !this.holds('"isError":true');
    this.onAnswer(this, isResult, text);
  }

  private holds(mark: string): boolean {
    return this.parts.some((part) => part.includes(mark));
  }

  private readHead(): void {
    const head = this.parts.length === 1 ? (this.parts[0] ?? Buffer.alloc(0)) : Buffer.concat(this.parts);
    const end = head.indexOf("\r\n\r\n");
    if (end === -1) return;
    const lengthOf = /\r\ncontent-length: *(\d+)/i.exec(head.toString("latin1", 0, end + 2));
    this.expected = lengthOf ? end + 4 + Number(lengthOf[1]) : Number.POSITIVE_INFINITY;
  }

  private text(): string {
    return Buffer.concat(this.parts).toString("utf8");
  }

  answered(): void {
    this.sending = null;
  }
}

const lastChunk = Buffer.from("0\r\n\r\n");

async function carryOut(order: LoadOrder): Promise<LoadReport> {
  const requests = order.sessions.length === 0 ? [requestOf(order)] : order.sessions.map((id) => requestOf(order, id));
  const { hostname, port } = new URL(order.url);
  const latencies = new Latencies();
  const lines: Line[] = [];
  let answered = 0;
  let failed = 0;
  let firstFailure: string | null = null;
  let isOver = false;
  /** Due, and no connection is free: the wait counts. */
  const queue: number[] = [];
  let wake: (() => void) | null = null;

  const onAnswer: Line["onAnswer"] = (line, isResult, text) => {
    if (isResult) {
      answered += 1;
      latencies.record(performance.now() - line.startedAt);
    } else {
      failed += 1;
      firstFailure ??= text().slice(0, 500);
    }
    line.answered();
    if (isOver) return void wake?.();
    if (order.rate === null) {
      if (isResult) line.send(performance.now());
    } else {
      const due = queue.shift();
      if (due !== undefined && line.isFree) line.send(due);
    }
  };
  for (let n = 0; n < order.connections; n++) {
    const socket = connect(Number(port), hostname);
    await new Promise<void>((opened, failedToOpen) => socket.once("connect", opened).once("error", failedToOpen));
    lines.push(new Line(socket, requests[n % requests.length] ?? Buffer.alloc(0), onAnswer));
  }

  const from = performance.now();
  if (order.rate === null) for (const line of lines) line.send(performance.now());
  else await sendEvenly(order.rate, order.ms, lines, queue);
  const left = order.ms - (performance.now() - from);
  if (left > 0) await new Promise((done) => setTimeout(done, left));
  isOver = true;
  const seconds = (performance.now() - from) / 1_000;
  const [inTime, late] = [answered, performance.now() + 2_000];
  while (lines.some((line) => line.startedAt > 0) && performance.now() < late) {
    await new Promise<void>((done) => {
      wake = done;
      setTimeout(done, 50);
    });
  }
  for (const line of lines) line.close();
  return { answered: inTime, failed, firstFailure, seconds, latency: latencies.summary() };
}

/** Sends what is due on whatever connection is free. */
async function sendEvenly(rate: number, ms: number, lines: Line[], queue: number[]): Promise<void> {
  const from = performance.now();
  let sent = 0;
  let next = 0;
  for (;;) {
    const elapsed = performance.now() - from;
    if (elapsed >= ms) return;
    for (const due = Math.floor((elapsed * rate) / 1_000); sent < due; sent++) {
      let line: Line | undefined;
      for (let tries = 0; tries < lines.length && line === undefined; tries++) {
        const candidate = lines[next++ % lines.length];
        if (candidate?.isFree) line = candidate;
      }
      if (line === undefined) queue.push(performance.now());
      else line.send(performance.now());
    }
    await new Promise((done) => setTimeout(done, 1));
  }
}

function requestOf({ url, headers, body }: LoadOrder, session?: string): Buffer {
  const { pathname, search, host } = new URL(url);
  const inSession = session === undefined ? {} : { "mcp-session-id": session };
  const lines = Object.entries({ host, ...headers, ...inSession, "content-length": String(Buffer.byteLength(body)) });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.from(`POST ${pathname}${search} HTTP/1.1\r\n${head}\r\n${body}`);
}

process.on("message", (message) => {
  void carryOut(orderSchema.parse(message)).then(
    (report) => process.send?.(report),
    (cause: unknown) => process.send?.({ error: String(cause) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
