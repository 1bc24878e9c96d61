// JSON that nobody asked to be a list, relayed while it arrives: an upstream may answer another request here.
import { Buffer, isUtf8 } from "node:buffer";
import { asSeen, mayHoldUnseen, seamLength } from "../list.ts";
import { type Body, heldBytesMax, type Line } from "./body.ts";
import { held, streamed } from "./held.ts";

const braceOpen = 0x7b;

/**
 * JSON that goes on as it comes, until something in it may be a list or an introduction. What has not gone on then waits for the end, and
 * is cut off where something would have to be left out.
 */
export function json(line: Line, status: number, headers: Record<string, string>): Body {
  // What a client reads the era of a server from goes on byte for byte.
  const isSound = status >= 400 ? () => true : line.plan.vet.parts();
  const chunks: Buffer[] = [];
  let length = 0;
  let went = 0;
  let before: Buffer | null = null;
  let mayFlow = true;
  let body: Body | null = null;
  const flow = (to: Body) => {
    for (const chunk of chunks.slice(went)) to.push(chunk);
    went = chunks.length;
  };
  return {
    push: (chunk) => {
      if (!isSound(chunk)) {
        line.fail("upstream_failed", "upstream_error");
        return;
      }
      line.noteOutcome(chunk);
      if (!mayFlow || length + chunk.length <= heldBytesMax) chunks.push(chunk);
      length += chunk.length;
      if (mayHoldUnseen(chunk) || (before !== null && mayHoldUnseen(seamOf(before, chunk)))) mayFlow = false;
      // Of short parts a seam may span several.
      before = before === null || chunk.length >= seamLength ? chunk : endOf(Buffer.concat([before, chunk]));
      if ((!mayFlow || body === null) && length > heldBytesMax) line.fail("upstream_too_large", "upstream_error");
      if (line.isOver || !mayFlow) return;
      if (body === null) {
        const start = firstByte(chunks.length === 1 ? chunk : Buffer.concat(chunks));
        if (start === undefined) return;
        if (start !== braceOpen) {
          mayFlow = false;
          return;
        }
        body = streamed(line, status, "application/json", headers);
      }
      if (length <= heldBytesMax) {
        flow(body);
      } else {
        // Too much to be kept for a later look, so a later look would cut it.
        chunks.length = 0;
        went = 0;
        body.push(chunk);
      }
    },
    end: () => {
      if (body === null) {
        const whole = held(line, status, headers);
        for (const chunk of chunks) whole.push(chunk);
        whole.end();
        return;
      }
      if (!mayFlow) {
        const bytes = Buffer.concat(chunks);
        const text = bytes.toString("utf8");
        if (!isUtf8(bytes) || allowed(line, status, text) !== text || asSeen(text, line.plan.view()) !== text) {
          line.fail("upstream_failed", "upstream_error");
          return;
        }
        flow(body);
      }
      body.end();
    },
  };
}

function endOf(part: Buffer): Buffer {
  return part.subarray(-seamLength);
}

function seamOf(before: Buffer, after: Buffer): Buffer {
  return Buffer.concat([endOf(before), after.subarray(0, seamLength)]);
}

function allowed(line: Line, status: number, text: string): string | null {
  return status >= 400 ? text : line.plan.vet.text(text);
}

/** The first byte that is no white space. */
function firstByte(bytes: Buffer): number | undefined {
  return bytes.find((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
}
