// What the proof before a publish is made of, as the API answers it.

export type Backtest = {
  /** Of these, `notDecided` were answered by no policy, e.g. while the grant was frozen. */
  calls: number;
  notDecided: number;
  /** The record does not say enough of them. */
  unknown: number;
  newlyRefused: number;
  newlyAllowed: number;
  newlyAsked: number;
  otherwiseDifferent: number;
  /** Only the newest calls of the time were looked at. */
  truncated: boolean;
  changed: readonly ChangedCall[];
};

export type ChangedCall = {
  callId: string;
  at: string;
  tool: string;
  grantLabel: string | null;
  was: { code: string; rule: string };
  would: { code: string; rule: string; message: string };
};

/** @returns null when it was cancelled. */
export type RunBacktest = (
  document: string,
  hours: number,
  signal: AbortSignal,
) => Promise<{ ok: true; backtest: Backtest } | { ok: false; detail: string } | null>;

const count = new Intl.NumberFormat("en");

/** "Would change 14 of 9,312 calls: 11 newly refused, 3 newly allowed, 20 unknown." */
export function backtestSentence(result: Backtest): string {
  const { calls, newlyRefused, newlyAllowed, newlyAsked, otherwiseDifferent, unknown } = result;
  if (calls === 0) return "There are no calls in this time.";
  const changed = newlyRefused + newlyAllowed + newlyAsked + otherwiseDifferent;
  const parts = [
    [newlyRefused, "newly refused"],
    [newlyAllowed, "newly allowed"],
    [newlyAsked, "waiting for a person"],
    [otherwiseDifferent, "refused for another reason"],
    [unknown, "unknown"],
  ] as const;
  const named = parts.filter(([calls]) => calls > 0).map(([calls, words]) => `${count.format(calls)} ${words}`);
  const of = `${count.format(changed)} of ${count.format(calls)} ${calls === 1 ? "call" : "calls"}`;
  if (changed === 0 && unknown === 0)
    return `Would change none of ${count.format(calls)} ${calls === 1 ? "call" : "calls"}.`;
  return `Would change ${of}: ${named.join(", ")}.`;
}
