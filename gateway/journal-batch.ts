// What the journal writes in one go: the records of a tick, sealed and put into bytes together.
import { lineOf } from "./journal-lines.ts";
import type { DecisionRecord, JournalRecord, UnsealedArguments } from "./journal-records.ts";

export type Batch = {
  records: JournalRecord[];
  /** At the place of each decision: what its arguments are sealed from. */
  unsealed: (UnsealedArguments | undefined)[];
  /** At the place of each outcome: what was decided. */
  concluded: (DecisionRecord | undefined)[];
  kept: Promise<boolean>;
  settle(kept: boolean): void;
};

/**
 * The values of a call's arguments, sealed, in letters, digits, `.`, `-` and `_`; null when there are none, or they cannot be sealed:
 * then none are kept.
 */
export type Seal = (unsealed: UnsealedArguments, callId: string) => string | null;

export function newBatch(): Batch {
  let settle: (kept: boolean) => void = () => {};
  const kept = new Promise<boolean>((resolve) => {
    settle = resolve;
  });
  return { records: [], unsealed: [], concluded: [], kept, settle };
}

/** @returns What seals a batch and puts it into bytes. They are good until the next one: memory for each would cost more than to fill it. */
export function batchWriter(seal: Seal): (batch: Batch) => Buffer {
  const written = Buffer.allocUnsafe(256 * 1024);
  return (batch) => {
    const text = textOf(batch, seal);
    // No character takes more than three bytes of UTF-8.
    if (text.length * 3 > written.length) return Buffer.from(text);
    return written.subarray(0, written.write(text));
  };
}

/** One step for all records after the other: what a step needs is then near the processor for all but the first. */
function textOf({ records, unsealed }: Batch, seal: Seal): string {
  for (let index = 0; index < records.length; index += 1) {
    const [record, own] = [records[index], unsealed[index]];
    if (own === undefined || record?.kind !== "decision") continue;
    const sealed = seal(own, record.id);
    if (sealed !== null) record.sealedArguments = sealed;
  }
  let text = "";
  for (const record of records) text += lineOf(record);
  return text;
}
