// What may go wrong between us and an HTTP server, in words that quote neither its answer nor its owner's headers.
import { errors } from "undici";
import { AddressRefused } from "../../address.ts";
import type { UpstreamTrouble, UpstreamTroubleCode } from "./upstream.ts";

/** Troubles that say that the server is not well. Whose request could not be sent, or was answered too long, says nothing of it. */
export const blames: ReadonlySet<UpstreamTroubleCode> = new Set([
  "upstream_unreachable",
  "upstream_timed_out",
  "upstream_failed",
]);

export const slow = trouble("upstream_timed_out", true, "The server took too long. The call may still take effect.");
export const crowded = trouble(
  "upstream_unreachable",
  false,
  "The server cannot be reached: it takes no more connections.",
);
export const quiet = trouble("upstream_timed_out", true, "The server stopped in the middle of its answer.");
export const busy: UpstreamTrouble = {
  ...trouble("upstream_busy", false, "The server has as many calls under way as it may."),
  retryAfterS: 5,
};

export function resting(waitMs: number): UpstreamTrouble {
  const message = "The server failed several times in a row and is left alone for a moment.";
  return { ...trouble("upstream_resting", false, message), retryAfterS: Math.max(1, Math.ceil(waitMs / 1_000)) };
}

const unreachableCodes = new Map([
  ["ECONNREFUSED", "nothing listens there"],
  ["ENOTFOUND", "its name is not known"],
  ["EAI_AGAIN", "its name could not be resolved just now"],
  ["EHOSTUNREACH", "there is no way to that host"],
  ["ENETUNREACH", "there is no way to that network"],
  ["UND_ERR_CONNECT_TIMEOUT", "connecting took too long"],
]);

/** Names what went wrong by the error's code alone: its text may quote what the server sent. */
export function troubleOf(error: unknown, started: boolean): UpstreamTrouble {
  const cause = firstCause(error);
  if (cause instanceof AddressRefused) return trouble("upstream_address_refused", false, cause.message);
  const code = codeOf(cause);
  if (!started) {
    const why = unreachableCodes.get(code) ?? (code || "connecting failed");
    return trouble("upstream_unreachable", false, `The server cannot be reached: ${why}.`);
  }
  if (cause instanceof errors.HeadersOverflowError) {
    return trouble("upstream_too_large", true, "The server's answer has too large a head.");
  }
  return trouble("upstream_failed", true, `The connection to the server broke (${code || "no code"}).`);
}

/** Of several addresses tried at once, the first one's failure speaks for all. */
function firstCause(error: unknown): unknown {
  return error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^[A-Z0-9_]{1,60}$/.test(code) ? code : "";
}

export function trouble(code: UpstreamTroubleCode, sent: boolean, message: string): UpstreamTrouble {
  return { code, message, sent };
}
