// What was decided and what came of it, on disk before anything leaves: append-only segments of JSON lines.
import { closeSync, fdatasync, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Batch, batchWriter, newBatch, type Seal } from "./journal-batch.ts";
import {
  awaitsOutcome,
  type DecisionRecord,
  type JournalRecord,
  type OutcomeRecord,
  readRecords,
  type UnsealedArguments,
  unknownOutcome,
} from "./journal-records.ts";
import { lockDirectory } from "./lock.ts";
import type { Log } from "./log.ts";
import { Roster } from "./roster.ts";
import { isBefore, listSegments, type Position, readLines, segmentPath } from "./segments.ts";

export type {
  DecisionRecord,
  JournalRecord,
  OutcomeRecord,
  ReservedAmount,
  UnsealedArguments,
} from "./journal-records.ts";

export type Journal = {
  /**
   * Resolves `true` once the decision is in the file (one write for all records of a tick), `false` when it cannot be kept:
   * then the call must not be made. Never rejects.
   *
   * @param unsealed What its `sealedArguments` are made of, before anything of it is written.
   */
  append(decision: DecisionRecord, unsealed?: UnsealedArguments): Promise<boolean>;
  /** What came of a call that is under way. As `append`. @param decision The record that was appended. */
  conclude(outcome: OutcomeRecord, decision: DecisionRecord): Promise<boolean>;
  readonly writable: boolean;
  /** The latest time seen in the journal when it was opened, 0 when it was empty: our clock must not be before it. */
  readonly lastAt: number;
  close(): Promise<void>;
};

/** Who reads the journal. A segment is deleted when none of those that were named at the opening needs it any more. */
export type JournalReader = "record" | "counters" | "telemetry";

export type OpenedJournal = Journal & {
  readonly dir: string;
  /** The oldest record kept. */
  readonly start: Position;
  /** Everything before this is in the file. */
  readonly end: Position;
  /** Whole lines from a position on, as `readLines` answers them. @param memory Where they are put when they fit. */
  read(from: Position, bytesMax: number, memory?: Buffer): Promise<{ lines: Buffer; next: Position }>;
  /** The reader will not ask for anything before this position again. */
  release(reader: JournalReader, position: Position): void;
  /**
   * Called after each write, before anyone hears that their record is kept. At that moment `end` stands for everything that
   * was appended so far.
   */
  onWrite(listener: (records: readonly JournalRecord[]) => void): void;
  /** Decisions in the file whose outcome is not, of this run. In no order. */
  underWay(): Iterable<DecisionRecord>;
  /** Called when the journal closes, after its last write. */
  onClose(listener: () => void): void;
};

export type JournalOptions = {
  dir: string;
  log: Log;
  /** Who reads it: `record` and `counters` when left out. */
  readers?: readonly JournalReader[];
  /** Survive a power cut, not only a crash of the process: one fdatasync for each batch. */
  fsync?: boolean;
  now?: () => number;
  segmentBytesMax?: number;
  probeMs?: number;
  /** Left out: no values are kept. */
  seal?: Seal;
  /** For tests of a full or broken disk. */
  write?: typeof writeSync;
};

/**
 * Opens (or makes) the journal in `dir`, in a segment of its own. Decisions of an earlier run whose outcome nobody wrote down
 * get the outcome `unknown` and keep what they reserved.
 *
 * @throws Error when another running gateway holds it, or the directory cannot be written.
 */
export async function openJournal(options: JournalOptions): Promise<OpenedJournal> {
  const { dir, log, fsync = false, now = Date.now, segmentBytesMax = 16 * 1024 * 1024, probeMs = 1_000 } = options;
  const write = options.write ?? writeSync;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const lock = lockDirectory(dir);
  const kept = listSegments(dir);
  const start: Position = { segment: kept[0] ?? 1, offset: 0 };
  let segment = (kept.at(-1) ?? 0) + 1;
  const earlier = await recover(dir, start, { segment, offset: 0 });
  let file = openSegment(dir, segment);
  let offset = 0;

  /** Decisions that wait for their outcome, and the segment each is in. */
  const underWay = new Roster<DecisionRecord, number>();
  const { readers = ["record", "counters"] } = options;
  const needed = new Map<JournalReader, Position>(readers.map((reader) => [reader, { ...start }]));
  const bytesOf = batchWriter(options.seal ?? (() => null));
  const writeListeners: ((records: readonly JournalRecord[]) => void)[] = [];
  const closeListeners: (() => void)[] = [];
  let batch: Batch | null = null;
  let isWriting = false;
  let isSoon = false;
  let inFlight: Promise<boolean> | null = null;
  let isWritable = true;
  let isClosed = false;
  let probe: NodeJS.Timeout | undefined;

  function append(record: JournalRecord, unsealed?: UnsealedArguments, concluded?: DecisionRecord): Promise<boolean> {
    if (!isWritable || isClosed) return Promise.resolve(false);
    if (!batch) {
      batch = newBatch();
      if (!isWriting) setImmediate(flush);
    }
    // A call waits for it: as soon as all that are decided in the same go have theirs.
    if (record.kind === "decision" && !isWriting && !isSoon) {
      isSoon = true;
      process.nextTick(flush);
    }
    batch.records.push(record);
    batch.unsealed.push(unsealed);
    batch.concluded.push(concluded);
    return batch.kept;
  }

  function flush(): void {
    const writing = batch;
    isSoon = false;
    if (!writing || isWriting) return;
    batch = null;
    if (!isWritable) {
      writing.settle(false);
      return;
    }
    try {
      // Synchronous on purpose: a write to the page cache costs less than a trip to the thread pool and back.
      writeAll(write, file, bytesOf(writing), offset, (length) => {
        offset += length;
      });
    } catch (cause) {
      fail(cause);
      writing.settle(false);
      return;
    }
    note(writing);
    for (const listener of writeListeners) listener(writing.records);
    if (!fsync) {
      finish(writing);
      return;
    }
    isWriting = true;
    inFlight = writing.kept;
    fdatasync(file, (cause) => {
      isWriting = false;
      inFlight = null;
      if (cause) {
        fail(cause);
        writing.settle(false);
      } else {
        finish(writing);
      }
      flush();
    });
  }

  function finish({ settle }: Batch): void {
    settle(true);
    if (offset < segmentBytesMax) return;
    try {
      beginSegment();
    } catch (cause) {
      fail(cause);
    }
  }

  function note({ records, concluded }: Batch): void {
    for (const record of records) {
      if (record.kind === "decision" && awaitsOutcome(record)) underWay.set(record, segment);
    }
    for (const decision of concluded) if (decision !== undefined) underWay.delete(decision);
  }

  function beginSegment(): void {
    const next = openSegment(dir, segment + 1);
    closeSync(file);
    file = next;
    segment += 1;
    offset = 0;
  }

  function fail(cause: unknown): void {
    log.error({ cause: codeOf(cause), segment }, "the journal cannot be written: no call is made until it can");
    isWritable = false;
    try {
      ftruncateSync(file, offset); // leave no torn line in the middle, should this segment be read on
    } catch {
      // Whoever reads it passes over what follows the last newline.
    }
    if (!isClosed) probe = setTimeout(tryAgain, probeMs);
  }

  function tryAgain(): void {
    try {
      const path = join(dir, "probe");
      const descriptor = openSync(path, "w", 0o600);
      try {
        writeAll(write, descriptor, Buffer.alloc(64 * 1024), 0, () => {});
      } finally {
        closeSync(descriptor);
        rmSync(path, { force: true });
      }
      beginSegment();
      isWritable = true;
      log.info({ segment }, "the journal can be written again");
    } catch {
      probe = setTimeout(tryAgain, probeMs);
    }
  }

  function release(reader: JournalReader, position: Position): void {
    const before = needed.get(reader);
    if (before && isBefore(before, position)) needed.set(reader, position);
    let firstNeeded = segment;
    for (const position of needed.values()) firstNeeded = Math.min(firstNeeded, position.segment);
    for (const [, decidedIn] of underWay) firstNeeded = Math.min(firstNeeded, decidedIn);
    while (start.segment < firstNeeded) {
      rmSync(segmentPath(dir, start.segment), { force: true });
      start.segment += 1;
    }
  }

  // A segment tells when it was begun: when all older ones are gone, the time must not run backwards all the same.
  const lastAt = earlier.lastAt;
  const opened = Buffer.from(`${JSON.stringify({ kind: "opened", at: Math.max(now(), lastAt), pid: process.pid })}\n`);
  writeAll(write, file, opened, offset, (length) => {
    offset += length;
  });
  for (const id of earlier.unfinished) void append(unknownOutcome(id, Math.max(now(), lastAt)));
  flush();

  return {
    append,
    conclude: (outcome, decision) => append(outcome, undefined, decision),
    dir,
    lastAt,
    get start() {
      return { ...start };
    },
    get writable() {
      return isWritable && !isClosed;
    },
    get end() {
      return { segment, offset };
    },
    read: (from, bytesMax, memory) => readLines(dir, from, { segment, offset }, bytesMax, memory),
    release,
    *underWay() {
      for (const [decision] of underWay) yield decision;
    },
    onWrite: (listener) => void writeListeners.push(listener),
    onClose: (listener) => void closeListeners.push(listener),
    async close() {
      if (isClosed) return;
      isClosed = true;
      for (let last = batch?.kept ?? inFlight; last; last = batch?.kept ?? inFlight) {
        flush();
        await last;
      }
      clearTimeout(probe);
      for (const listener of closeListeners) listener();
      closeSync(file);
      lock.release();
    },
  };
}

async function recover(dir: string, start: Position, end: Position): Promise<{ lastAt: number; unfinished: string[] }> {
  const unfinished = new Set<string>();
  let lastAt = 0;
  for await (const record of readRecords((from) => readLines(dir, from, end, 1024 * 1024), start, end)) {
    if (record.at > lastAt) lastAt = record.at;
    if (record.kind === "outcome") unfinished.delete(record.id);
    else if (record.kind === "decision" && awaitsOutcome(record)) unfinished.add(record.id);
  }
  return { lastAt, unfinished: [...unfinished] };
}

function writeAll(
  write: typeof writeSync,
  file: number,
  bytes: Buffer,
  offset: number,
  done: (length: number) => void,
): void {
  for (let written = 0; written < bytes.length; ) {
    written += write(file, bytes, written, bytes.length - written, offset + written);
  }
  done(bytes.length);
}

function openSegment(dir: string, segment: number): number {
  return openSync(segmentPath(dir, segment), "wx", 0o600);
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
}
