import type { DemonstrationCall } from "../../../../catalog/attacks/attack.ts";
import type { Policy } from "../../../../policy/compile.ts";
import { type DecisionCode, evaluate, rateLimitedDecision } from "../../../../policy/evaluate.ts";
import { Counters } from "../../../../policy/limits.ts";

export type DecidedCall = { code: DecisionCode; rule: string; message: string };

/** A day in the middle of a week; what is shown must not depend on when it is looked at. */
const startedAt = Date.UTC(2026, 10, 18, 9, 30);

/**
 * Decides calls in their order with the engine and the counters of the gateway. A call that is refused or waits for a person
 * takes nothing from any limit, as in the gateway.
 */
export function decideCalls(policy: Policy, calls: readonly DemonstrationCall[]): DecidedCall[] {
  const counters = new Counters();
  return calls.map((call) => {
    const now = startedAt + call.atS * 1_000;
    const decision = decideCall(policy, call, { now, definitionChanged: false });
    if (!("reserve" in decision) || decision.code !== "allowed") return bare(decision);
    const reserved = counters.reserve(decision.reserve, now);
    return bare(reserved.ok ? decision : rateLimitedDecision(reserved.failed, reserved.retryAfterS));
  });
}

export function decideCall(
  policy: Policy,
  call: Pick<DemonstrationCall, "tool" | "category" | "arguments">,
  { now = startedAt, definitionChanged }: { now?: number; definitionChanged: boolean },
) {
  return evaluate(
    policy,
    {
      tool: call.tool,
      category: call.category,
      arguments: call.arguments,
      grant: { id: "grant", label: "ci" },
      client: { name: "agent" },
      session: { id: "session" },
      server: { id: "server" },
      organisation: { id: "organisation" },
      now,
    },
    { frozen: false, definitionChanged },
  );
}

function bare({ code, rule, message }: DecidedCall): DecidedCall {
  return { code, rule, message };
}
