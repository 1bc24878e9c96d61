import type { RiskCategory } from "../catalog/schema.ts";
import type { Reservation, ToolCall } from "./call.ts";
import type { GroupRule, Policy, Rule } from "./compile.ts";
import type { CallView } from "./condition.ts";
import { findLookAlike, type KnownNames } from "./look-alikes.ts";
import { type Truth, workMax } from "./operators.ts";

export type { Reservation, ToolCall } from "./call.ts";

export const decisionCodes = [
  "no_policy",
  "frozen",
  "hidden",
  "definition_changed",
  "default_deny",
  "denied",
  "ambiguous_argument",
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

export type TraceStep = {
  step:
    | "policy"
    | "frozen"
    | "hide"
    | "definition"
    | "default"
    | "action"
    | "arguments"
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

/** How long a call waits for a person when the policy does not say. */
export const approvalTimeoutS = 300;

/**
 * Decides one call. Pure, and never throws; what it cannot read denies.
 *
 * @returns `allowed` and `approval_required` still have to reserve what they name, all together; only then does the
 *   call go on or wait.
 */
export function evaluate(
  policy: Policy | null,
  call: ToolCall,
  state: { frozen: boolean; definitionChanged: boolean },
  options?: { trace?: boolean },
): Decision {
  const trace: TraceStep[] | null = options?.trace ? [] : null;
  let decision: Decision;
  try {
    decision = decide(policy, call, state, trace);
  } catch {
    decision = {
      code: "denied",
      rule: "(fault)",
      message: "The policy could not be evaluated, so nothing is allowed.",
    };
  }
  return trace ? { ...decision, trace } : decision;
}

const nameShownMax = 64;

/** Whether `tools/list` leaves the tool out. No policy hides nothing. */
export function isHidden(policy: Policy | null, tool: { name: string; category: RiskCategory }): boolean {
  return policy !== null && hidingRule(policy, tool.name, ruleFor(policy, tool.name, tool.category)) !== null;
}

/** Whether `tools` has this very name (not a glob that fits it). */
export function namesExactly(policy: Policy, tool: string): boolean {
  return policy.exact.has(tool);
}

/**
 * The answer when a counter had no room.
 *
 * @param retryAfterS Whole seconds; Infinity when the call can never fit.
 */
export function rateLimitedDecision(reservation: Reservation, retryAfterS: number): Decision {
  const wait = Number.isFinite(retryAfterS) ? `Try again in ${retryAfterS} s.` : "This call alone is more than that.";
  return {
    code: "rate_limited",
    rule: reservation.rule,
    message: reservation.onDeny ?? `${reservation.sentence} ${wait}`,
  };
}

/** The order of decisions, as the contract numbers it. */
function decide(
  policy: Policy | null,
  call: ToolCall,
  state: { frozen: boolean; definitionChanged: boolean },
  trace: TraceStep[] | null,
): Decision {
  const { tool } = call;
  // 1
  if (policy === null) {
    trace?.push({ step: "policy", rule: "(no policy)", outcome: "decides" });
    return { code: "no_policy", rule: "(no policy)", message: "This grant has no policy, so nothing is allowed." };
  }
  // 2
  trace?.push({ step: "frozen", rule: "(frozen)", outcome: state.frozen ? "decides" : "passes" });
  if (state.frozen) return { code: "frozen", rule: "(frozen)", message: "Calls are frozen by the owner." };
  // 3
  const own = ruleFor(policy, tool, call.category);
  const hidden = hidingRule(policy, tool, own);
  trace?.push({ step: "hide", rule: hidden ?? "/hide", outcome: hidden === null ? "passes" : "decides" });
  if (hidden !== null) return { code: "hidden", rule: hidden, message: `There is no tool ${tool}.` };
  // 4
  trace?.push({ step: "definition", rule: "(definition)", outcome: state.definitionChanged ? "decides" : "passes" });
  if (state.definitionChanged) {
    const message = `${tool} has changed since the owner accepted it. It is blocked until the owner looks at it.`;
    return { code: "definition_changed", rule: "(definition)", message };
  }
  // 5
  if (own === null) {
    trace?.push({ step: "default", rule: "/default", outcome: policy.default === "allow" ? "passes" : "decides" });
    if (policy.default !== "allow") {
      return { code: "default_deny", rule: "/default", message: `${tool} is not allowed by this grant's policy.` };
    }
  }
  const rules = both(own, policy.allTools);
  // 6
  for (const rule of rules) {
    if (rule.action !== "deny") continue;
    const pointer = `${rule.pointer}/action`;
    trace?.push({ step: "action", rule: pointer, outcome: "decides" });
    return { code: "denied", rule: pointer, message: rule.reason ?? `${tool} is denied by this grant's policy.` };
  }
  const view: CallView = { call, left: workMax, localTime: policy.localTime };
  // Before anything is read from the arguments: the server may read another name there than the rules do.
  const known: KnownNames[] = [];
  for (const { names } of rules) if (names !== null) known.push(names);
  const lookAlike = known.length === 0 ? null : findLookAlike(call.arguments, known, view);
  if (lookAlike !== null) {
    trace?.push({ step: "arguments", rule: "(arguments)", outcome: "decides" });
    const named = JSON.stringify(lookAlike.slice(0, nameShownMax));
    const message =
      lookAlike === ""
        ? "There is more in the arguments than can be looked at."
        : `An argument is named ${named}, which can be taken for another name. Write names exactly as the tool does.`;
    return { code: "ambiguous_argument", rule: "(arguments)", message };
  }
  // 7
  for (const rule of rules) {
    for (const group of rule.require) {
      if (groupTruth(group, view, trace, "require", "does_not_hold") === "holds") continue;
      const message = group.text ?? `The arguments do not meet what this grant's policy requires of ${tool}.`;
      return { code: "requirement_failed", rule: group.pointer, message };
    }
  }
  // 8
  for (const rule of rules) {
    for (const group of rule.denyIf) {
      if (groupTruth(group, view, trace, "deny_if", "holds") === "does_not_hold") continue;
      const message = group.text ?? `This call of ${tool} is denied by this grant's policy.`;
      return { code: "denied", rule: group.pointer, message };
    }
  }
  // 9
  const reserve: Reservation[] = [];
  for (const rule of rules) {
    for (const limit of rule.limits) {
      const reservation = limit.reservation(call);
      trace?.push({ step: "limit", rule: limit.pointer, outcome: reservation === null ? "decides" : "reserves" });
      if (reservation === null) {
        const message = `${limit.amountPath} must be a number of 0 or more, because a limit counts it.`;
        return { code: "invalid_increment", rule: limit.pointer, message };
      }
      reserve.push(reservation);
    }
  }
  // 10
  for (const rule of rules) {
    const approval = approvalOf(rule, view, trace);
    if (approval === null) continue;
    const message = approval.text ?? rule.reason ?? `${tool} needs the approval of a person.`;
    const timeoutS = approval.timeoutS ?? approvalTimeoutS;
    return { code: "approval_required", rule: approval.pointer, message, reserve, timeoutS };
  }
  // 11
  return { code: "allowed", rule: own?.pointer ?? "/default", message: `${tool} is allowed.`, reserve };
}

function both(own: Rule | null, allTools: Rule | null): Rule[] {
  if (own === null) return allTools === null ? [] : [allTools];
  return allTools === null ? [own] : [own, allTools];
}

/** Exact name, else the narrowest glob, else the category; null when nothing names the tool. */
export function ruleFor(policy: Policy, tool: string, category: RiskCategory): Rule | null {
  const exact = policy.exact.get(tool);
  if (exact) return exact;
  for (const { fits, rule } of policy.globs) if (fits(tool)) return rule;
  return policy.categories.get(category) ?? null;
}

/** Pointer to what hides the tool, or null. */
export function hidingRule(policy: Policy, tool: string, own: Rule | null): string | null {
  if (policy.hides(tool)) return "/hide";
  if (own?.action === "hide") return own.pointer;
  if (own === null && policy.default === "hide") return "/default";
  return policy.allTools?.action === "hide" ? policy.allTools.pointer : null;
}

function approvalOf(
  rule: Rule,
  view: CallView,
  trace: TraceStep[] | null,
): Pick<GroupRule, "pointer" | "text" | "timeoutS"> | null {
  if (rule.action === "require_approval") {
    const pointer = `${rule.pointer}/action`;
    trace?.push({ step: "action", rule: pointer, outcome: "decides" });
    return { pointer, text: undefined, timeoutS: undefined };
  }
  for (const group of rule.approveIf) {
    if (groupTruth(group, view, trace, "approve_if", "holds") !== "does_not_hold") return group;
  }
  return null;
}

/**
 * The conditions ANDed: one that does not hold settles it, else one that is indeterminate does.
 *
 * @param decisive The truth that ends the evaluation, for the trace; indeterminate always ends it.
 */
function groupTruth(
  group: GroupRule,
  view: CallView,
  trace: TraceStep[] | null,
  step: "require" | "deny_if" | "approve_if",
  decisive: Truth,
): Truth {
  let answer: Truth = "holds";
  const conditions: NonNullable<TraceStep["conditions"]> = [];
  for (const { pointer, holds } of group.conditions) {
    const outcome = holds(view);
    if (trace) conditions.push({ rule: pointer, outcome });
    if (outcome === "does_not_hold") {
      answer = outcome;
      break;
    }
    if (outcome === "indeterminate") answer = outcome;
  }
  const decides = answer === decisive || answer === "indeterminate";
  trace?.push({ step, rule: group.pointer, outcome: decides ? "decides" : "passes", conditions });
  return answer;
}
