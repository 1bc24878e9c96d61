// Everything the gateway says instead of doing the work. The code is the contract with agents and with the log; the sentences
// may change. What went wrong inside goes to the record, never to the caller.
import { denialText } from "../policy/denial.ts";
import type { DecisionCode } from "../policy/evaluate.ts";
import type { ApprovalNotice } from "./approvals.ts";
import type { Era } from "./era.ts";
import type { UpstreamTroubleCode } from "./upstream/upstream.ts";

export type RefusalCode =
  | Exclude<DecisionCode, "allowed">
  | UpstreamTroubleCode
  | "unknown_tool"
  | "policy_unavailable"
  | "record_unavailable"
  | "approval_unavailable"
  | "approvals_full"
  | "upstream_unauthorized";

type Shape =
  /** A tool result with `isError` that begins with `[POLICY DENIED]`. */
  | "denied"
  /** A tool result with `isError`: the policy had no objection, the server could not do it. */
  | "failed"
  /** JSON-RPC error -32602, the same for a tool that is hidden and one that never was. */
  | "unknown";

type Words = {
  shape: Shape;
  /** Said when the decision brings no sentence of its own. */
  sentence: string;
  retry: "never" | "later";
};

export const refusals = {
  no_policy: { shape: "denied", retry: "never", sentence: "This grant has no policy, so it may call nothing." },
  frozen: { shape: "denied", retry: "later", sentence: "The owner has frozen this connection." },
  hidden: { shape: "unknown", retry: "never", sentence: "Unknown tool" },
  unknown_tool: { shape: "unknown", retry: "never", sentence: "Unknown tool" },
  definition_changed: {
    shape: "denied",
    retry: "later",
    sentence: "The tool's definition changed and was not reviewed yet.",
  },
  default_deny: { shape: "denied", retry: "never", sentence: "The policy does not allow this tool." },
  denied: { shape: "denied", retry: "never", sentence: "The policy denies this call." },
  ambiguous_argument: {
    shape: "denied",
    retry: "never",
    sentence: "The name of an argument can be taken for another one.",
  },
  requirement_failed: {
    shape: "denied",
    retry: "never",
    sentence: "The arguments do not meet what the policy requires.",
  },
  rate_limited: { shape: "denied", retry: "later", sentence: "A limit of the policy is used up." },
  invalid_increment: { shape: "denied", retry: "never", sentence: "The amount in the arguments cannot be counted." },
  approval_required: { shape: "denied", retry: "later", sentence: "This call needs a person's approval." },
  approval_denied: { shape: "denied", retry: "never", sentence: "A person denied this call." },
  approval_expired: { shape: "denied", retry: "later", sentence: "Nobody approved this call in time." },
  approval_unavailable: {
    shape: "denied",
    retry: "later",
    sentence: "Approvals cannot be looked up right now, so nothing that needs one is allowed.",
  },
  approvals_full: {
    shape: "denied",
    retry: "later",
    sentence: "Too many calls wait for a person already. Try again when some of them are decided.",
  },
  counter_unavailable: {
    shape: "denied",
    retry: "later",
    sentence: "The limits cannot be counted right now, so nothing is allowed.",
  },
  policy_unavailable: {
    shape: "denied",
    retry: "later",
    sentence: "The policy cannot be read right now, so nothing is allowed.",
  },
  record_unavailable: {
    shape: "denied",
    retry: "later",
    sentence: "The call cannot be recorded right now, so it is not made.",
  },
  upstream_unreachable: {
    shape: "failed",
    retry: "later",
    sentence: "The server cannot be reached.",
  },
  upstream_timed_out: {
    shape: "failed",
    retry: "never",
    sentence: "The server took too long.",
  },
  upstream_address_refused: {
    shape: "failed",
    retry: "never",
    sentence: "The server's address is not one this gateway may reach.",
  },
  upstream_failed: { shape: "failed", retry: "never", sentence: "The server failed." },
  upstream_too_large: {
    shape: "failed",
    retry: "never",
    sentence: "The server's answer was too large.",
  },
  upstream_restarting: {
    shape: "failed",
    retry: "later",
    sentence: "The server is being restarted.",
  },
  upstream_busy: {
    shape: "failed",
    retry: "later",
    sentence: "The server has as many calls under way as it may.",
  },
  upstream_resting: {
    shape: "failed",
    retry: "later",
    sentence: "The server failed several times in a row and is left alone for a moment.",
  },
  upstream_full: {
    shape: "failed",
    retry: "later",
    sentence: "The server has as many sessions open as it may, and all of them are in use.",
  },
  upstream_session_lost: {
    shape: "failed",
    retry: "later",
    sentence: "The server had forgotten this session, so a new one was begun; what it remembered is gone.",
  },
  upstream_unauthorized: {
    shape: "failed",
    retry: "later",
    sentence: "The server did not accept the gateway's credentials. Its owner has to renew them.",
  },
  stdio_refused: { shape: "failed", retry: "never", sentence: "This gateway may not start commands." },
  command_not_found: { shape: "failed", retry: "never", sentence: "The server's command cannot be started." },
  command_exited: {
    shape: "failed",
    retry: "later",
    sentence: "The server's command ended.",
  },
} as const satisfies Record<RefusalCode, Words>;

export type Refusal = {
  code: RefusalCode;
  /** The decision's own sentence; null for the code's. */
  message: string | null;
  /** JSON Pointer to the rule, or the place in parentheses. Empty when no rule has to do with it. */
  rule: string;
  /** Whole seconds after which the call fits. */
  retryAfterS?: number;
  decisionId: string | null;
  /** The question that a person has to answer before the call can be made. */
  approval?: ApprovalNotice;
};

const toolNameShownMax = 200;

/** The answer to a tools/call that is refused. @param id The request's id as JSON text. */
export function toolRefusal(id: string, era: Era, tool: string, refusal: Refusal): string {
  const { shape, sentence } = refusals[refusal.code];
  if (shape === "unknown") return rpcError(id, -32602, `Unknown tool: ${tool.slice(0, toolNameShownMax)}`);
  const said = refusal.message ?? sentence;
  const result = {
    ...(era === "modern" ? { resultType: "complete" } : {}),
    isError: true,
    // Text and nothing structured: clients check structured content against the tool's own schema.
    content: [{ type: "text", text: shape === "denied" ? denialText(said) : said }],
    _meta: {
      "policylayer/decision": decisionOf(refusal),
    },
  };
  return `{"jsonrpc":"2.0","id":${id},"result":${JSON.stringify(result)}}`;
}

/** What a program reads of a refusal. */
export function decisionOf({ code, rule, retryAfterS, decisionId, approval }: Refusal): object {
  return {
    code,
    rule,
    ...(retryAfterS === undefined ? {} : { retry_after_s: retryAfterS }),
    ...(decisionId === null ? {} : { decision_id: decisionId }),
    ...(approval === undefined
      ? {}
      : { approval_id: approval.id, approval_url: approval.url, expires_at: approval.expiresAt.toISOString() }),
  };
}

/** A JSON-RPC error. @param id The request's id as JSON text; null when there is none to echo. */
export function rpcError(id: string | null, code: number, message: string, data?: object): string {
  return `{"jsonrpc":"2.0","id":${id ?? "null"},"error":${JSON.stringify({ code, message, data })}}`;
}

/** The answer to any other request that cannot be served; what the code means stands in `data`. */
export function otherRefusal(id: string | null, code: RefusalCode, retryAfterS?: number): string {
  if (retryAfterS === undefined) return rpcError(id, -32603, refusals[code].sentence, { code });
  const message = `${refusals[code].sentence} Try again in ${retryAfterS} s.`;
  return rpcError(id, -32603, message, { code, retry_after_s: retryAfterS });
}
