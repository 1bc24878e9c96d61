// A client that is kept waiting on an open request: told every few seconds that a person is asked, and why, until the call goes
// on or it goes away.
import type { ServerResponse } from "node:http";
import type { ApprovalNotice } from "./approvals.ts";
import { writeSse } from "./sse.ts";
import type { OpenStreams } from "./streams.ts";

/** Longer than most clients wait for an answer helps nobody, and each holds a connection. */
export const heldMsMax = 45_000;
const progressMs = 5_000;
/** Each is more than the last, and less than what the server is likely to report when the call goes on. */
const progressStep = 0.001;

export type HoldOptions = {
  response: ServerResponse;
  streams: OpenStreams;
  tokenHash: string;
  grantId: string;
  sessionTag: string | null;
  /** In the one spelling of ids. */
  requestId: string;
  /** JSON text. */
  progressToken: string;
  /** Whether nothing has changed by which the call was decided. */
  stillStands(): boolean;
};

export class Hold {
  readonly grantId: string;
  readonly sessionTag: string | null;
  readonly requestId: string;
  readonly stillStands: () => boolean;
  private readonly options: HoldOptions;
  private begunAt: number | null = null;
  private progress = 0;
  private isCancelled = false;
  private readonly leavers = new Set<() => void>();

  constructor(options: HoldOptions) {
    this.options = options;
    this.grantId = options.grantId;
    this.sessionTag = options.sessionTag;
    this.requestId = options.requestId;
    this.stillStands = options.stillStands;
    options.response.on("close", () => this.leave());
  }

  /** The client has left, or does not want the call any more. */
  get isGone(): boolean {
    return this.isCancelled || this.options.response.destroyed;
  }

  /** The client has been told that it waits: whatever is the answer, it comes by this stream. */
  get isBegun(): boolean {
    return this.begunAt !== null;
  }

  /** How much longer the client may be kept waiting. */
  leftMs(): number {
    return this.begunAt === null ? heldMsMax : Math.max(0, this.begunAt + heldMsMax - performance.now());
  }

  /** @returns What ends the waiting. @param onGone Not called for a client that has left before. */
  wait(notice: ApprovalNotice, onGone: () => void): () => void {
    this.begin();
    this.say(notice);
    const timer = setInterval(() => this.say(notice), progressMs);
    this.leavers.add(onGone);
    return () => {
      clearInterval(timer);
      this.leavers.delete(onGone);
    };
  }

  /** The client said so. Nothing more is due to it. */
  cancel(): void {
    this.isCancelled = true;
    this.leave();
    const { response, streams } = this.options;
    streams.delete(response);
    response.end();
  }

  private leave(): void {
    for (const leaver of this.leavers) leaver();
  }

  private begin(): void {
    const { response, streams, tokenHash } = this.options;
    if (this.begunAt !== null) return;
    this.begunAt = performance.now();
    if (response.destroyed) return;
    response.writeHead(200, streamHead);
    response.flushHeaders();
    streams.set(response, { tokenHash, isEvents: true });
  }

  private say({ url }: ApprovalNotice): void {
    const { response, progressToken } = this.options;
    if (response.destroyed || response.writableEnded) return;
    this.progress += progressStep;
    const progress = Number(this.progress.toFixed(3));
    const message = JSON.stringify(`Waiting for a person to approve this call: ${url}`);
    const params = `{"progressToken":${progressToken},"progress":${progress},"message":${message}}`;
    const data = `{"jsonrpc":"2.0","method":"notifications/progress","params":${params}}`;
    response.write(writeSse({ event: "message", id: null, retry: null, data }));
  }
}

const streamHead = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
};
