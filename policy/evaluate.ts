import type { RiskCategory } from "../catalog/schema.ts";
import type { Policy } from "./compile.ts";

export type ToolCall = {
  tool: string;
  category: RiskCategory;
  /**
   * Parsed `params.arguments`; `{}` when absent. NaN stands for a number literal that a double cannot hold exactly:
   * every operator but `exists` is indeterminate on it.
   */
  arguments: unknown;
  grant: { id: string; label: string };
  client: { name?: string };
  session: { id?: string };
  server: { id: string };
  organisation: { id: string };
  /** Milliseconds since the epoch. */
  now: number;
};

export const decisionCodes = [
  "no_policy",
  "frozen",
  "hidden",
  "definition_changed",
  "default_deny",
  "denied",
  "requirement_failed",
  "rate_limited",
  "invalid_increment",
  "approval_required",
  "approval_denied",
  "approval_expired",
  "counter_unavailable",
  "allowed",
] as const;
export type DecisionCode = (typeof decisionCodes)[number];

/** What an allowed call takes from one counter. */
export type Reservation = {
  /** The counter's identity, complete: JSON text, the same for every version of a policy that keeps the limit. */
  key: string;
  windowMs: number;
  /** Calendar windows only: the window that `now` is in, start inclusive, end exclusive, in milliseconds. */
  calendarStart?: number;
  calendarEnd?: number;
  max: number;
  amount: number;
  /** JSON Pointer to the limit. */
  rule: string;
  onDeny?: string;
  /** Like: vm_create_image is limited to 10 calls a minute. */
  sentence: string;
};

export type TraceStep = {
  step:
    | "policy"
    | "frozen"
    | "hide"
    | "definition"
    | "default"
    | "action"
    | "require"
    | "deny_if"
    | "limit"
    | "approve_if";
  /** JSON Pointer to what was looked at. */
  rule: string;
  /** `decides` ends the evaluation, `passes` goes on, `reserves` is a limit that will be asked. */
  outcome: "decides" | "passes" | "reserves";
  /** The conditions of a group, as far as they were looked at. */
  conditions?: { rule: string; outcome: "holds" | "does_not_hold" | "indeterminate" }[];
};

export type Decision =
  | { code: "allowed"; rule: string; message: string; reserve: Reservation[]; trace?: TraceStep[] }
  | {
      code: "approval_required";
      rule: string;
      message: string;
      /** Reserved first; then the call waits. */
      reserve: Reservation[];
      timeoutS: number;
      trace?: TraceStep[];
    }
  | {
      code: Exclude<DecisionCode, "allowed" | "approval_required">;
      rule: string;
      message: string;
      trace?: TraceStep[];
    };

/** Decides one call. Never throws; what it cannot read denies. */
export function evaluate(
  _policy: Policy | null,
  _call: ToolCall,
  _state: { frozen: boolean; definitionChanged: boolean },
  _options?: { trace?: boolean },
): Decision {
  throw new Error("not written yet");
}

/** Whether `tools/list` leaves the tool out. No policy hides nothing. */
export function isHidden(_policy: Policy | null, _tool: { name: string; category: RiskCategory }): boolean {
  throw new Error("not written yet");
}

/** Whether `tools` has this very name (not a glob that fits it). */
export function namesExactly(_policy: Policy, _tool: string): boolean {
  throw new Error("not written yet");
}

/** The answer when a counter had no room. */
export function rateLimitedDecision(_reservation: Reservation, _retryAfterS: number): Decision {
  throw new Error("not written yet");
}
