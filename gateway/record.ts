// Ships the journal to the table `Call`, behind the calls: a call never waits for Postgres, and an outage loses nothing.
import { appendFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import type { OpenedJournal } from "./journal.ts";
import type { Log } from "./log.ts";
import { isBefore, linesOf, type Position } from "./segments.ts";

export type RecordFigures = {
  /** Records that Postgres does not have yet. */
  pending: number;
  /** Age of the oldest of them; 0 when there is none. */
  lagMs: number;
  shipped: number;
  /** Records that Postgres can never take; they are in `rejected.jsonl` beside the journal. */
  rejected: number;
};

export type RecordKeeper = {
  figures(): RecordFigures;
  /** Whether Postgres has all that is in the journal. */
  isShipped(): boolean;
  /** Tries once more, for at most `graceMs`; what is left is shipped at the next start. */
  close(graceMs?: number): Promise<void>;
};

export type RecordOptions = {
  journal: OpenedJournal;
  databaseUrl: string;
  log: Log;
  flushMs?: number;
  batchBytesMax?: number;
};

const retryMs = { first: 250, longest: 5_000 };
/** How far is shipped is written down this often: what a crash makes be shipped again changes nothing. */
const savePositionMs = 1_000;
const newline = 10;
const comma = 44;

export async function openRecord(options: RecordOptions): Promise<RecordKeeper> {
  const { journal, log, flushMs = 250, batchBytesMax = 1024 * 1024 } = options;
  const path = join(journal.dir, "shipped.json");
  // Taken once: memory for each batch would be old by the time that Postgres has it, and calls wait while the heap is cleared of it.
  const memory = { lines: Buffer.allocUnsafeSlow(batchBytesMax), array: Buffer.allocUnsafeSlow(batchBytesMax + 1) };
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    max: 1,
    connectionTimeoutMillis: 5_000,
    // Postgres may stop without closing its connections.
    query_timeout: 30_000,
    keepAlive: true,
    application_name: "policylayer gateway record",
  });
  pool.on("error", () => {}); // an idle connection broke: the next batch opens another
  let position = readPosition(path, journal);
  const figures = { pending: await countLines(journal, position), shipped: 0, rejected: 0 };
  let oldestAt: number | null = null;
  let retryAfterMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let shipping: Promise<void> | null = null;
  let isClosed = false;

  function schedule(ms: number): void {
    if (isClosed || timer || shipping) return;
    timer = setTimeout(() => {
      timer = undefined;
      void start();
    }, ms);
  }

  function start(): Promise<void> {
    shipping ??= ship().finally(() => {
      shipping = null;
      if (retryAfterMs > 0) schedule(retryAfterMs);
      else if (isBefore(position, journal.end)) schedule(flushMs);
    });
    return shipping;
  }

  /** Ships what is there, or stops when Postgres does not take it. */
  async function ship(): Promise<void> {
    try {
      while (isBefore(position, journal.end)) {
        const { lines, next } = await journal.read(position, batchBytesMax, memory.lines);
        if (lines.length > 0) {
          oldestAt = timeOf(lines) ?? oldestAt;
          const count = countNewlines(lines);
          await insert(lines, count);
          figures.pending = Math.max(0, figures.pending - count);
        }
        position = next;
        savePositionSoon();
        if (retryAfterMs > 0) log.info({ pending: figures.pending }, "Postgres takes the record again");
        retryAfterMs = 0;
        // What came meanwhile waits for more: a batch costs much the same whether it holds ten calls or a hundred.
        if (lines.length < batchBytesMax / 2 && !isClosed) break;
      }
      if (!isBefore(position, journal.end)) oldestAt = null;
    } catch (cause) {
      if (retryAfterMs === 0)
        log.warn({ cause: messageOf(cause) }, "Postgres does not take the record; it waits in the journal");
      retryAfterMs = Math.min(retryMs.longest, Math.max(retryMs.first, retryAfterMs * 2));
    }
  }

  /** One statement for a batch. When one record is at fault, it alone is set aside. */
  async function insert(lines: Buffer, count: number): Promise<void> {
    try {
      await pool.query(shipStatement, [toArray(lines, memory.array)]);
      figures.shipped += count;
    } catch (cause) {
      if (!isFaultOfData(cause)) throw cause;
      const half = middleOf(lines);
      if (half === null) {
        appendFileSync(join(journal.dir, "rejected.jsonl"), lines, { mode: 0o600 });
        figures.rejected += 1;
        log.error({ cause: messageOf(cause) }, "a record cannot be stored; it is kept in rejected.jsonl");
        return;
      }
      for (const part of [lines.subarray(0, half), lines.subarray(half)]) await insert(part, countNewlines(part));
    }
  }

  let savedAt = Number.NEGATIVE_INFINITY;
  let saving: NodeJS.Timeout | undefined;

  function savePositionSoon(): void {
    const waitMs = savedAt + savePositionMs - performance.now();
    if (waitMs <= 0) savePosition();
    else saving ??= setTimeout(savePosition, waitMs);
  }

  function savePosition(): void {
    clearTimeout(saving);
    saving = undefined;
    savedAt = performance.now();
    try {
      writeFileSync(`${path}.new`, JSON.stringify(position), { mode: 0o600 });
      renameSync(`${path}.new`, path);
      journal.release("record", position);
    } catch (cause) {
      // Then some is shipped twice after a restart, which changes nothing.
      log.warn({ cause: messageOf(cause) }, "how far the record is shipped could not be written down");
    }
  }

  journal.onWrite((records) => {
    figures.pending += records.length;
    oldestAt ??= records[0]?.at ?? null;
    schedule(flushMs);
  });
  schedule(0);

  return {
    isShipped: () => !isBefore(position, journal.end),
    figures: () => ({ ...figures, lagMs: oldestAt === null ? 0 : Math.max(0, Date.now() - oldestAt) }),
    async close(graceMs = 1_500) {
      if (isClosed) return;
      isClosed = true;
      clearTimeout(timer);
      const late = new Promise<void>((done) => setTimeout(done, graceMs).unref());
      await Promise.race([start(), late]);
      savePosition();
      // A connection that hangs must not hold up the end.
      await Promise.race([pool.end(), new Promise<void>((done) => setTimeout(done, 250).unref())]);
    },
  };
}

/**
 * The lines go to Postgres as they are, as one JSON array, so no record is parsed or copied field by field here. Shipping a
 * batch again changes nothing: a decision that is there stays, and an outcome is written over itself.
 *
 * Decisions and outcomes are told by what they are not: of `kind = 'decision'` Postgres expects one row, and compares each of a
 * thousand decisions with each of a thousand outcomes.
 */
const shipStatement = `
WITH lines AS MATERIALIZED (
  SELECT * FROM ROWS FROM (json_to_recordset($1::json) AS (
    kind text, id uuid, at float8, "organisationId" uuid, "serverId" uuid, "grantId" uuid, "sessionId" text, method text,
    tool text, "policyId" uuid, "policyVersion" int, code text, rule text, message text, "wouldDeny" boolean,
    "argumentKeys" text[], "sealedArguments" text, "shadowVersion" int, "shadowCode" text, "shadowRule" text,
    "clientName" text, "approvalId" uuid, traceparent text, outcome text, "upstreamStatus" int, "upstreamMs" float8, "gatewayMs" float8
  )) WITH ORDINALITY AS line(
    kind, id, at, "organisationId", "serverId", "grantId", "sessionId", method,
    tool, "policyId", "policyVersion", code, rule, message, "wouldDeny",
    "argumentKeys", "sealedArguments", "shadowVersion", "shadowCode", "shadowRule",
    "clientName", "approvalId", traceparent, outcome, "upstreamStatus", "upstreamMs", "gatewayMs", place
  )
), outcomes AS (
  SELECT DISTINCT ON (id) * FROM lines WHERE kind <> ALL ('{decision,opened}') ORDER BY id, place DESC
), inserted AS (
  INSERT INTO "Call" (
    id, "organisationId", "serverId", "grantId", "sessionId", at, method, tool, "policyId", "policyVersion", code, rule, message,
    "wouldDeny", "argumentKeys", "sealedArguments", "shadowVersion", "shadowCode", "shadowRule", "clientName",
    "approvalId", traceparent, outcome, "upstreamStatus", "upstreamMs", "gatewayMs"
  )
  SELECT
    d.id, d."organisationId", d."serverId", d."grantId", d."sessionId", to_timestamp(d.at / 1000), d.method, d.tool,
    d."policyId", d."policyVersion", d.code, d.rule, d.message, d."wouldDeny", d."argumentKeys", d."sealedArguments",
    d."shadowVersion", d."shadowCode", d."shadowRule", d."clientName", d."approvalId", d.traceparent,
    coalesce(o.outcome, CASE WHEN d.code = 'allowed' OR d."wouldDeny" THEN 'pending' ELSE 'none' END),
    o."upstreamStatus", o."upstreamMs", coalesce(o."gatewayMs", d."gatewayMs")
  FROM lines d LEFT JOIN outcomes o ON o.id = d.id
  WHERE d.kind <> ALL ('{outcome,opened}')
  ON CONFLICT (id) DO NOTHING
)
UPDATE "Call" c
SET outcome = o.outcome, "upstreamStatus" = o."upstreamStatus", "upstreamMs" = o."upstreamMs",
    "gatewayMs" = coalesce(o."gatewayMs", c."gatewayMs")
FROM outcomes o
WHERE c.id = o.id`;

/** JSON lines as a JSON array: every newline but the last becomes a comma. @param memory Where it is put when it fits. */
function toArray(lines: Buffer, memory: Buffer): Buffer {
  const length = lines.length + 1;
  const array = length <= memory.length ? memory.subarray(0, length) : Buffer.allocUnsafe(length);
  array[0] = 0x5b;
  lines.copy(array, 1);
  for (let at = array.indexOf(newline); at >= 0; at = array.indexOf(newline, at + 1)) array[at] = comma;
  array[array.length - 1] = 0x5d;
  return array;
}

/** Classes 22 (data) and 23 (constraints): trying again would not help. */
function isFaultOfData(cause: unknown): boolean {
  return cause instanceof pg.DatabaseError && /^2[23]/.test(cause.code ?? "");
}

/** Where the second half of the lines begins; null when there is one line only. */
function middleOf(lines: Buffer): number | null {
  const end = lines.indexOf(newline, lines.length >> 1) + 1;
  if (end > 0 && end < lines.length) return end;
  const before = lines.lastIndexOf(newline, lines.length - 2) + 1;
  return before > 0 ? before : null;
}

function countNewlines(lines: Buffer): number {
  let count = 0;
  for (let at = lines.indexOf(newline); at >= 0; at = lines.indexOf(newline, at + 1)) count++;
  return count;
}

async function countLines(journal: OpenedJournal, from: Position): Promise<number> {
  let count = 0;
  for (let at = from; isBefore(at, journal.end); ) {
    const { lines, next } = await journal.read(at, 4 * 1024 * 1024);
    count += countNewlines(lines);
    at = next;
  }
  return count;
}

function timeOf(lines: Buffer): number | null {
  for (const line of linesOf(lines)) {
    try {
      return Number(JSON.parse(line.toString("utf8")).at);
    } catch {
      return null;
    }
  }
  return null;
}

/** Where an earlier run stopped, or the start of what the journal still holds. */
function readPosition(path: string, journal: OpenedJournal): Position {
  try {
    const { segment, offset }: Position = JSON.parse(readFileSync(path, "utf8"));
    const position = { segment, offset };
    const isKept = !isBefore(position, journal.start) && !isBefore(journal.end, position);
    if (Number.isInteger(segment) && Number.isInteger(offset) && isKept) return position;
  } catch {
    // Never written, or not readable: shipping again changes nothing.
  }
  return journal.start;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
