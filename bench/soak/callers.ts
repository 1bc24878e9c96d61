// Those who call in a soak, a process of their own: many kinds of calls on connections that stay open, each with a number of its own
// in its trace context, by which it is found on record again. Written on bare sockets, so that it costs less than what it measures.
import { connect, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import * as z from "zod";
import { Latencies, type Summary } from "../gateway/latencies.ts";

const orderSchema = z.object({
  url: z.string(),
  kinds: z.array(
    z.object({ name: z.string(), path: z.string(), token: z.string(), body: z.string(), share: z.number() }),
  ),
  /** The number of the first call. */
  from: z.number().int(),
  connections: z.number().int().positive(),
  ms: z.number().positive(),
  /** Calls a second; null: as many as can be. */
  rate: z.number().positive().nullable(),
});

export type CallersOrder = z.infer<typeof orderSchema>;

export type CallersReport = {
  sent: number;
  seconds: number;
  /** How many of each kind were answered how: `json result` 12, `spend rate_limited` 3. `lost` is no answer at all. */
  answers: Record<string, number>;
  latency: Summary;
};

type Kind = { name: string; head: string; tail: string; until: number };

/** As it is found on record. */
export function traceparentOf(call: number): string {
  return `00-a${call.toString(16).padStart(31, "0")}-00000000000000aa-01`;
}

class Caller {
  private readonly socket: Socket;
  private readonly onAnswer: (caller: Caller, kind: string, answer: string) => void;
  private kind: string | null = null;
  private text = "";
  private expected = 0;
  startedAt = 0;

  constructor(socket: Socket, onAnswer: Caller["onAnswer"]) {
    this.socket = socket;
    this.onAnswer = onAnswer;
    socket.setNoDelay(true);
    socket.setEncoding("latin1");
    socket.on("data", (data: string) => this.read(data));
    socket.on("error", () => this.answered("lost"));
    socket.on("close", () => this.answered("lost"));
  }

  get isFree(): boolean {
    return this.kind === null && !this.socket.destroyed;
  }

  get isGone(): boolean {
    return this.socket.destroyed;
  }

  send({ name, head, tail }: Kind, call: number): void {
    this.kind = name;
    this.text = "";
    this.expected = 0;
    this.startedAt = performance.now();
    this.socket.write(head + traceparentOf(call) + tail);
  }

  close(): void {
    this.socket.destroy();
  }

  private read(data: string): void {
    this.text += data;
    const { text } = this;
    if (this.expected === 0) {
      const end = text.indexOf("\r\n\r\n");
      if (end === -1) return;
      const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end + 2))?.[1];
      this.expected = length === undefined ? Number.POSITIVE_INFINITY : end + 4 + Number(length);
    }
    const isWhole =
      this.expected === Number.POSITIVE_INFINITY ? text.endsWith("0\r\n\r\n") : text.length >= this.expected;
    if (isWhole) this.answered(answerIn(text));
  }

  private answered(answer: string): void {
    const { kind } = this;
    if (kind === null) return;
    this.kind = null;
    this.onAnswer(this, kind, answer);
  }
}

function answerIn(text: string): string {
  const status = text.slice(9, 12);
  if (status !== "200") return `http ${status}`;
  const code = /"code":"([a-z_]+)"/.exec(text)?.[1];
  if (code !== undefined) return code;
  if (text.includes('"isError":false')) return "result";
  return text.includes('"isError":true') ? "tool_error" : "strange";
}

async function carryOut(order: CallersOrder): Promise<CallersReport> {
  const { hostname, port, host } = new URL(order.url);
  let until = 0;
  const kinds = order.kinds.map(({ name, path, token, body, share }): Kind => {
    until += share;
    const head = `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\nmcp-protocol-version: 2025-11-25\r\ntraceparent: `;
    return { name, head, tail: `\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, until };
  });
  const latencies = new Latencies();
  const answers: Record<string, number> = {};
  const callers: Caller[] = [];
  let sent = 0;
  let due = 0;
  let isOver = false;

  const kindOf = (call: number): Kind => {
    // Spread evenly and the same each time, so that no kind comes in bursts.
    const at = ((call * 0.6180339887498949) % 1) * until;
    const kind = kinds.find((one) => at < one.until) ?? kinds[0];
    if (kind === undefined) throw new Error("there is nothing to call");
    return kind;
  };
  const next = (caller: Caller) => {
    const call = order.from + sent++;
    caller.send(kindOf(call), call);
  };
  const onAnswer: Caller["onAnswer"] = (caller, kind, answer) => {
    if (answer !== "lost") latencies.record(performance.now() - caller.startedAt);
    const key = `${kind} ${answer}`;
    answers[key] = (answers[key] ?? 0) + 1;
    if (isOver || caller.isGone) return;
    if (order.rate === null || sent < due) next(caller);
  };
  for (let n = 0; n < order.connections; n++) {
    const socket = connect(Number(port), hostname);
    await new Promise<void>((opened, failed) => socket.once("connect", opened).once("error", failed));
    callers.push(new Caller(socket, onAnswer));
  }
  const from = performance.now();
  if (order.rate === null) for (const caller of callers) next(caller);
  for (;;) {
    const elapsed = performance.now() - from;
    if (elapsed >= order.ms) break;
    if (order.rate !== null) {
      due = Math.floor((elapsed * order.rate) / 1_000);
      for (const caller of callers) if (sent < due && caller.isFree) next(caller);
      if (callers.every((caller) => caller.isGone)) throw new Error("all connections were closed");
    }
    await new Promise((done) => setTimeout(done, 1));
  }
  isOver = true;
  const seconds = (performance.now() - from) / 1_000;
  const late = performance.now() + 10_000;
  while (callers.some((caller) => !caller.isFree && !caller.isGone) && performance.now() < late) {
    await new Promise((done) => setTimeout(done, 20));
  }
  for (const caller of callers) caller.close();
  await new Promise((done) => setTimeout(done, 50));
  return { sent, seconds, answers, latency: latencies.summary() };
}

process.on("message", (message) => {
  void carryOut(orderSchema.parse(message)).then(
    (report) => process.send?.(report),
    (cause: unknown) => process.send?.({ error: String(cause) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
