// The files of a journal: numbered segments of JSON lines, read from a position on.
import { readdirSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";

/** A place between two lines of the journal. */
export type Position = { segment: number; offset: number };

const newline = 10;

export function segmentPath(dir: string, segment: number): string {
  return join(dir, `${String(segment).padStart(10, "0")}.jsonl`);
}

/** The numbers of the segments in a directory, ascending. */
export function listSegments(dir: string): number[] {
  return readdirSync(dir)
    .map((name) => /^(\d{10})\.jsonl$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

export function isBefore(a: Position, b: Position): boolean {
  return a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset);
}

/**
 * Reads whole lines from a position, at most about `bytesMax` of them but always at least one when there is one. What follows
 * the last newline of a segment that is no longer written was torn by a crash and is passed over.
 *
 * @param end What is known to be written; nothing after it is read.
 * @param memory Where the lines are put when they fit: whoever reads much and often would fill the heap with what was read.
 * @returns `lines` ends with a newline or is empty; it is empty with `next` equal to `end` when all is read.
 */
export async function readLines(
  dir: string,
  from: Position,
  end: Position,
  bytesMax: number,
  memory?: Buffer,
): Promise<{ lines: Buffer; next: Position }> {
  let at = from;
  while (isBefore(at, end)) {
    const isLast = at.segment === end.segment;
    const lines = await readWholeLines(dir, at, isLast ? end.offset : Number.POSITIVE_INFINITY, bytesMax, memory);
    if (lines.length > 0) return { lines, next: { segment: at.segment, offset: at.offset + lines.length } };
    if (isLast) break;
    const segment = listSegments(dir).find((candidate) => candidate > at.segment) ?? end.segment;
    at = { segment: Math.min(segment, end.segment), offset: 0 };
  }
  return { lines: Buffer.alloc(0), next: end };
}

async function readWholeLines(
  dir: string,
  from: Position,
  endOffset: number,
  bytesMax: number,
  memory?: Buffer,
): Promise<Buffer> {
  const file = await open(segmentPath(dir, from.segment)).catch(() => null);
  if (!file) return Buffer.alloc(0); // deleted: everything in it was needed no more
  try {
    const size = Math.min((await file.stat()).size, endOffset) - from.offset;
    for (let length = Math.min(bytesMax, size); length > 0; length = Math.min(length * 4, size)) {
      const bytes = memory !== undefined && length <= memory.length ? memory : Buffer.allocUnsafe(length);
      const { bytesRead } = await file.read(bytes, 0, length, from.offset);
      const last = bytes.subarray(0, bytesRead).lastIndexOf(newline);
      if (last >= 0) return bytes.subarray(0, last + 1);
      if (length >= size || bytesRead < length) break;
    }
    return Buffer.alloc(0);
  } finally {
    await file.close();
  }
}

/** The lines of a buffer that `readLines` answered, without their newlines. */
export function* linesOf(lines: Buffer): Generator<Buffer> {
  for (let start = 0; start < lines.length; ) {
    const end = lines.indexOf(newline, start);
    if (end < 0) return;
    yield lines.subarray(start, end);
    start = end + 1;
  }
}
