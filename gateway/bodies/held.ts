// Answers that go on as they come or only when they are complete, and the one that has nothing in it.
import { Buffer, isUtf8 } from "node:buffer";
import { asSeen, mayHoldUnseen } from "../list.ts";
import { writeSse } from "../sse.ts";
import { type Body, heldBytesMax, type Line, relayedHeaders, welcomed } from "./body.ts";

/** An answer that goes on as it comes. */
export function streamed(line: Line, status: number, type: string, headers: Record<string, string>): Body {
  const length = headers["content-length"];
  const out = relayedHeaders(headers);
  out["content-type"] = type;
  if (length) out["content-length"] = length;
  line.head(status, out);
  // Like a stream of events it may go on for ever, when it is not all there.
  if (!line.isWhole) line.goesOn(false);
  return new Streamed(line, Number(length ?? Number.POSITIVE_INFINITY));
}

const textLengthMax = 4_096;

class Streamed implements Body {
  private readonly line: Line;
  private missing: number;
  private last: Buffer | string | undefined = undefined;

  constructor(line: Line, length: number) {
    this.line = line;
    this.missing = length;
  }

  push(chunk: Buffer, text?: string): void {
    this.missing -= chunk.length;
    // The end comes with it; a short text goes out in one piece with the head.
    if (this.missing === 0) this.last = text !== undefined && text.length <= textLengthMax ? text : chunk;
    else this.line.write(chunk);
  }

  end(): void {
    this.line.end(this.last);
  }
}

/** JSON that has to be complete before any of it may go on. */
export function held(line: Line, status: number, headers: Record<string, string>): Body {
  const chunks: Buffer[] = [];
  let length = 0;
  return {
    push: (chunk) => {
      length += chunk.length;
      if (length > heldBytesMax) line.fail("upstream_too_large", "upstream_error");
      else chunks.push(chunk);
    },
    end: () => {
      const bytes = Buffer.concat(chunks);
      if (!isUtf8(bytes)) return line.fail("upstream_failed", "upstream_error");
      const said = bytes.toString("utf8");
      const text = status >= 400 ? said : line.plan.vet.text(said);
      if (text === null) return line.fail("upstream_failed", "upstream_error");
      const shown = mayHoldUnseen(text) ? asSeen(text, line.plan.view()) : text;
      if (shown === null) return line.fail("upstream_failed", "upstream_error");
      const out = shown === said ? bytes : Buffer.from(shown);
      line.head(status, {
        ...relayedHeaders(headers),
        ...welcomed(line.plan, text, headers),
        "content-type": "application/json",
        "content-length": String(out.length),
      });
      line.end(out);
    },
  };
}

/** JSON in answer to a client that waits on a stream of events already. */
export function told(line: Line): Body {
  const chunks: Buffer[] = [];
  let length = 0;
  return {
    push: (chunk) => {
      length += chunk.length;
      if (length > heldBytesMax) line.fail("upstream_too_large", "upstream_error");
      else chunks.push(chunk);
    },
    end: () => {
      const bytes = Buffer.concat(chunks);
      const text = isUtf8(bytes) ? line.plan.vet.text(bytes.toString("utf8")) : null;
      const shown = text === null || !mayHoldUnseen(text) ? text : asSeen(text, line.plan.view());
      if (shown === null) return line.fail("upstream_failed", "upstream_error");
      line.noteOutcome(shown);
      // A string of JSON holds no line break; between values one is as good as another.
      const data = shown.replace(/\r\n?/g, "\n");
      line.write(writeSse({ event: "message", id: null, retry: null, data }));
      line.end();
    },
  };
}

/** A body that nobody waits for: in answer to a notification a server may say nothing. */
export function unread(line: Line, status: number, headers: Record<string, string>): Body {
  return {
    push: () => {},
    end: () => {
      line.head(status, relayedHeaders(headers));
      line.end();
    },
  };
}

/** An answer without a body. */
export function empty(line: Line, status: number, headers: Record<string, string>): Body {
  return {
    push: () => line.fail("upstream_failed", "upstream_error"),
    end: () => {
      line.head(status, relayedHeaders(headers));
      line.end();
    },
  };
}
