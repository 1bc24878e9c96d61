// What was decided and what came of it, on disk before anything leaves: append-only segments of JSON lines.
import type { Log } from "./log.ts";

export type DecisionRecord = {
  kind: "decision";
  /** UUID version 7; the `decision_id` that the agent is told. */
  id: string;
  /** The time the reservations were made at, and so the time of the decision (ms since the epoch). */
  at: number;
  organisationId: string;
  serverId: string;
  grantId: string | null;
  sessionId: string | null;
  method: string;
  tool: string | null;
  policyId: string | null;
  policyVersion: number | null;
  code: string;
  rule: string;
  message: string;
  wouldDeny: boolean;
  argumentKeys: string[];
  clientName: string | null;
  /** What this call holds of its limits; empty for a refusal. Read again after a crash. */
  reserve: ReservedAmount[];
  gatewayMs: number | null;
};

export type ReservedAmount = {
  key: string;
  windowMs: number;
  calendarStart?: number;
  calendarEnd?: number;
  amount: number;
};

export type OutcomeRecord = {
  kind: "outcome";
  /** The decision's id. */
  id: string;
  at: number;
  outcome: "answered" | "tool_error" | "upstream_error" | "not_sent" | "unknown";
  upstreamStatus: number | null;
  upstreamMs: number | null;
  gatewayMs: number | null;
  /** Whether the decision's reservations were given back. */
  gaveBack: boolean;
};

export type Journal = {
  /**
   * Resolves `true` once the record is in the file (one write for all records of a tick), `false` when it cannot be kept:
   * then the call must not be made. Never rejects.
   */
  append(record: DecisionRecord | OutcomeRecord): Promise<boolean>;
  readonly writable: boolean;
  /** The latest time seen in the journal when it was opened, 0 when it was empty: our clock must not be before it. */
  readonly lastAt: number;
  close(): Promise<void>;
};

export type JournalOptions = { dir: string; log: Log; fsync?: boolean; now?: () => number };

/** Opens (or makes) the journal in `dir`. @throws Error when another running gateway holds it. */
export async function openJournal(_options: JournalOptions): Promise<Journal> {
  throw new Error("not built yet");
}
