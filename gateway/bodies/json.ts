// JSON that nobody asked to be a list, relayed while it arrives: an upstream may answer another request here.
import { Buffer, isUtf8 } from "node:buffer";
import { asSeen, mayBytesHoldUnseen, seamLength } from "../list.ts";
import type { VetOfParts } from "../vet.ts";
import { type Body, heldBytesMax, type Line } from "./body.ts";
import { held, streamed } from "./held.ts";

/**
 * JSON that goes on as it comes, until something in it may be a list or an introduction. What has not gone on then waits for the end, and
 * is cut off where something would have to be left out.
 */
export function json(line: Line, status: number, headers: Record<string, string>): Body {
  return new JsonBody(line, status, headers);
}

class JsonBody implements Body {
  private readonly line: Line;
  private readonly status: number;
  private readonly headers: Record<string, string>;
  /** Null for what goes on byte for byte: a client reads the era of a server from it. */
  private readonly vet: VetOfParts | null;
  private readonly chunks: Buffer[] = [];
  private length = 0;
  private went = 0;
  /** What came before, as far as a seam with it matters. */
  private before = "";
  private mayFlow = true;
  private body: Body | null = null;

  constructor(line: Line, status: number, headers: Record<string, string>) {
    this.line = line;
    this.status = status;
    this.headers = headers;
    this.vet = status >= 400 ? null : line.plan.vet.parts();
  }

  push(chunk: Buffer): void {
    const { line, chunks } = this;
    // One text for all who look: it is cheaper to look through than bytes are.
    const part = chunk.toString("latin1");
    if (this.vet !== null && !this.vet.isSound(part)) {
      line.fail("upstream_failed", "upstream_error");
      return;
    }
    line.noteOutcome(part);
    if (!this.mayFlow || this.length + chunk.length <= heldBytesMax) chunks.push(chunk);
    this.length += chunk.length;
    if (this.mayFlow && this.maySpeakOfUnseen(part)) this.mayFlow = false;
    if ((!this.mayFlow || this.body === null) && this.length > heldBytesMax) {
      line.fail("upstream_too_large", "upstream_error");
    }
    if (line.isOver || !this.mayFlow) return;
    if (this.body === null) {
      // All before it was white space.
      const start = firstSign(part);
      if (start === null) return;
      if (start !== "{") {
        this.mayFlow = false;
        return;
      }
      this.body = streamed(line, this.status, "application/json", this.headers);
    }
    if (chunks.length === 1 && this.went === 0 && this.length <= heldBytesMax) {
      this.went = 1;
      this.body.push(chunk, part);
    } else if (this.length <= heldBytesMax) {
      this.flow(this.body);
    } else {
      // Too much to be kept for a later look, so a later look would cut it.
      chunks.length = 0;
      this.went = 0;
      this.body.push(chunk);
    }
  }

  end(): void {
    const { line, body, chunks } = this;
    if (body === null) {
      const whole = held(line, this.status, this.headers);
      for (const chunk of chunks) whole.push(chunk);
      whole.end();
      return;
    }
    if (!this.mayFlow) {
      const bytes = Buffer.concat(chunks);
      const text = bytes.toString("utf8");
      if (!isUtf8(bytes) || this.allowed(text) !== text || asSeen(text, line.plan.view()) !== text) {
        line.fail("upstream_failed", "upstream_error");
        return;
      }
      this.flow(body);
    }
    body.end();
  }

  /** Also where the part meets what came before. */
  private maySpeakOfUnseen(part: string): boolean {
    const { before } = this;
    // Of short parts a seam may span several.
    this.before = part.length >= seamLength ? part : (before + part).slice(-seamLength);
    return (
      mayBytesHoldUnseen(part) ||
      (before !== "" && mayBytesHoldUnseen(before.slice(-seamLength) + part.slice(0, seamLength)))
    );
  }

  private flow(to: Body): void {
    const { chunks } = this;
    while (this.went < chunks.length) {
      to.push(chunks[this.went] as Buffer);
      this.went += 1;
    }
  }

  private allowed(text: string): string | null {
    return this.status >= 400 ? text : this.line.plan.vet.text(text);
  }
}

/** The first character that is no white space of JSON; null when there is none. */
function firstSign(part: string): string | null {
  return /[^ \t\n\r]/.exec(part)?.[0] ?? null;
}
