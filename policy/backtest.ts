// What a document would have changed for the calls on record.
import type { Policy } from "./compile.ts";
import type { KnownHistory } from "./counter-bounds.ts";
import { type DecisionCode, decisionCodes } from "./evaluate.ts";
import { type LoggedCall, Replay, type Would } from "./replay.ts";

/** Codes that are not the document's doing. */
const notDecided: readonly DecisionCode[] = ["no_policy", "frozen", "definition_changed", "counter_unavailable"];
/** The codes of calls that a policy's document decided; only these can be compared with another one. */
export const decidedCodes: ReadonlySet<string> = new Set(decisionCodes.filter((code) => !notDecided.includes(code)));

/** From one decision to another. A person who is asked is a third answer, neither allowed nor refused. */
export type Change = "same" | "newlyRefused" | "newlyAllowed" | "newlyAsked" | "otherwiseDifferent";

/**
 * @param was The code of what happened.
 * @returns The new answer, when it is another one: `newlyRefused` is refused now and was allowed or asked about before. Two
 *   refusals are `otherwiseDifferent` when their codes differ; another rule with the same code changes nothing.
 */
export function changeOf(was: string, would: string): Change {
  const [before, after] = [answerOf(was), answerOf(would)];
  if (before !== after) return changesTo[after];
  return after !== "refused" || was === would ? "same" : "otherwiseDifferent";
}

type Answer = "allowed" | "asked" | "refused";
const changesTo: Record<Answer, Change> = {
  allowed: "newlyAllowed",
  asked: "newlyAsked",
  refused: "newlyRefused",
};

/** What a person answered to the question is not the policy's. */
function answerOf(code: string): Answer {
  if (code === "allowed") return "allowed";
  return code.startsWith("approval_") ? "asked" : "refused";
}

/** What happened to a call: one that a policy in shadow mode would have denied went through. */
export function recordedAnswer({ code, rule, wouldDeny }: Pick<LoggedCall, "code" | "rule" | "wouldDeny">) {
  return wouldDeny ? { code: "allowed", rule: "(shadow)" } : { code, rule };
}

export type ChangedCall = { call: LoggedCall; was: { code: string; rule: string }; would: Would };

export type BacktestResult = Record<Change, number> & {
  /** All calls of the time; `decided` and `unknown` together. */
  calls: number;
  decided: number;
  unknown: number;
  /** In time order, the first `changedMax`. */
  changed: ChangedCall[];
  /** What decides the changed calls, the most calls first. */
  rules: { rule: string; code: string; calls: number }[];
};

export const changedMax = 500;
const rulesMax = 500;

export type BacktestOptions = KnownHistory & {
  /** Calls before it only fill the counters (milliseconds). */
  from: number;
};

/**
 * Replays calls as they come, in time order, and counts what would have been different had the document been in force all
 * the time. A call that nobody can decide is unknown, and so is one that may or may not have found a limit full.
 */
export class Backtest {
  private readonly replay: Replay;
  private readonly from: number;
  private readonly ruleCounts = new Map<string, BacktestResult["rules"][number]>();
  private readonly result: BacktestResult = {
    ...{ calls: 0, decided: 0, unknown: 0 },
    ...{ same: 0, newlyRefused: 0, newlyAllowed: 0, newlyAsked: 0, otherwiseDifferent: 0 },
    changed: [],
    rules: [],
  };

  constructor(policy: Policy, options: BacktestOptions) {
    this.replay = new Replay(policy, options);
    this.from = options.from;
  }

  /** @param call One with one of `decidedCodes`; in the order of times, then of ids. */
  add(call: LoggedCall): void {
    const { result } = this;
    const would = this.replay.next(call);
    if (call.at < this.from) return;
    result.calls += 1;
    if (would === null) {
      result.unknown += 1;
      return;
    }
    result.decided += 1;
    const was = recordedAnswer(call);
    const change = changeOf(was.code, would.code);
    result[change] += 1;
    if (change === "same") return;
    if (result.changed.length < changedMax) result.changed.push({ call, was, would });
    const key = JSON.stringify([would.rule, would.code]);
    const counted = this.ruleCounts.get(key) ?? { rule: would.rule, code: would.code, calls: 0 };
    counted.calls += 1;
    this.ruleCounts.set(key, counted);
  }

  end(): BacktestResult {
    const rules = [...this.ruleCounts.values()].sort((a, b) => b.calls - a.calls).slice(0, rulesMax);
    return { ...this.result, rules };
  }
}

/** All at once, for calls that are at hand and are all there are. */
export function backtest(
  policy: Policy,
  calls: Iterable<LoggedCall>,
  options: Partial<BacktestOptions> = {},
): BacktestResult {
  const longAgo = Number.NEGATIVE_INFINITY;
  const run = new Backtest(policy, { from: longAgo, since: longAgo, sharedScopes: new Set(), ...options });
  for (const call of calls) run.add(call);
  return run.end();
}

/** How long before a call others may still count against it: the longest window of the document's limits; 0 without any. */
export function longestWindowMs({ exact, globs, categories, allTools }: Policy): number {
  const rules = [...exact.values(), ...globs.map(({ rule }) => rule), ...categories.values(), allTools];
  const windows = rules.flatMap((rule) => rule?.limits.map(({ windowMs }) => windowMs) ?? []);
  return windows.reduce((longest, windowMs) => Math.max(longest, windowMs), 0);
}
