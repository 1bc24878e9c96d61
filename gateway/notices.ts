// Definitions that this gateway saw and nobody accepted: they take effect here at once, and behind the calls they are written
// down, so that every gateway acts on them and somebody looks at them.
import pg from "pg";
import { addChange, applyChange, type Change, changeKey } from "./changes.ts";
import type { Log } from "./log.ts";
import type { ServerInForce, Snapshot } from "./snapshot.ts";

/** A definition that was seen. */
export type Noticed = Omit<Change, "isRejected"> & { definition: string };

export type Notices = {
  /** Takes effect before it returns. */
  notice(server: ServerInForce, noticed: Noticed): void;
  /** Puts into a new reading of the configuration what it cannot know of yet. */
  applyTo(snapshot: Snapshot): void;
  /** How many are not written down yet. */
  readonly unwritten: number;
  close(): Promise<void>;
};

/** A server that never says the same twice fills no table: above these its changes have their consequences all the same. */
const changesMax = 2_000;
const changesOfNameMax = 10;
const retryMs = 1_000;

type Unwritten = Noticed & {
  serverId: string /** Written: the configuration from this number on has it. */;
  epoch: bigint | null;
};

export function openNotices({ databaseUrl, log }: { databaseUrl: string; log: Log }): Notices {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 1,
    connectionTimeoutMillis: 5_000,
    query_timeout: 15_000,
    application_name: "policylayer gateway notices",
  });
  pool.on("error", () => {}); // an idle connection broke: the next write opens another
  let kept: Unwritten[] = [];
  let writing: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function start(): void {
    if (writing !== null || timer !== undefined || isClosed) return;
    writing = writeAll().finally(() => {
      writing = null;
    });
  }

  async function writeAll(): Promise<void> {
    try {
      for (;;) {
        const first = kept.find(({ epoch }) => epoch === null);
        if (first === undefined) return;
        const batch = kept.filter(({ epoch, serverId }) => epoch === null && serverId === first.serverId);
        const epoch = await write(pool, first.serverId, batch);
        for (const one of batch) one.epoch = epoch;
      }
    } catch (cause) {
      log.warn({ cause: String(cause) }, "changed definitions cannot be written down yet; they are in force here");
      if (isClosed) return;
      timer = setTimeout(() => {
        timer = undefined;
        start();
      }, retryMs).unref();
    }
  }

  return {
    notice(server, noticed) {
      const { changes } = server;
      if (changes.keys.has(changeKey(noticed))) return;
      const change: Change = { ...noticed, isRejected: false };
      if (changes.keys.size >= changesMax || ofName(changes.keys, noticed) >= changesOfNameMax) {
        applyChange(changes, change, server);
        return;
      }
      addChange(changes, change, server);
      const { kind, name, problem } = noticed;
      log.warn({ serverId: server.id, kind, name, problem }, "a server serves a definition that nobody accepted");
      kept.push({ ...noticed, serverId: server.id, epoch: null });
      setImmediate(start);
    },
    applyTo(snapshot) {
      kept = kept.filter(({ epoch }) => epoch === null || epoch > snapshot.epoch);
      for (const one of kept) {
        const server = snapshot.servers.get(one.serverId);
        if (server !== undefined) addChange(server.changes, { ...one, isRejected: false }, server);
      }
    },
    get unwritten() {
      return kept.filter(({ epoch }) => epoch === null).length;
    },
    async close() {
      clearTimeout(timer);
      timer = undefined;
      start();
      isClosed = true;
      await Promise.race([writing, new Promise((resolve) => setTimeout(resolve, 500).unref())]);
      pool.end().catch(() => {});
    },
  };
}

function ofName(keys: ReadonlySet<string>, { kind, name }: Noticed): number {
  const start = JSON.stringify([kind, name]).slice(0, -1);
  let count = 0;
  for (const key of keys) if (key.startsWith(`${start},`)) count += 1;
  return count;
}

/** What was accepted meanwhile is no change any more, and a server may be gone. @returns The epoch that has them. */
async function write(pool: pg.Pool, serverId: string, batch: readonly Noticed[]): Promise<bigint> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("BEGIN");
    const { rowCount } = await client.query(
      `INSERT INTO "DefinitionChange" ("serverId", "kind", "name", "definitionHash", "problem", "definition")
       SELECT "Server"."id", seen.* FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
         AS seen("kind", "name", "hash", "problem", "definition")
       JOIN "Server" ON "Server"."id" = $1
       WHERE NOT EXISTS (SELECT 1 FROM "Tool" WHERE "serverId" = $1 AND seen."kind" = 'tool'
           AND "Tool"."name" = seen."name" AND "Tool"."definitionHash" = seen."hash")
         AND NOT EXISTS (SELECT 1 FROM "Pin" WHERE "serverId" = $1 AND "Pin"."kind" = seen."kind"
           AND "Pin"."name" = seen."name" AND "Pin"."definitionHash" = seen."hash")
       ON CONFLICT DO NOTHING`,
      [
        serverId,
        batch.map(({ kind }) => kind),
        batch.map(({ name }) => name),
        batch.map(({ definitionHash }) => definitionHash),
        batch.map(({ problem }) => problem),
        batch.map(({ definition }) => definition),
      ],
    );
    // Without a new row the number stays: whoever has it has them.
    const { rows } = await client.query<{ epoch: string }>(
      rowCount === 0
        ? 'SELECT "epoch" FROM "ConfigEpoch" WHERE "id" = 1'
        : `WITH raised AS (UPDATE "ConfigEpoch" SET "epoch" = "epoch" + 1 WHERE "id" = 1 RETURNING "epoch")
           SELECT "epoch", pg_notify('policylayer_config',
             json_build_object('epoch', "epoch"::text, 'kind', 'server', 'id', $1::text)::text)::text FROM raised`,
      rowCount === 0 ? [] : [serverId],
    );
    await client.query("COMMIT");
    return BigInt(rows[0]?.epoch ?? 0);
  } catch (cause) {
    broken = cause instanceof Error ? cause : new Error(String(cause));
    throw broken;
  } finally {
    client.release(broken);
  }
}
