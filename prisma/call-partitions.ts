// The table `Call` is partitioned by its id, a week each: ids are UUIDs of version 7 and begin with their time. Partitions are made
// ahead and dropped when no organisation keeps their calls any more.
import type pg from "pg";

const dayMs = 24 * 60 * 60 * 1_000;
const weekMs = 7 * dayMs;
/** The first Monday after the epoch. */
const firstMondayMs = 4 * dayMs;
/** How many weeks ahead of now there are partitions for. */
const weeksAhead = 8;
/** A row at a time would never end, all at once would hold what others wait for. */
const deletedAtOnce = 5_000;
/** Rolled up by hours they are only asked for while they are new (app/_server/call-stats.ts). */
const hoursKeptMs = 9 * dayMs;

/** The smallest id that a call of that time may have. */
export function idFloor(at: Date): string {
  const ms = Math.max(0, at.getTime()).toString(16).padStart(12, "0");
  return `${ms.slice(0, 8)}-${ms.slice(8, 12)}-0000-0000-000000000000`;
}

/** The time that an id of version 7 tells. */
export function idTime(id: string): Date {
  return new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));
}

export function weekOf(at: Date): Date {
  return new Date(Math.floor((at.getTime() - firstMondayMs) / weekMs) * weekMs + firstMondayMs);
}

export type Kept = {
  /** Partitions that were made now. */
  made: string[];
  dropped: string[];
  /** Rows that went because their organisation keeps less than others. */
  deleted: number;
  /** Rows that no partition is for: their time is far off, or their id tells none. */
  strays: number;
};

/**
 * Makes what is needed next, drops and deletes what nobody keeps. May be called at any time and from several processes: whoever
 * comes second finds it done.
 *
 * @param client A connection of its own, since it waits for locks: for a moment only, then the next time will do.
 */
export async function keepPartitions(client: pg.ClientBase, now: Date, signal?: AbortSignal): Promise<Kept> {
  await client.query("SET lock_timeout = '2s'");
  const made = await makePartitions(client, now);
  const dropped = await dropPartitions(client, now);
  const deleted = await deleteRows(client, now, signal);
  const { rows } = await client.query<{ strays: number }>('SELECT count(*)::int AS "strays" FROM "Call_default"');
  return { made, dropped, deleted, strays: rows[0]?.strays ?? 0 };
}

async function makePartitions(client: pg.ClientBase, now: Date): Promise<string[]> {
  const first = weekOf(now).getTime();
  const wanted = Array.from({ length: weeksAhead + 1 }, (_, n) => new Date(first + n * weekMs));
  // Calls of weeks that nobody made a partition for, as when the web process was away: theirs are made now.
  const { rows } = await client.query<{ week: string }>(
    `SELECT DISTINCT (('x' || substr(replace("id"::text, '-', ''), 1, 12))::bit(48)::bigint - ${firstMondayMs}) / ${weekMs} AS "week"
     FROM "Call_default" WHERE substr("id"::text, 15, 1) = '7' AND "id" >= $1 AND "id" < $2`,
    [idFloor(new Date(now.getTime() - 730 * dayMs)), idFloor(new Date(now.getTime() + weeksAhead * weekMs))],
  );
  const missed = rows.map(({ week }) => Number(week) * weekMs + firstMondayMs);
  const weeks = new Set([...wanted.map((week) => week.getTime()), ...missed]);
  const made: string[] = [];
  for (const week of weeks) {
    const answer = await client.query<{ made: string | null }>('SELECT "Call_add_partition"($1) AS "made"', [
      new Date(week),
    ]);
    const name = answer.rows[0]?.made;
    if (name) made.push(name);
  }
  return made;
}

/** The weeks that there are partitions for, oldest first. */
export async function partitions(client: pg.ClientBase): Promise<{ name: string; from: Date; to: Date }[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS "name" FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = '"Call"'::regclass AND c.relname ~ '^Call_[0-9]{8}$' ORDER BY 1`,
  );
  return rows.map(({ name }) => {
    const from = new Date(`${name.slice(5, 9)}-${name.slice(9, 11)}-${name.slice(11, 13)}T00:00:00Z`);
    return { name, from, to: new Date(from.getTime() + weekMs) };
  });
}

async function dropPartitions(client: pg.ClientBase, now: Date): Promise<string[]> {
  const { rows } = await client.query<{ days: number | null }>(
    'SELECT max("callRetentionDays") AS "days" FROM "Organisation"',
  );
  // Without an organisation somebody may still be signing up; nothing is lost by waiting.
  const days = rows[0]?.days ?? null;
  if (days === null) return [];
  const dropped: string[] = [];
  for (const { name, to } of await partitions(client)) {
    if (to.getTime() > now.getTime() - days * dayMs) continue;
    await client.query(`DROP TABLE "${name}"`);
    dropped.push(name);
  }
  return dropped;
}

/** Calls of whole weeks that their organisation does not keep, though another one keeps its own; and what was rolled up of them. */
async function deleteRows(client: pg.ClientBase, now: Date, signal?: AbortSignal): Promise<number> {
  const { rows } = await client.query<{ id: string; days: number }>(
    'SELECT "id", "callRetentionDays" AS "days" FROM "Organisation"',
  );
  const weeks = await partitions(client);
  let deleted = 0;
  for (const { id, days } of rows) {
    const keptFrom = new Date(now.getTime() - days * dayMs);
    for (const table of ["CallCount", "CallTool", "CallRule", "CallLatency"]) {
      await client.query(
        `DELETE FROM "${table}" WHERE "organisationId" = $1 AND ("hours" = 24 AND "at" < $2 OR "hours" = 1 AND "at" < $3)`,
        [id, keptFrom, new Date(Math.max(keptFrom.getTime(), now.getTime() - hoursKeptMs))],
      );
    }
    await client.query('DELETE FROM "Call_default" WHERE "organisationId" = $1 AND "at" < $2', [id, keptFrom]);
    for (const { name, to } of weeks) {
      if (to > keptFrom) break;
      for (let more = true; more && !signal?.aborted; ) {
        const { rowCount } = await client.query(
          `DELETE FROM "${name}" WHERE "id" IN (SELECT "id" FROM "${name}" WHERE "organisationId" = $1 LIMIT $2)`,
          [id, deletedAtOnce],
        );
        deleted += rowCount ?? 0;
        more = rowCount === deletedAtOnce;
      }
    }
  }
  return deleted;
}
