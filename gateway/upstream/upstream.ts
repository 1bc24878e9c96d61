// One shape for every upstream MCP server, whether it is dialled or run.
import type { Settings } from "../../settings.ts";

/** A registered server as the data path needs it; its secrets are already opened. */
export type UpstreamServer = {
  id: string;
  organisationId: string;
  transport: "http" | "stdio";
  /** transport http */
  url?: string;
  /** transport http: the owner's static headers. */
  headers?: Record<string, string>;
  /** transport stdio: the program and its fixed arguments, never passed through a shell. */
  command?: string;
  args?: string[];
  env?: Record<string, string>;
  /** What the server spoke when it was last connected to; null when nobody has asked it. `sse`: the HTTP+SSE transport of 2024-11-05. */
  era: "legacy" | "modern" | "sse" | null;
};

/** Why a request that waited for its turn must not leave any more. */
export type Obstacle = "frozen" | "policy_unavailable";

export type UpstreamTroubleCode =
  | Obstacle
  | "upstream_unreachable"
  | "upstream_timed_out"
  | "upstream_address_refused"
  | "upstream_failed"
  | "upstream_too_large"
  | "upstream_restarting"
  | "upstream_session_lost"
  | "upstream_busy"
  | "upstream_resting"
  | "upstream_full"
  | "stdio_refused"
  | "command_not_found"
  | "command_exited";

export type UpstreamTrouble = {
  code: UpstreamTroubleCode;
  /** A sentence for the server's owner. Never holds header values, environment values or an upstream's body. */
  message: string;
  /** `false`: certainly nothing reached the server, so a reservation is given back. */
  sent: boolean;
  /** Whole seconds after which it is worth trying again, where that is known. */
  retryAfterS?: number;
};

/** Hears of one exchange: `onHeaders`, any number of `onData`, then `onEnd`; or `onTrouble` at any time, and then nothing more. */
export type ExchangeHandler = {
  /** Header names are lower case; a repeated header is joined with `, `. */
  onHeaders(status: number, headers: Record<string, string>): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  onTrouble(trouble: UpstreamTrouble): void;
};

export type Exchange = {
  /** Ends the exchange; the handler hears nothing after this. */
  cancel(): void;
  pause(): void;
  resume(): void;
};

export type ExchangeRequest = {
  server: UpstreamServer;
  grantId: string;
  method: "POST" | "GET" | "DELETE";
  /** transport http: another path of the same origin, where the server itself named one. */
  path?: string;
  /** Lower case and already allow-listed by the caller. The owner's headers and `accept-encoding: identity` are added here. */
  headers: Record<string, string>;
  body?: Buffer;
  /** Asked again when the request had to wait before it could leave: what allowed it may not hold any more. */
  obstacle?: () => Obstacle | null;
};

export type Upstreams = {
  /** Never throws, and calls the handler only after it has returned. */
  exchange(request: ExchangeRequest, handler: ExchangeHandler): Exchange;
  /** Closes the pooled connections and ends the processes of servers that are gone or changed. */
  retain(servers: ReadonlyMap<string, UpstreamServer>): void;
  /** Ends every process and connection. Takes at most about two seconds. */
  close(): Promise<void>;
};

/** What of the settings the upstream side reads. */
export type UpstreamSettings = Pick<Settings, "hosted" | "allowStdio" | "allowPrivateUpstreams" | "dataDir"> &
  Partial<Pick<Settings, "stdioUser" | "stdioStartMs">>;
