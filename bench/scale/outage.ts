import { measured } from "./inputs.ts";

export type OutageOrder = {
  /** Calls a second over all gateways; agents go on calling while they are refused. */
  rate: number;
  minutes: number;
  /** `away`: not reached at all, so calls are refused after the lease. `stuck`: answers, but takes no records. */
  kind: "away" | "stuck";
};

/** Second by second: what is written into the journals, and what Postgres takes out of them when it is back. */
export function outage({ rate, minutes, kind }: OutageOrder) {
  const { leaseS, journalAllowedBytes, journalRefusedBytes, shipPerSecond } = measured;
  let records = 0;
  let bytes = 0;
  let refusedCalls = 0;
  for (let second = 0; second < minutes * 60; second++) {
    const isAllowed = kind === "stuck" || second < leaseS.value;
    records += isAllowed ? 2 * rate : rate; // a decision and what came of it, or a decision alone
    bytes += rate * (isAllowed ? journalAllowedBytes.value : journalRefusedBytes.value);
    if (!isAllowed) refusedCalls += rate;
  }
  const waiting = records;
  let drainS: number | null = 0;
  while (records > 0 && drainS !== null) {
    records += 2 * rate - shipPerSecond.value;
    drainS = drainS > 7 * 86_400 || shipPerSecond.value <= 2 * rate ? null : drainS + 1;
  }
  return { records: waiting, bytes, drainS, refused: refusedCalls / (rate * minutes * 60) };
}
