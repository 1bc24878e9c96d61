// Which of MCP's two wire forms a message speaks, and whether it is a method we know how to guard.
import { Buffer, isUtf8 } from "node:buffer";
import type { MethodGroup } from "../policy/server-settings.ts";
import type { Message } from "./json-scan.ts";
import { maySay, saidByClient } from "./methods.ts";

/** `legacy`: 2024-11-05 to 2025-11-25, with `initialize`. `modern`: 2026-07-28, every request on its own. */
export type Era = "legacy" | "modern";

export const modernVersion = "2026-07-28";

/** The headers that mirror the body in the modern era, null when absent. */
export type MirroredHeaders = { version: string | null; method: string | null; name: string | null };

export type EraRefusal = { status: 200 | 400 | 404; code: number; message: string; data?: object };
export type EraAnswer = { ok: true; era: Era } | { ok: false; refusal: EraRefusal };

/** The method's place in the body that `Mcp-Name` repeats. */
const namedBy = new Map<string, "name" | "uri" | "taskId">([
  ["tools/call", "name"],
  ["prompts/get", "name"],
  ["resources/read", "uri"],
  ["tasks/get", "taskId"],
  ["tasks/update", "taskId"],
  ["tasks/cancel", "taskId"],
]);

/**
 * Decides the era by the body and holds the headers to it: in the modern era they must be there and say what the body says,
 * because an upstream or a proxy may act on either.
 */
export function eraOf(message: Message, headers: MirroredHeaders): EraAnswer {
  const claim = message.metaVersion;
  if (claim === undefined) return withoutClaim(message, headers);
  if (claim === null) return refuse(400, -32602, "the protocol version in `_meta` must be a string");
  if (claim < modernVersion && message.method === "initialize") return withoutClaim(message, headers);
  if (message.kind === "response") return refuse(400, -32600, `${modernVersion} knows no responses from a client`);
  if (headers.version !== claim && !(headers.version === null && message.kind === "notification")) {
    return mismatch("MCP-Protocol-Version");
  }
  if (claim !== modernVersion) {
    const data = { supported: [modernVersion], requested: claim };
    return refuse(400, -32022, "Unsupported protocol version", data);
  }
  return modern(message, headers);
}

function withoutClaim(message: Message, headers: MirroredHeaders): EraAnswer {
  // A later version than we know is read as modern: its requests must say so in the body.
  if (headers.version !== null && headers.version >= modernVersion && isDate.test(headers.version)) {
    if (message.kind === "notification" && headers.version === modernVersion) return modern(message, headers);
    if (message.method === "initialize") return mismatch("MCP-Protocol-Version");
    return refuse(400, -32602, "`_meta` lacks io.modelcontextprotocol/protocolVersion");
  }
  return inTable(message, "legacy");
}

const isDate = /^\d{4}-\d{2}-\d{2}$/;

function modern(message: Message, headers: MirroredHeaders): EraAnswer {
  if (message.kind === "notification") {
    if (headers.method !== null && headers.method !== message.method) return mismatch("Mcp-Method");
    return inTable(message, "modern");
  }
  if (headers.method !== message.method) return mismatch("Mcp-Method");
  const source = namedBy.get(message.method);
  if (source !== undefined) {
    const named = headers.name === null ? null : decodeHeader(headers.name);
    if (named === undefined || named !== message[source]) return mismatch("Mcp-Name");
  }
  return inTable(message, "modern");
}

function inTable(message: Message, era: Era): EraAnswer {
  if (message.kind === "response") return { ok: true, era };
  if (maySay(saidByClient[message.kind], message.method, era, nothing)) return { ok: true, era };
  return { ok: false, refusal: unknownMethod(era, message.kind) };
}

const nothing: ReadonlySet<MethodGroup> = new Set();

/** The answer to a method that is not there, or that the server's owner refuses. */
export function unknownMethod(era: Era, kind: "request" | "notification"): EraRefusal {
  const status = era === "modern" ? 404 : kind === "request" ? 200 : 400;
  return { status, code: -32601, message: "Method not found" };
}

const sentinelStart = "=?base64?";
const sentinelEnd = "?=";
const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The value of a mirrored header; undefined when it is a base64 form that cannot be read. */
export function decodeHeader(value: string): string | undefined {
  if (!value.startsWith(sentinelStart) || !value.endsWith(sentinelEnd)) return value;
  const encoded = value.slice(sentinelStart.length, -sentinelEnd.length);
  if (!isBase64.test(encoded)) return undefined;
  const decoded = Buffer.from(encoded, "base64");
  return isUtf8(decoded) ? decoded.toString("utf8") : undefined;
}

const isPlainHeader = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** The other way round: as it is where it can stand in a header, else in base64. */
export function encodeHeader(value: string): string {
  if (isPlainHeader.test(value) && !value.startsWith(sentinelStart)) return value;
  return `${sentinelStart}${Buffer.from(value).toString("base64")}${sentinelEnd}`;
}

function mismatch(header: string): EraAnswer {
  return { ok: false, refusal: headerMismatch(header) };
}

export function headerMismatch(header: string): EraRefusal {
  return { status: 400, code: -32020, message: `Header mismatch: ${header} does not say what the body says` };
}

function refuse(status: EraRefusal["status"], code: number, message: string, data?: object): EraAnswer {
  return { ok: false, refusal: data === undefined ? { status, code, message } : { status, code, message, data } };
}
