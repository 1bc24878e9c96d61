// Limits counted in this process's memory. What was reserved is in the journal before a call leaves, so a snapshot and the
// journal behind it are enough to go on after a crash without ever allowing a call too many.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { open as openFile } from "node:fs/promises";
import { join } from "node:path";
import type { Reservation } from "../../policy/evaluate.ts";
import { Counters, type CountersSnapshot } from "../../policy/limits.ts";
import type { OpenedJournal } from "../journal.ts";
import { awaitsOutcome, type JournalRecord, type ReservedAmount, readRecords } from "../journal-records.ts";
import type { Log } from "../log.ts";
import { isBefore, type Position } from "../segments.ts";
import type { CounterStore } from "./counters.ts";

/** The state at a position of the journal: everything before it is counted, nothing after it is. */
type Snapshot = { version: 1; position: Position; counters: CountersSnapshot; open: [string, Held][] };

/** What a call under way holds, in case it is given back. */
type Held = { at: number; reserve: ReservedAmount[] };

export type MemoryCountersOptions = {
  journal: OpenedJournal;
  log: Log;
  now: () => number;
  snapshotMs?: number;
};

const pruneMs = 60_000;
const readBytesMax = 1024 * 1024;
/** So many segments of the journal are read again after a crash, at most. */
const segmentsMax = 8;

/** Opens the counters where the journal's last run left them. They close with the journal. */
export async function openMemoryCounters(options: MemoryCountersOptions): Promise<CounterStore> {
  const { journal, log, now, snapshotMs = 10_000 } = options;
  const path = join(journal.dir, "counters.json");
  const restored = await restore(journal, path);
  if (!restored) {
    // To begin at zero would allow calls over their limits. A person may decide that; we do not.
    log.error({ path }, "the counters cannot be read: limited calls are denied until the file is mended or removed");
    return { reserve: () => ({ ok: "unavailable" }), giveBack() {}, available: false };
  }
  const { counters, open: left } = restored;
  let isDue = true;
  let isSaving = false;
  let isClosed = false;
  let lastSegment = 0;
  let timer: NodeJS.Timeout | undefined;

  /** A `Snapshot` of this moment as JSON text, in pieces. */
  function snapshot(): { pieces: Iterable<string>; position: Position } {
    const position = journal.end;
    const open = new Map(left);
    for (const decision of journal.underWay()) follow(open, decision);
    const rest = JSON.stringify({ version: 1, position, open: [...open] });
    const counted = counters.export();
    return { pieces: concat([`${rest.slice(0, -1)},"counters":`], counted, ["}"]), position };
  }

  async function save(): Promise<void> {
    isDue = false;
    isSaving = true;
    let tookMs = 0;
    const timed = <T>(take: () => T): T => {
      const began = performance.now();
      const taken = take();
      tookMs += performance.now() - began;
      return taken;
    };
    const { pieces, position } = timed(snapshot);
    lastSegment = position.segment;
    try {
      await writeDurably(`${path}.new`, pieces, timed);
      if (isClosed) return; // a newer one is in place
      renameSync(`${path}.new`, path);
      journal.release("counters", position);
    } catch (cause) {
      log.warn({ cause }, "the counters could not be saved; the journal holds what is needed");
    } finally {
      isSaving = false;
      // However many counters there are, collecting them takes no more than a hundredth of the time.
      timer = setTimeout(
        () => {
          isDue = true;
        },
        Math.max(snapshotMs, tookMs * 100),
      );
      timer.unref();
    }
  }

  const pruning = setInterval(() => counters.prune(now()), pruneMs);
  pruning.unref();

  // Right after a write, what is counted and what is in the journal are the same: calls reserve and append in one go.
  journal.onWrite(() => {
    if (!isSaving && (isDue || journal.end.segment - lastSegment >= segmentsMax)) void save();
  });
  journal.onClose(() => {
    isClosed = true;
    clearTimeout(timer);
    clearInterval(pruning);
    writeFileSync(`${path}.last`, [...snapshot().pieces].join(""), { mode: 0o600 });
    renameSync(`${path}.last`, path);
  });

  return {
    reserve: (reservations, at) => counters.reserve(reservations, at),
    giveBack: (reservations, reservedAt) => counters.giveBack(reservations, reservedAt),
    available: true,
  };
}

/** @returns `null` when there is a snapshot that cannot be read. */
async function restore(
  journal: OpenedJournal,
  path: string,
): Promise<{ counters: Counters; open: Map<string, Held> } | null> {
  const snapshot = readSnapshot(path);
  if (snapshot === "unreadable") return null;
  const counters = snapshot ? Counters.import(snapshot.counters) : new Counters();
  const open = new Map(snapshot?.open);
  // A snapshot of a journal that is not this one any more: better to count twice than not at all.
  const isOfThis = snapshot && !isBefore(journal.end, snapshot.position);
  const from = isOfThis ? snapshot.position : journal.start;
  for await (const record of readRecords((at) => journal.read(at, readBytesMax), from, journal.end)) {
    if (record.kind === "opened") continue;
    const held = record.kind === "outcome" && record.gaveBack ? open.get(record.id) : undefined;
    if (held) counters.giveBack(held.reserve.map(unlimited), held.at);
    if (record.kind === "decision") counters.reserve(record.reserve.map(unlimited), record.at);
    follow(open, record);
  }
  return { counters, open };
}

function follow(open: Map<string, Held>, record: JournalRecord): void {
  if (record.kind === "outcome") open.delete(record.id);
  else if (record.reserve.length > 0 && awaitsOutcome(record)) {
    open.set(record.id, { at: record.at, reserve: record.reserve });
  }
}

/** What was reserved once is counted again whatever the limit is by now. */
function unlimited(reserved: ReservedAmount): Reservation {
  return { ...reserved, max: Number.MAX_VALUE, rule: "", sentence: "" };
}

function readSnapshot(path: string): Snapshot | null | "unreadable" {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    return cause instanceof Error && "code" in cause && cause.code === "ENOENT" ? null : "unreadable";
  }
  try {
    const snapshot: Snapshot = JSON.parse(text);
    return snapshot.version === 1 && snapshot.counters.version === 1 ? snapshot : "unreadable";
  } catch {
    return "unreadable";
  }
}

/** @param timed Called with each step that makes a piece. */
async function writeDurably(path: string, pieces: Iterable<string>, timed: <T>(make: () => T) => T): Promise<void> {
  const file = await openFile(path, "w", 0o600);
  try {
    const iterator = pieces[Symbol.iterator]();
    // Calls are served between two pieces.
    for (let next = timed(() => iterator.next()); !next.done; next = timed(() => iterator.next())) {
      // Goes on behind the last piece, and does not stop before the whole piece is there, as a single write may.
      await file.writeFile(next.value);
    }
    await file.datasync(); // before it takes the place of the last one, also across a power cut
  } finally {
    await file.close();
  }
}

function* concat(...all: Iterable<string>[]): Generator<string> {
  for (const one of all) yield* one;
}
