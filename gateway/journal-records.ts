// What stands in the journal: its records, and how a line becomes a record again.
import type { Mentions } from "../policy/recorded.ts";
import { isBefore, linesOf, type Position } from "./segments.ts";

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
  /** The values that policies mention, sealed; left out when none are kept. */
  sealedArguments?: string;
  /** What a version beside the enforced one would have answered; left out when there is none. */
  shadowVersion?: number;
  shadowCode?: string;
  shadowRule?: string;
  clientName: string | null;
  /** The approval that it waits for, was made by or was refused by; left out when none has to do with it. */
  approvalId?: string;
  /** The caller's trace context, where it sent one. */
  traceparent?: string;
  /**
   * What this call holds of its limits, and of those that a version beside the enforced one would count; of its own it holds
   * none when it was refused. Read again after a crash.
   */
  reserve: ReservedAmount[];
  gatewayMs: number | null;
};

export type ReservedAmount = {
  key: string;
  windowMs: number;
  calendarStart?: number | undefined;
  calendarEnd?: number | undefined;
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

export type JournalRecord = DecisionRecord | OutcomeRecord;

/** The arguments of a call whose values are to be kept, before they are sealed. */
export type UnsealedArguments = { arguments: unknown; mentions: Mentions };

/** Whether the call was made, so that its outcome will follow. In shadow mode a call is made although it would be denied. */
export function awaitsOutcome(record: DecisionRecord): boolean {
  return record.code === "allowed" || record.wouldDeny;
}

/** What is written down at the next start for a call whose outcome nobody saw. */
export function unknownOutcome(id: string, at: number): OutcomeRecord {
  const nothing = { upstreamStatus: null, upstreamMs: null, gatewayMs: null };
  return { kind: "outcome", id, at, outcome: "unknown", ...nothing, gaveBack: false };
}

/** The records between two positions. A line that cannot be read is passed over. */
export async function* readRecords(
  read: (from: Position) => Promise<{ lines: Buffer; next: Position }>,
  from: Position,
  end: Position,
): AsyncGenerator<JournalRecord | { kind: "opened"; at: number }> {
  for (let at = from; isBefore(at, end); ) {
    const { lines, next } = await read(at);
    for (const line of linesOf(lines)) {
      const record = parseRecord(line);
      if (record) yield record;
    }
    at = next;
  }
}

function parseRecord(line: Buffer): JournalRecord | null {
  try {
    const record: unknown = JSON.parse(line.toString("utf8"));
    if (typeof record !== "object" || record === null || !("at" in record) || typeof record.at !== "number")
      return null;
    return record as JournalRecord; // we wrote it
  } catch {
    return null;
  }
}
