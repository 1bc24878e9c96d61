// Calls on record, decided once more by another document: in time order, each at its own time, with counters of their own. What
// the record does not say is unknown and never guessed.
import type { RiskCategory } from "../catalog/schema.ts";
import type { Policy } from "./compile.ts";
import { CounterBounds, type KnownHistory } from "./counter-bounds.ts";
import { evaluate, namesExactly, type Reservation, ruleFor, type ToolCall } from "./evaluate.ts";
import { type ArgumentNeed, argumentNeeds } from "./mentioned.ts";

/** A call that a policy decided, as the log has it. */
export type LoggedCall = {
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
  tool: string;
  /** As the tool is classified today; null for a tool that its server never listed. */
  category: RiskCategory | null;
  /** The label of today; null when nobody knows it any more. */
  grant: { id: string; label: string | null };
  sessionId: string | null;
  clientName: string | null;
  serverId: string;
  organisationId: string;
  /** The recorded decision. A call that `wouldDeny` went through all the same. */
  code: string;
  rule: string;
  wouldDeny: boolean;
  /** Milliseconds until it was known that the call could not be handed over; null for a call that may have been. */
  notSentAfterMs: number | null;
  /** The arguments as far as the needs go, when the record has them. Asked at most once. */
  argumentsFor(needs: readonly ArgumentNeed[]): { known: true; arguments: unknown } | { known: false };
};

export type Would = { code: string; rule: string; message: string };

type Evaluated =
  /** The answer is certain, and nothing is counted. */
  | { kind: "settled"; would: Would }
  /** The answer, if the limits have room. */
  | { kind: "limited"; would: Would; reserve: readonly Reservation[] }
  /** A person is asked, and may agree. */
  | { kind: "asks"; would: Would; reserve: readonly Reservation[] }
  | { kind: "unknown" };

/**
 * Decides calls with a document as if it had been in force all the time. Freezes and changed definitions are no matter of a
 * document, so they are left out.
 *
 * Calls have to come in the order they were decided in, which is that of their times and then of their ids.
 */
export class Replay {
  private readonly counters: CounterBounds;
  private readonly needs = new Map<string, ArgumentNeed[]>();
  private readonly policy: Policy;

  constructor(policy: Policy, known: KnownHistory) {
    this.policy = policy;
    this.counters = new CounterBounds(known);
  }

  /** @returns Null when the record does not say enough. */
  next(call: LoggedCall): Would | null {
    const { at } = call;
    this.counters.advance(at);
    const answer = this.evaluated(call);
    if (answer.kind === "settled") return answer.would;
    if (answer.kind === "unknown") {
      this.mayTakeSome(call);
      return null;
    }
    if (answer.kind === "asks") {
      if (!wasAsked(call)) this.counters.mayTake(answer.reserve, at);
      return answer.would;
    }
    const { reserve } = answer;
    const room = this.counters.ask(reserve, at);
    if (room === "unknown") {
      this.counters.mayTake(reserve, at);
      return null;
    }
    if (room !== "room") return limited(room.full);
    if (call.notSentAfterMs === null) this.counters.take(reserve, at);
    else this.counters.holdUntil(reserve, at, call.notSentAfterMs);
    return answer.would;
  }

  private evaluated(call: LoggedCall): Evaluated {
    const { policy } = this;
    if (call.category === null && !namesExactly(policy, call.tool)) return { kind: "settled", would: unknownTool };
    const found = call.argumentsFor(this.needsOf(call));
    if (!found.known) return { kind: "unknown" };
    const facts = { isUnknown: false };
    const decision = evaluate(
      this.policy,
      { ...factsOf(call, facts), arguments: found.arguments },
      { frozen: false, definitionChanged: false },
    );
    if (facts.isUnknown) return { kind: "unknown" };
    const would = { code: decision.code, rule: decision.rule, message: decision.message };
    if (decision.code === "approval_required") return { kind: "asks", would, reserve: decision.reserve };
    if (decision.code !== "allowed" || decision.reserve.length === 0) return { kind: "settled", would };
    return { kind: "limited", would, reserve: decision.reserve };
  }

  private needsOf({ tool, category }: LoggedCall): ArgumentNeed[] {
    const key = `${category} ${tool}`;
    let needs = this.needs.get(key);
    if (needs === undefined) {
      needs = argumentNeeds(this.policy, tool, category ?? "Other");
      this.needs.set(key, needs);
    }
    return needs;
  }

  /** A call that nobody can decide may have been allowed, and then it counts wherever its rules count. */
  private mayTakeSome(call: LoggedCall): void {
    const own = ruleFor(this.policy, call.tool, call.category ?? "Other");
    for (const limit of [...(own?.limits ?? []), ...(this.policy.allTools?.limits ?? [])]) {
      const facts = { isUnknown: false };
      const reservation = limit.reservation({
        ...factsOf(call, facts),
        get arguments() {
          facts.isUnknown = true;
          return null;
        },
      });
      if (facts.isUnknown || reservation === null) this.counters.spoil(limit, call.grant.id, call.at);
      else this.counters.mayTake([reservation], call.at);
    }
  }
}

/** Without the time to wait, which says nothing about a call of long ago. */
function limited({ rule, onDeny, sentence }: Reservation): Would {
  return { code: "rate_limited", rule, message: onDeny ?? sentence };
}

/** What the gateway answers for a tool that the server never listed and the policy does not name. */
const unknownTool: Would = {
  code: "unknown_tool",
  rule: "(unknown tool)",
  message: "The server does not list this tool.",
};

/** A person was asked then, and whatever the answer was, it is the answer again. */
function wasAsked({ code, wouldDeny }: LoggedCall): boolean {
  return !wouldDeny && code.startsWith("approval_");
}

function factsOf(call: LoggedCall, facts: { isUnknown: boolean }): Omit<ToolCall, "arguments"> {
  const { id, label } = call.grant;
  return {
    tool: call.tool,
    category: call.category ?? "Other",
    grant: label === null ? unlabelled(id, facts) : { id, label },
    client: call.clientName === null ? {} : { name: call.clientName },
    session: call.sessionId === null ? {} : { id: call.sessionId },
    server: { id: call.serverId },
    organisation: { id: call.organisationId },
    now: call.at,
  };
}

/** A label that tells when somebody looks at it. */
function unlabelled(id: string, facts: { isUnknown: boolean }): ToolCall["grant"] {
  return {
    id,
    get label() {
      facts.isUnknown = true;
      return "";
    },
  };
}
