// The session id of a stdio server tells how the session began, so that a session outlives its process and our own.
import { randomBytes } from "node:crypto";

/** The parameters of a client's `initialize`. */
export type Initialize = Record<string, unknown>;

/** A client may say much of itself; past this only what a server needs is kept. An id has to fit into a header. */
const paramsLengthMax = 2_048;

/** @returns 16 random bytes, a dot, and the parameters of `initialize`, both in base64url. */
export function mintSessionId(params: Initialize): string {
  const whole = JSON.stringify(params);
  const kept = whole.length <= paramsLengthMax ? whole : JSON.stringify(essentials(params));
  return `${randomBytes(16).toString("base64url")}.${Buffer.from(kept).toString("base64url")}`;
}

/** Null when the text is not an id of ours. Whether it is one that we gave away is for the core to know, which seals it. */
export function readSessionId(id: string): Initialize | null {
  const [, body] = /^[A-Za-z0-9_-]{22}\.([A-Za-z0-9_-]+)$/.exec(id) ?? [];
  if (body === undefined) return null;
  try {
    const params: unknown = JSON.parse(Buffer.from(body, "base64url").toString("utf8"));
    return typeof params === "object" && params !== null && !Array.isArray(params) ? { ...params } : null;
  } catch {
    return null;
  }
}

function essentials({ protocolVersion, capabilities, clientInfo }: Initialize): Initialize {
  const { name, version } = (clientInfo ?? {}) as { name?: unknown; version?: unknown };
  const short = (text: unknown) => (typeof text === "string" ? text.slice(0, 128) : "unknown");
  const offered = JSON.stringify(capabilities ?? {}).length <= paramsLengthMax / 2 ? (capabilities ?? {}) : {};
  return {
    protocolVersion: typeof protocolVersion === "string" ? protocolVersion.slice(0, 32) : "2025-11-25",
    capabilities: offered,
    clientInfo: { name: short(name), version: short(version) },
  };
}
