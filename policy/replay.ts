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
  /** Milliseconds since the epoch, rounded to a whole number. */
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

/** `would` is null when the record does not say enough. */
export type Replayed = { call: LoggedCall; would: Would | null };

type Evaluated =
  /** The answer is certain, and nothing is counted. */
  | { kind: "settled"; would: Would }
  /** The answer, if the limits have room. */
  | { kind: "limited"; would: Would; reserve: readonly Reservation[] }
  /** A person is asked, and may agree. */
  | { kind: "asks"; would: Would; reserve: readonly Reservation[] }
  | { kind: "unknown" };

type Judged = { call: LoggedCall; answer: Evaluated };
type Verdict = "room" | "unknown" | { full: Reservation };

const minuteMs = 60_000;
/** More calls of one millisecond are not told apart. */
const tiesMax = 64;

/**
 * Decides calls with a document as if it had been in force all the time. Freezes and changed definitions are no matter of a
 * document, so they are left out.
 *
 * Calls have to come in time order. The order of calls of the same millisecond is not on record: what depends on it is
 * unknown.
 */
export class Replay {
  private readonly counters: CounterBounds;
  private readonly needs = new Map<string, ArgumentNeed[]>();
  private held: LoggedCall[] = [];
  private readonly policy: Policy;

  constructor(policy: Policy, known: KnownHistory) {
    this.policy = policy;
    this.counters = new CounterBounds(known);
  }

  /** @returns The calls that are decided by now; those of the last millisecond wait for more of it. */
  add(calls: Iterable<LoggedCall>): Replayed[] {
    const replayed: Replayed[] = [];
    for (const call of calls) {
      if (this.held[0] !== undefined && this.held[0].at !== call.at) replayed.push(...this.end());
      this.held.push(call);
    }
    return replayed;
  }

  /** Decides what still waits. */
  end(): Replayed[] {
    const calls = this.held;
    const at = calls[0]?.at;
    if (at === undefined) return [];
    this.held = [];
    this.counters.advance(at);
    const judged = calls.map((call) => ({ call, answer: this.evaluated(call) }));
    // What may count is counted before anybody asks for room: it may have come first.
    for (const { call, answer } of judged) {
      if (answer.kind === "unknown") this.mayTakeSome(call);
      else if (answer.kind === "asks" && !wasAsked(call)) this.counters.mayTake(answer.reserve, at);
    }
    const limited = judged.filter(({ answer }) => answer.kind === "limited");
    const verdicts = new Map(this.verdicts(limited, at).map((verdict, nth) => [limited[nth]?.call, verdict]));
    return judged.map(({ call, answer }) => ({ call, would: wouldOf(answer, verdicts.get(call)) }));
  }

  private evaluated(call: LoggedCall): Evaluated {
    const { policy } = this;
    if (call.category === null && !namesExactly(policy, call.tool)) return { kind: "settled", would: unknownTool };
    const found = call.argumentsFor(this.needsOf(call));
    if (!found.known) return { kind: "unknown" };
    const answer = this.evaluateAt(call, found.arguments, call.at);
    // Rounding may have moved the call over the hour that a condition reads.
    if (call.at % minuteMs === 0 && answer.kind !== "unknown") {
      const before = this.evaluateAt(call, found.arguments, call.at - 1);
      if (before.kind === "unknown" || before.would.code !== answer.would.code) return { kind: "unknown" };
    }
    return answer;
  }

  private evaluateAt(call: LoggedCall, args: unknown, now: number): Evaluated {
    const facts = { isUnknown: false };
    const decision = evaluate(
      this.policy,
      { ...factsOf(call, facts), arguments: args, now },
      { frozen: false, definitionChanged: false },
    );
    if (facts.isUnknown) return { kind: "unknown" };
    const would = { code: decision.code, rule: decision.rule, message: decision.message };
    if (decision.code === "approval_required") return { kind: "asks", would, reserve: decision.reserve };
    if (decision.code !== "allowed") return { kind: "settled", would };
    if (decision.reserve.length === 0) return { kind: "settled", would };
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
      const blind = { ...factsOf(call, facts), now: call.at };
      const reservation = limit.reservation({
        ...blind,
        get arguments() {
          facts.isUnknown = true;
          return null;
        },
      });
      if (facts.isUnknown || reservation === null) this.counters.spoil(limit, call.grant.id, call.at);
      else this.counters.mayTake([reservation], call.at);
    }
  }

  /** Of the calls of one millisecond, in whatever order they came. Counts what they take. */
  private verdicts(limited: readonly Judged[], at: number): Verdict[] {
    const wanted = limited.map(({ answer }) => (answer.kind === "limited" ? answer.reserve : []));
    const settle = (nth: number, verdict: Verdict): Verdict => {
      const reserve = wanted[nth] ?? [];
      const notSentAfterMs = limited[nth]?.call.notSentAfterMs ?? null;
      if (notSentAfterMs !== null && verdict === "room") this.counters.holdUntil(reserve, at, notSentAfterMs);
      else if (verdict === "room") this.counters.take(reserve, at);
      else if (verdict === "unknown") this.counters.mayTake(reserve, at);
      return verdict;
    };
    if (limited.length === 1) return [settle(0, this.counters.ask(wanted[0] ?? [], at))];
    if (limited.length > tiesMax) return wanted.map((_, nth) => settle(nth, "unknown"));
    if (limited.every(({ call }) => call.notSentAfterMs === null) && areAlike(wanted)) {
      // Whoever came first, as many of them fit; but who that was, nobody knows.
      const verdicts = wanted.map((reserve, nth) => settle(nth, this.counters.ask(reserve, at)));
      const isOneAnswer = verdicts.every((verdict) => (verdict === "room") === (verdicts[0] === "room"));
      return isOneAnswer ? verdicts : verdicts.map(() => "unknown");
    }
    const verdicts = wanted.map((reserve, nth) => {
      const keys = new Set(reserve.map(({ key }) => key));
      const rivals = wanted.filter((other, index) => index !== nth && other.some(({ key }) => keys.has(key)));
      return this.counters.askBeside(rivals.flat(), reserve, at);
    });
    return verdicts.map((verdict, nth) => settle(nth, verdict));
  }
}

/** The answer of a limit without the time to wait, which says nothing about a call of long ago. */
function wouldOf(answer: Evaluated, verdict: Verdict | undefined): Would | null {
  if (answer.kind === "unknown") return null;
  if (answer.kind !== "limited") return answer.would;
  if (verdict === "unknown" || verdict === undefined) return null;
  if (verdict === "room") return answer.would;
  const { rule, onDeny, sentence } = verdict.full;
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

function factsOf(call: LoggedCall, facts: { isUnknown: boolean }): Omit<ToolCall, "arguments" | "now"> {
  const { id, label } = call.grant;
  return {
    tool: call.tool,
    category: call.category ?? "Other",
    grant: {
      id,
      get label() {
        if (label === null) facts.isUnknown = true;
        return label ?? "";
      },
    },
    client: call.clientName === null ? {} : { name: call.clientName },
    session: call.sessionId === null ? {} : { id: call.sessionId },
    server: { id: call.serverId },
    organisation: { id: call.organisationId },
  };
}

/** Whether all take the same from the same counters. */
function areAlike(wanted: readonly (readonly Reservation[])[]): boolean {
  const texts = wanted.map((reserve) => JSON.stringify(reserve.map(({ key, amount }) => [key, amount])));
  return texts.every((text) => text === texts[0]);
}
