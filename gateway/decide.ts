// What may be done with a call: the policy's answer, what the gateway knows besides, and room in the limits.
import type { RiskCategory } from "../catalog/schema.ts";
import type { Policy } from "../policy/compile.ts";
import {
  type Decision,
  evaluate,
  namesExactly,
  type Reservation,
  rateLimitedDecision,
  ruleFor,
} from "../policy/evaluate.ts";
import { isToolName } from "../policy/tool-names.ts";
import type { Call, World } from "./call.ts";
import type { Caller } from "./caller.ts";
import { categoryOf } from "./category.ts";
import { isCallHeld, isHeld } from "./changes.ts";
import type { ReserveAnswer } from "./counters/counters.ts";
import type { RefusalCode } from "./refusals.ts";
import { undeclaredArgument } from "./tool-shape.ts";

/** Longer than any tool's name. */
export const toolNameLengthMax = 256;

/** A decision with what the gateway itself adds to the policy's codes. */
export type Verdict = {
  code: RefusalCode | "allowed";
  rule: string;
  message: string;
  retryAfterS?: number;
  /** What the call holds of its limits. */
  reserved: readonly Reservation[];
  /** Decided by a policy that is only being tried: what it denies is forwarded all the same. */
  isTrial: boolean;
  /** Set when a person has to approve the call: it has reserved nothing yet. */
  asks?: Extract<Decision, { code: "approval_required" }>;
};

/** Decides, and reserves what the call takes of its limits; but for a call that waits for a person (ask-person.ts). */
export function decide(
  caller: Caller,
  call: Call,
  now: number,
  world: Pick<World, "reserve">,
): Promise<Verdict> | Verdict {
  const { policy } = caller;
  const isTrial = typeof policy === "object" && policy.mode === "shadow";
  const evaluated = evaluateCall(caller, call, policyIn(policy), now);
  // A freeze, an unknown or changed tool and a policy that cannot be read are not the trial policy's doing: they hold in any mode.
  if (enforcedAlways.has(evaluated.code)) return { ...evaluated, reserved: [], isTrial: false };
  if (evaluated.code === "approval_required") {
    const { code, rule, message } = evaluated;
    const verdict: Verdict = { code, rule, message, reserved: [], isTrial };
    // A policy that is only being tried asks nobody.
    return isTrial ? verdict : { ...verdict, asks: evaluated };
  }
  if (evaluated.code !== "allowed") return { ...evaluated, reserved: [], isTrial };
  return reserve(evaluated, isTrial, now, world);
}

const enforcedAlways: ReadonlySet<string> = new Set([
  ...["no_policy", "frozen", "unknown_tool", "policy_unavailable", "definition_changed"],
]);

type Evaluated =
  | Decision
  | { code: "unknown_tool" | "policy_unavailable"; rule: string; message: string; reserve?: undefined };

export function policyIn(policy: Caller["policy"]): Policy | "unavailable" | null {
  if (typeof policy === "object") return policy.policy ?? "unavailable";
  return policy === "none" ? null : policy;
}

/** @param policy What it is decided by: the one in force, or one beside it. */
export function evaluateCall(
  caller: Caller,
  call: Call,
  policy: Policy | "unavailable" | null,
  now: number,
): Evaluated {
  const { grant, server } = caller;
  if (call.tool === null) return { code: "unknown_tool", rule: "(unknown tool)", message: "The call names no tool." };
  // Longer than any tool's, and comparing it with the globs of a policy would take its time.
  if (call.tool.length > toolNameLengthMax) {
    return { code: "unknown_tool", rule: "(unknown tool)", message: "The call names no tool that could be." };
  }
  if (policy === "unavailable") {
    return { code: "policy_unavailable", rule: "(policy)", message: "The policy of this grant cannot be read." };
  }
  const category = categoryOf(server, call.tool);
  const definitionChanged = isCallHeld(server.changes, server.onDefinitionChange, call.tool);
  const decision = evaluate(
    policy,
    {
      tool: call.tool,
      category: category ?? "Other",
      arguments: call.arguments,
      grant: { id: grant.id, label: grant.label },
      client: call.clientName === null ? {} : { name: call.clientName },
      session: call.sessionTag === null ? {} : { id: call.sessionTag },
      server: { id: server.id },
      organisation: { id: grant.organisationId },
      now,
    },
    { frozen: caller.frozen, definitionChanged },
  );
  if (decision.code === "no_policy" || decision.code === "frozen") return decision;
  // A tool that the server never listed was never looked at by anyone, unless the policy speaks of it by name.
  if (category === undefined && (policy === null || !namesExactly(policy, call.tool) || !isToolName(call.tool))) {
    return { code: "unknown_tool", rule: "(unknown tool)", message: "The server does not list this tool." };
  }
  const isTrial = typeof caller.policy === "object" && caller.policy.mode === "shadow";
  // What a trial policy would hide is there all the same, so what the tool has become counts.
  const isChanged =
    decision.code === "definition_changed" || (isTrial && definitionChanged && decision.code === "hidden");
  if (isChanged) return changedDefinition(server, call.tool);
  if (policy === null || (decision.code !== "allowed" && decision.code !== "approval_required")) return decision;
  return undeclared(policy, call.tool, category ?? "Other", call.arguments, server) ?? decision;
}

function undeclared(
  policy: Policy,
  tool: string,
  category: RiskCategory,
  args: unknown,
  { tools }: Caller["server"],
): Evaluated | null {
  const shape = tools.get(tool)?.shape;
  if (shape === undefined) return null;
  const known = [ruleFor(policy, tool, category), policy.allTools].flatMap((rule) => rule?.names ?? []);
  const name = undeclaredArgument(shape, args, known);
  if (name === null) return null;
  const message = `${tool} has no argument ${JSON.stringify(name.slice(0, 100))}: its input schema allows no others than it names, and the policy has rules about them. Leave it out.`;
  return { code: "ambiguous_argument", rule: "(input schema)", message };
}

function changedDefinition({ changes, onDefinitionChange }: Caller["server"], tool: string): Decision {
  const code = "definition_changed";
  const what = isHeld(changes, onDefinitionChange, "tool", tool) ? tool : "The server";
  const message = `${what} has changed since the owner accepted it. It is blocked until the owner looks at it.`;
  return { code, rule: "(definition)", message };
}

/** @param decision Of a call that may go, or that waits for a person and then may. */
export function reserve(
  decision: Extract<Decision, { reserve: unknown }>,
  isTrial: boolean,
  now: number,
  world: Pick<World, "reserve">,
): Promise<Verdict> | Verdict {
  const { rule, message } = decision;
  // A trial counts for itself: it must not use up the quota of a policy in force.
  const wanted = isTrial ? decision.reserve.map((one) => ({ ...one, key: `shadow:${one.key}` })) : decision.reserve;
  const allowed: Verdict = { code: "allowed", rule, message, reserved: wanted, isTrial };
  if (wanted.length === 0) return allowed;
  const answer = world.reserve(wanted, now);
  return answer instanceof Promise
    ? answer.then((settled) => afterReserving(allowed, settled))
    : afterReserving(allowed, answer);
}

function afterReserving(allowed: Verdict, answer: ReserveAnswer): Verdict {
  if (answer.ok === true) return answer.reserved ? { ...allowed, reserved: answer.reserved } : allowed;
  if (answer.ok === "unavailable") {
    const message = "The limits cannot be counted right now, so nothing is allowed.";
    return { ...allowed, code: "counter_unavailable", message, reserved: [] };
  }
  const { rule, message } = rateLimitedDecision(answer.failed, answer.retryAfterS);
  const retry = Number.isFinite(answer.retryAfterS) ? { retryAfterS: answer.retryAfterS } : {};
  return { ...allowed, code: "rate_limited", rule, message, ...retry, reserved: [] };
}

/** What a version beside the enforced one would have answered. */
export type ShadowVerdict = { version: number; code: string; rule: string; reserved: readonly Reservation[] };

/**
 * Asks the version beside the enforced one, once the enforced one has decided. Nothing of it reaches the call: it counts for
 * itself, whatever the call is answered, and its troubles are nobody's. A call that the policy did not decide is not asked of it.
 */
export function shadowVerdict(
  caller: Caller,
  call: Call,
  now: number,
  verdict: Verdict,
  world: Pick<World, "reserve">,
): Promise<ShadowVerdict | null> | ShadowVerdict | null {
  const shadow = typeof caller.policy === "object" ? caller.policy.shadow : null;
  if (shadow === null || typeof caller.policy !== "object" || enforcedAlways.has(verdict.code)) return null;
  const prefix = `shadow:${caller.policy.id}:`;
  try {
    const evaluated = evaluateCall(caller, call, shadow.policy, now);
    const { code, rule } = evaluated;
    if (evaluated.code !== "allowed") return { version: shadow.version, code, rule, reserved: [] };
    const wanted = evaluated.reserve.map((one) => ({ ...one, key: `${prefix}${one.key}` }));
    const allowed: ShadowVerdict = { version: shadow.version, code, rule, reserved: wanted };
    if (wanted.length === 0) return allowed;
    const answer = world.reserve(wanted, now);
    if (!(answer instanceof Promise)) return afterShadowReserving(allowed, answer);
    return answer.then((settled) => afterShadowReserving(allowed, settled)).catch(() => null);
  } catch {
    return null;
  }
}

/** Null when nobody can say whether there was room. */
function afterShadowReserving(allowed: ShadowVerdict, answer: ReserveAnswer): ShadowVerdict | null {
  if (answer.ok === true) return answer.reserved ? { ...allowed, reserved: answer.reserved } : allowed;
  if (answer.ok === "unavailable") return null;
  return { version: allowed.version, code: "rate_limited", rule: answer.failed.rule, reserved: [] };
}
