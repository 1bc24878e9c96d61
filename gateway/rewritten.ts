// The few changes that a call's bytes may need when a person comes into it. Every other byte stays as it was sent, and what comes
// out is scanned again like anything else.
import { Buffer } from "node:buffer";
import { encodeHeader } from "./era.ts";
import type { Message } from "./json-scan.ts";
import { applied, cutMembers, objectAt, skipSpace } from "./json-walk.ts";
import { mirroredHeaders, type ToolShape } from "./tool-shape.ts";

/** @param args JSON text of an object. */
export function withArguments(body: Buffer, { argumentsStart, argumentsEnd }: Message, args: string): Buffer {
  if (argumentsStart !== -1) {
    return Buffer.concat([body.subarray(0, argumentsStart), Buffer.from(args), body.subarray(argumentsEnd)]);
  }
  const text = body.toString("utf8");
  const params = objectAt(text, skipSpace(text, 0), "params");
  if (params === null) throw new Error("a call without params has no tool");
  const comma = text[skipSpace(text, params + 1)] === "}" ? "" : ",";
  return Buffer.from(applied(text, [{ from: params + 1, to: params + 1, put: `"arguments":${args}${comma}` }]));
}

const ofOurQuestion = new Set(["requestState", "inputResponses"]);

/** Without the answer to a question that was ours: the server knows nothing of it. */
export function withoutOurQuestion(body: Buffer): Buffer {
  const text = body.toString("utf8");
  const params = objectAt(text, skipSpace(text, 0), "params");
  return params === null ? body : Buffer.from(applied(text, cutMembers(text, params, ofOurQuestion)));
}

/** The headers of a request whose arguments are others now: those that repeat an argument say what it is. */
export function withMirrored(
  headers: Record<string, string>,
  shape: ToolShape | undefined,
  args: unknown,
): Record<string, string> {
  if (shape === undefined) return headers;
  const out = { ...headers };
  for (const [name, value] of mirroredHeaders(shape, args)) {
    if (value === null) delete out[name];
    else out[name] = encodeHeader(value);
  }
  return out;
}
