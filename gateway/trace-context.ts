// The trace that a caller's call belongs to (W3C Trace Context). It is put on record and goes on to the server as it came.
import type { Era } from "./era.ts";
import { readTraceparent } from "./otlp.ts";

/** From the header; in the modern era else from the message's `_meta`, which was scanned strictly before. */
export function traceparentOf(header: string | null, era: Era, body: Buffer): string | null {
  if (readTraceparent(header) !== null) return header;
  if (era !== "modern" || !body.includes('"traceparent"')) return null;
  const { params } = JSON.parse(body.toString("utf8")) as { params?: { _meta?: { traceparent?: unknown } } };
  const given = params?._meta?.traceparent;
  return typeof given === "string" && given.length <= lengthMax && readTraceparent(given) !== null ? given : null;
}

/** Later versions may say more after the flags, but not a book. */
const lengthMax = 128;
