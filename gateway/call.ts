// The path of one tools/call: decide, reserve, write it down, forward, write down what came back.
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
import { andMore, argumentNames, type Mentions } from "../policy/recorded.ts";
import { isToolName } from "../policy/tool-names.ts";
import type { Caller } from "./caller.ts";
import { categoryOf } from "./category.ts";
import { isCallHeld, isHeld } from "./changes.ts";
import type { ReserveAnswer } from "./counters/counters.ts";
import type { DecisionRecord, OutcomeRecord } from "./journal.ts";
import { type Refusal, type RefusalCode, refusals } from "./refusals.ts";
import { undeclaredArgument } from "./tool-shape.ts";
import type { UpstreamTroubleCode } from "./upstream/upstream.ts";

/** What a call asks for. */
export type Call = {
  /** Null when the message names no tool. */
  tool: string | null;
  /** Parsed arguments (json-scan.ts). */
  arguments: unknown;
  sessionTag: string | null;
  clientName: string | null;
  /** The trace that it belongs to. */
  traceparent?: string | null;
};

/** What came of a forwarded call. */
export type Forwarded = {
  outcome: OutcomeRecord["outcome"];
  upstreamStatus: number | null;
  upstreamMs: number | null;
  /** Why the client still has to be answered by us; null when the server's answer was streamed to it. */
  trouble: UpstreamTroubleCode | "upstream_unauthorized" | null;
  /** With `trouble`: whole seconds after which it is worth trying again, where that is known. */
  retryAfterS?: number;
};

/** Everything outside of the decision, as plain functions. */
export type World = {
  /** Milliseconds since the epoch, never going back. */
  now(): number;
  newId(now: number): string;
  reserve(reservations: readonly Reservation[], now: number): Promise<ReserveAnswer> | ReserveAnswer;
  giveBack(reservations: readonly Reservation[], reservedAt: number): void;
  record(record: DecisionRecord | OutcomeRecord): Promise<boolean>;
  /** The values of the mentioned arguments, sealed; null when there are none, or they cannot be sealed: then none are kept. */
  sealArguments(args: unknown, mentions: Mentions, callId: string): string | null;
  /** Sends the call's bytes to its server and streams the answer to the client. */
  forward(): Promise<Forwarded>;
};

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
};

/**
 * Takes one call through. `receivedAt` is when the request was read.
 *
 * @returns What the client has to be told by us; null when the server's own answer went to it.
 */
export async function callTool(caller: Caller, call: Call, receivedAt: number, world: World): Promise<Refusal | null> {
  const now = world.now();
  // Whole milliseconds, as the log has them: the time on record is the time that limits were counted at.
  const at = Math.floor(now);
  const id = world.newId(at);
  // Without a wait, when there is nothing to wait for: what is reserved goes to the journal in the same tick, so that a
  // snapshot of the counters always fits the journal it was taken at.
  const decided = decide(caller, call, at, world);
  const verdict = decided instanceof Promise ? await decided : decided;
  const tried = shadowVerdict(caller, call, at, verdict, world);
  const shadow = tried instanceof Promise ? await tried : tried;
  const held = shadow === null ? verdict.reserved : [...verdict.reserved, ...shadow.reserved];
  const record = decisionRecord(id, at, caller, call, verdict, now - receivedAt, world, shadow, held);

  // Before the call leaves, not after: a call we cannot account for is a call we do not make.
  if (!(await world.record(record))) {
    world.giveBack(held, at);
    return { code: "record_unavailable", message: null, rule: "", decisionId: null };
  }
  if (verdict.code !== "allowed" && !verdict.isTrial) {
    return { ...verdict, code: verdict.code, decisionId: id };
  }

  const leftAt = world.now();
  const forwarded = await world.forward();
  // A call that never left holds nothing. Of one whose fate is unknown, everything: it may have taken effect.
  const gaveBack = forwarded.outcome === "not_sent" && held.length > 0;
  if (gaveBack) world.giveBack(held, at);
  const endedAt = world.now();
  void world.record({
    kind: "outcome",
    id,
    at: endedAt,
    outcome: forwarded.outcome,
    upstreamStatus: forwarded.upstreamStatus,
    upstreamMs: forwarded.upstreamMs,
    gatewayMs: leftAt - receivedAt + Math.max(0, endedAt - leftAt - (forwarded.upstreamMs ?? 0)),
    gaveBack,
  });
  if (forwarded.trouble === null) return null;
  const { trouble, retryAfterS } = forwarded;
  const again = retryAfterS === undefined ? "" : `Try again in ${retryAfterS} s.`;
  const message = [refusals[trouble].sentence, effects[forwarded.outcome], again].filter(Boolean).join(" ");
  const retry = retryAfterS === undefined ? {} : { retryAfterS };
  return { code: trouble, message, rule: verdict.rule, ...retry, decisionId: id };
}

/** What the agent has to know before it tries again. */
const effects: Record<Forwarded["outcome"], string> = {
  not_sent: "The call was not made.",
  unknown: "The call may have taken effect, or may still.",
  upstream_error: "",
  tool_error: "",
  answered: "",
};

function decide(caller: Caller, call: Call, now: number, world: World): Promise<Verdict> | Verdict {
  const { policy } = caller;
  const isTrial = typeof policy === "object" && policy.mode === "shadow";
  const evaluated = evaluateCall(caller, call, policyIn(policy), now);
  // A freeze, an unknown or changed tool and a policy that cannot be read are not the trial policy's doing: they hold in any mode.
  if (enforcedAlways.has(evaluated.code)) return { ...evaluated, reserved: [], isTrial: false };
  if (evaluated.code === "approval_required") {
    const message = `${asSentence(evaluated.message)} The call needs a person's approval before it can be made.`;
    return { code: evaluated.code, rule: evaluated.rule, message, reserved: [], isTrial };
  }
  if (evaluated.code !== "allowed") return { ...evaluated, reserved: [], isTrial };
  return reserve(evaluated, isTrial, now, world);
}

/** An owner's words may end without a full stop; ours follow. */
function asSentence(text: string): string {
  return /[.!?…]\s*$/.test(text) ? text : `${text}.`;
}

const enforcedAlways: ReadonlySet<string> = new Set([
  ...["no_policy", "frozen", "unknown_tool", "policy_unavailable", "definition_changed"],
]);

type Evaluated =
  | Decision
  | { code: "unknown_tool" | "policy_unavailable"; rule: string; message: string; reserve?: undefined };

function policyIn(policy: Caller["policy"]): Policy | "unavailable" | null {
  if (typeof policy === "object") return policy.policy ?? "unavailable";
  return policy === "none" ? null : policy;
}

function evaluateCall(caller: Caller, call: Call, policy: Policy | "unavailable" | null, now: number): Evaluated {
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

function reserve(
  decision: Extract<Decision, { code: "allowed" }>,
  isTrial: boolean,
  now: number,
  world: World,
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
  if (answer.ok === true) return allowed;
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
function shadowVerdict(
  caller: Caller,
  call: Call,
  now: number,
  verdict: Verdict,
  world: World,
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
  if (answer.ok === true) return allowed;
  if (answer.ok === "unavailable") return null;
  return { version: allowed.version, code: "rate_limited", rule: answer.failed.rule, reserved: [] };
}

const toolNameLengthMax = 256;

/** What is kept of a call: the names of its arguments, and sealed the values that the server's policies mention. */
export function decisionRecord(
  id: string,
  at: number,
  caller: Caller,
  call: Call,
  verdict: Pick<Verdict, "code" | "rule" | "message"> & Partial<Verdict>,
  gatewayMs: number,
  { sealArguments }: Pick<World, "sealArguments">,
  shadow: ShadowVerdict | null = null,
  held: readonly Reservation[] = [],
): DecisionRecord {
  const { grant, policy, server } = caller;
  const argumentKeys = argumentNames(call.arguments);
  const record: DecisionRecord = {
    kind: "decision",
    id,
    at,
    organisationId: grant.organisationId,
    serverId: grant.serverId,
    grantId: grant.id,
    sessionId: call.sessionTag,
    method: "tools/call",
    tool: call.tool?.slice(0, toolNameLengthMax) ?? null,
    policyId: grant.policyId,
    policyVersion: typeof policy === "object" ? policy.version : null,
    code: verdict.code,
    rule: verdict.rule,
    message: verdict.message,
    wouldDeny: verdict.isTrial === true && verdict.code !== "allowed",
    argumentKeys,
    clientName: call.clientName,
    reserve: held.map(({ key, windowMs, calendarStart, calendarEnd, amount }) => ({
      key,
      windowMs,
      ...(calendarStart === undefined ? {} : { calendarStart }),
      ...(calendarEnd === undefined ? {} : { calendarEnd }),
      amount,
    })),
    gatewayMs,
  };
  if (server.mentions !== null && argumentKeys.length > 0 && argumentKeys.at(-1) !== andMore) {
    const sealed = sealArguments(call.arguments, server.mentions, id);
    if (sealed !== null) record.sealedArguments = sealed;
  }
  if (call.traceparent) record.traceparent = call.traceparent;
  if (shadow !== null) {
    record.shadowVersion = shadow.version;
    record.shadowCode = shadow.code;
    record.shadowRule = shadow.rule;
  }
  return record;
}
