// Which headers of a request we read, and which of them go on to the upstream: a closed list, because what we do not know we
// have not checked.
import type { IncomingMessage } from "node:http";
import type { Era } from "./era.ts";

export type RequestHeaders = {
  host: string | null;
  origin: string | null;
  authorization: string | null;
  contentType: string | null;
  contentEncoding: string | null;
  accept: string | null;
  sessionId: string | null;
  version: string | null;
  method: string | null;
  name: string | null;
  lastEventId: string | null;
  traceparent: string | null;
  /** `mcp-param-*`: lower-case name and value. */
  params: [name: string, value: string][];
};

const fields = new Map<string, Exclude<keyof RequestHeaders, "params">>([
  ["host", "host"],
  ["origin", "origin"],
  ["authorization", "authorization"],
  ["content-type", "contentType"],
  ["content-encoding", "contentEncoding"],
  ["accept", "accept"],
  ["mcp-session-id", "sessionId"],
  ["mcp-protocol-version", "version"],
  ["mcp-method", "method"],
  ["mcp-name", "name"],
  ["last-event-id", "lastEventId"],
  ["traceparent", "traceparent"],
]);

/**
 * Reads the headers as they came. Null when one that decides something is there twice: Node drops or joins such twins, and
 * whoever reads the request after us may take the other one.
 */
export function readHeaders({
  headers,
  rawHeaders,
}: Pick<IncomingMessage, "headers" | "rawHeaders">): RequestHeaders | null {
  const params: RequestHeaders["params"] = [];
  let names = 0;
  for (const name in headers) {
    names += 1;
    if (name.startsWith(paramPrefix)) params.push([name, headers[name] as string]);
  }
  // Node has read them already. Only when it has dropped or joined any does it matter which.
  if (2 * names !== rawHeaders.length) return readTwins(rawHeaders);
  return {
    host: one(headers.host),
    origin: one(headers.origin),
    authorization: one(headers.authorization),
    contentType: one(headers["content-type"]),
    contentEncoding: one(headers["content-encoding"]),
    accept: one(headers.accept),
    sessionId: one(headers["mcp-session-id"]),
    version: one(headers["mcp-protocol-version"]),
    method: one(headers["mcp-method"]),
    name: one(headers["mcp-name"]),
    lastEventId: one(headers["last-event-id"]),
    traceparent: one(headers.traceparent),
    params,
  };
}

const paramPrefix = "mcp-param-";

/** Only `set-cookie` is ever a list. */
function one(value: string | string[] | undefined): string | null {
  return typeof value === "string" ? value : null;
}

function readTwins(raw: readonly string[]): RequestHeaders | null {
  const headers: RequestHeaders = {
    host: null,
    origin: null,
    authorization: null,
    contentType: null,
    contentEncoding: null,
    accept: null,
    sessionId: null,
    version: null,
    method: null,
    name: null,
    lastEventId: null,
    traceparent: null,
    params: [],
  };
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    const value = raw[i + 1] as string;
    const field = fields.get(name);
    if (field !== undefined) {
      if (headers[field] === null) headers[field] = value;
      else if (field === "accept") headers.accept += `, ${value}`;
      else return null;
    } else if (name.startsWith(paramPrefix)) {
      if (headers.params.some(([other]) => other === name)) return null;
      headers.params.push([name, value]);
    }
  }
  return headers;
}

/** The headers that go to the upstream. The owner's own credentials are added where the connection is made. */
export function upstreamHeaders(
  headers: RequestHeaders,
  era: Era,
  session: { upstreamId: string | null } | null,
  lastEventId: string | null,
): Record<string, string> {
  const out: Record<string, string> = {};
  if (headers.accept !== null) out.accept = headers.accept;
  if (headers.version !== null) out["mcp-protocol-version"] = headers.version;
  if (headers.traceparent !== null) out.traceparent = headers.traceparent;
  if (session !== null && session.upstreamId !== null) out["mcp-session-id"] = session.upstreamId;
  if (lastEventId !== null) out["last-event-id"] = lastEventId;
  if (era === "modern") {
    // Only here: in the legacy era nobody has held them to the body.
    if (headers.method !== null) out["mcp-method"] = headers.method;
    if (headers.name !== null) out["mcp-name"] = headers.name;
    for (const [name, value] of headers.params) out[name] = value;
  }
  return out;
}

/** Whether a body so labelled is JSON in UTF-8 as it stands; some servers would decode or inflate anything else. */
export function isPlainJson({ contentType, contentEncoding }: RequestHeaders): boolean {
  if (contentEncoding !== null && contentEncoding.toLowerCase() !== "identity") return false;
  if (contentType === "application/json") return true;
  if (contentType === null) return false;
  const [essence = "", ...parameters] = contentType.toLowerCase().split(";");
  if (essence.trim() !== "application/json") return false;
  return parameters.every((parameter) => ["charset=utf-8", 'charset="utf-8"'].includes(parameter.trim()));
}
