// Keeps the snapshot in step with Postgres. Every change of configuration raises the epoch and sends a notice; a heartbeat asks
// for the epoch besides, and its answer is the lease: without it the gateway does not go on with rules that may be old.
import { performance } from "node:perf_hooks";
import pg from "pg";
import type { SecretKeys } from "../prisma/secrets.ts";
import { KeptVersion } from "./kept-policy.ts";
import type { Log } from "./log.ts";
import { nothingMentioned, putMentions } from "./mentioned.ts";
import {
  readDocument,
  readEpoch,
  readGrant,
  readMentioned,
  readOrganisation,
  readPolicy,
  readRows,
  readServer,
  type VersionShelf,
  wantedVersions,
} from "./rows.ts";
import { breather } from "./slices.ts";
import {
  dropGrant,
  emptySnapshot,
  policyInForce,
  putGrant,
  type Snapshot,
  serverInForce,
  versionsOf,
} from "./snapshot.ts";

/** How long the snapshot may be relied on after the start of the last query that found it current. */
export const leaseMs = 10_000;
const heartbeatMs = 2_000;
const heartbeatTimeoutMs = 4_000;
const retryMinMs = 100;
const retryMaxMs = 2_000;
/** With more notices than this in hand, reading everything once is quicker. */
const noticesMax = 50;

export type Policies = {
  /** Null until Postgres was read for the first time. */
  readonly snapshot: Snapshot | null;
  /** Whether the snapshot may decide calls. */
  isFresh(): boolean;
  close(): Promise<void>;
};

export type FollowOptions = {
  databaseUrl: string;
  keys: SecretKeys;
  gatewayId: string;
  adminUrl: string;
  log: Log;
  /** Called after each change that is now in force. */
  onSwap(snapshot: Snapshot): void;
};

type Notice = { epoch: bigint; kind: string; id: string };

/** Starts to follow the configuration; connects and reconnects by itself until it is closed. */
export function followPolicies({ databaseUrl, keys, gatewayId, adminUrl, log, onSwap }: FollowOptions): Policies {
  let snapshot: Snapshot | null = null;
  let currentAt = Number.NEGATIVE_INFINITY;
  let notices: Notice[] = [];
  let closed = false;
  let wake = () => {};
  let client: pg.Client | null = null;
  let retryMs = retryMinMs;

  async function follow(): Promise<void> {
    const lost: Error[] = [];
    const connection = connect();
    client = connection;
    notices = [];
    connection.on("notification", (notification) => {
      const notice = readNotice(notification.payload);
      if (notice === null) log.warn({ payload: notification.payload }, "a notice of a change could not be read");
      else notices.push(notice);
      wake();
    });
    connection.on("error", (cause) => {
      lost.push(cause);
      wake();
    });
    connection.on("end", () => {
      lost.push(new Error("the connection to Postgres ended"));
      wake();
    });
    await connection.connect();
    await connection.query("LISTEN policylayer_config");
    // Rows of gateways that were killed; they stopped to count long before.
    await connection.query(`DELETE FROM "Gateway" WHERE "seenAt" < now() - interval '1 day'`);
    await reloadAll(connection);
    retryMs = retryMinMs;
    while (!closed) {
      if (lost[0] !== undefined) throw lost[0];
      // The heartbeat first: a stream of changes must not keep the lease from being renewed.
      if (performance.now() >= nextBeat) await heartbeat(connection);
      else if (notices.length > 0) await applyNotices(connection);
      else await waitForNoticeOrBeat();
      if (snapshot !== null && snapshot.epoch !== acknowledged) await announceSelf(connection, snapshot.epoch, true);
    }
  }

  function connect(): pg.Client {
    return new pg.Client({
      connectionString: databaseUrl,
      connectionTimeoutMillis: heartbeatTimeoutMs,
      query_timeout: 30_000,
      keepAlive: true,
      application_name: "policylayer-gateway",
    });
  }

  let nextBeat = 0;
  let acknowledged: bigint | null = null;

  async function waitForNoticeOrBeat(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, nextBeat - performance.now());
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (closed || notices.length > 0) wake();
    });
    wake = () => {};
  }

  async function heartbeat(connection: pg.Client): Promise<void> {
    const startedAt = performance.now();
    nextBeat = startedAt + heartbeatMs;
    const before = snapshot?.epoch;
    const epoch = await readEpoch(connection, heartbeatTimeoutMs);
    if (notices.length > 0) await applyNotices(connection);
    // Lower than what we had: the database was restored from a backup. Higher than we have now: a notice was lost.
    if (snapshot === null || before === undefined || epoch < before || epoch > snapshot.epoch)
      await reloadAll(connection);
    else currentAt = startedAt;
    if (snapshot !== null) await announceSelf(connection, snapshot.epoch, false);
  }

  async function applyNotices(connection: pg.Client): Promise<void> {
    if (notices.length > noticesMax) return reloadAll(connection);
    for (let notice = notices.shift(); notice !== undefined; notice = notices.shift()) {
      if (snapshot === null || notice.epoch > snapshot.epoch + 1n) return reloadAll(connection);
      if (notice.epoch <= snapshot.epoch) continue;
      if (!(await reloadOne(connection, snapshot, notice))) return reloadAll(connection);
    }
  }

  /** Reads the row that a notice names. @returns `false` when that is not enough to be in step. */
  async function reloadOne(connection: pg.Client, into: Snapshot, { kind, id, epoch }: Notice): Promise<boolean> {
    if (kind === "grant") {
      const row = await readGrant(connection, id);
      if (row !== null && !into.servers.has(row.serverId)) return false;
      if (row?.policyId && !into.policies.has(row.policyId)) return false;
      if (row === null) dropGrant(into, id);
      else putGrant(into, row);
    } else if (kind === "policy") {
      const row = await readPolicy(connection, id);
      const before = into.policies.get(id);
      if (row === null) {
        into.policies.delete(id);
      } else {
        const shelf = shelfBeside(into);
        for (const version of wantedVersions(row, shelf)) {
          shelf.keep(id, version, await readDocument(connection, id, version));
        }
        const mentioned = await readMentioned(connection, id, before?.mentioned ?? null);
        const next = policyInForce(row, shelf.of(id), mentioned, before, log);
        // Read before it is in force, so that the call that comes next does not wait for it.
        await next.active.open();
        await next.trial?.open();
        into.policies.set(id, next);
      }
      const serverId = row?.serverId ?? before?.serverId;
      if (serverId !== undefined) putMentions(into, serverId);
    } else if (kind === "server") {
      const row = await readServer(connection, id);
      if (row === null || !into.organisations.has(row.organisationId)) return false;
      into.servers.set(id, serverInForce(row, into.servers.get(id), keys, log));
      putMentions(into, id);
    } else if (kind === "organisation") {
      const row = await readOrganisation(connection, id);
      if (row === null) return false;
      into.organisations.set(id, { frozen: row.frozenAt !== null });
    } else {
      return false;
    }
    into.epoch = epoch;
    onSwap(into);
    return true;
  }

  async function reloadAll(connection: pg.Client): Promise<void> {
    const startedAt = performance.now();
    notices = [];
    // A number below ours: the database was restored from a backup, and what we know of may not be what is there now.
    const isOlder = snapshot !== null && (await readEpoch(connection, heartbeatTimeoutMs)) < snapshot.epoch;
    const before = isOlder ? null : snapshot;
    const known = [...(before?.policies ?? [])].map(([id, { mentioned }]) => [id, mentioned] as const);
    const shelf = shelfBeside(before);
    const rows = await readRows(connection, new Map(known), shelf);
    const breathe = breather();
    const next = emptySnapshot(rows.epoch);
    for (const row of rows.organisations) next.organisations.set(row.id, { frozen: row.frozenAt !== null });
    for (const row of rows.servers) {
      next.servers.set(row.id, serverInForce(row, before?.servers.get(row.id), keys, log));
      await breathe();
    }
    for (const row of rows.policies) {
      const mentioned = rows.mentioned.get(row.id) ?? nothingMentioned;
      next.policies.set(row.id, policyInForce(row, shelf.of(row.id), mentioned, before?.policies.get(row.id), log));
    }
    putMentions(next);
    for (const row of rows.grants) putGrant(next, row);
    snapshot = next;
    currentAt = startedAt;
    onSwap(next);
    void openAll(next);
  }

  /** Versions for a snapshot, besides those that it has. */
  function shelfBeside(beside: Snapshot | null): VersionShelf & { of(policyId: string): Map<number, KeptVersion> } {
    const kept = new Map<string, Map<number, KeptVersion>>();
    const of = (policyId: string) => kept.get(policyId) ?? new Map<number, KeptVersion>();
    return {
      of,
      has: (policyId, version) => versionsOf(beside?.policies.get(policyId)).has(version),
      keep: (policyId, version, document) =>
        kept.set(policyId, of(policyId).set(version, new KeptVersion({ policyId, version, document }, log))),
    };
  }

  /** Reads, behind the calls, the versions that no call has asked for yet. */
  async function openAll(of: Snapshot): Promise<void> {
    for (const policy of of.policies.values()) {
      for (const kept of versionsOf(policy).values()) {
        if (kept.isOpen) continue;
        const from = performance.now();
        await kept.open();
        await new Promise((resolve) => setTimeout(resolve, 3 * (performance.now() - from)).unref());
        if (closed || snapshot !== of) return;
      }
    }
  }

  /** Tells the others that we run, and which configuration we enforce. */
  async function announceSelf(connection: pg.Client, epoch: bigint, acknowledges: boolean): Promise<void> {
    await connection.query(
      `INSERT INTO "Gateway" ("id", "adminUrl", "startedAt", "seenAt", "epoch") VALUES ($1, $2, now(), now(), $3)
       ON CONFLICT ("id") DO UPDATE SET "seenAt" = excluded."seenAt", "epoch" = excluded."epoch"`,
      [gatewayId, adminUrl, String(epoch)],
    );
    if (!acknowledges) return;
    const payload = JSON.stringify({ gateway: gatewayId, epoch: String(epoch) });
    await connection.query("SELECT pg_notify('policylayer_ack', $1)", [payload]);
    acknowledged = epoch;
  }

  async function run(): Promise<void> {
    while (!closed) {
      try {
        await follow();
      } catch (cause) {
        if (!closed) log.warn({ cause: String(cause) }, "the configuration cannot be followed; connecting again");
      }
      const ended = client;
      client = null;
      await leave(ended);
      if (closed) return;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
      retryMs = Math.min(retryMs * 2, retryMaxMs);
    }
  }

  /** Ends a connection. On a clean stop it first says that this gateway no longer counts. */
  async function leave(connection: pg.Client | null): Promise<void> {
    if (connection === null) return;
    try {
      if (closed) {
        const query = { text: 'DELETE FROM "Gateway" WHERE "id" = $1', query_timeout: 500 };
        await connection.query(query, [gatewayId]);
      }
    } catch {
      // Its row grows old by itself and counts no more after some seconds.
    }
    // Not waited for: a server that hangs would keep us here.
    connection.end().catch(() => {});
  }

  const running = run();
  return {
    get snapshot() {
      return snapshot;
    },
    isFresh: () => snapshot !== null && performance.now() - currentAt < leaseMs,
    async close() {
      closed = true;
      wake();
      await Promise.race([running, new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
    },
  };
}

function readNotice(payload: string | undefined): Notice | null {
  try {
    const { epoch, kind, id } = JSON.parse(payload ?? "") as Record<string, unknown>;
    if (typeof epoch !== "string" || typeof kind !== "string" || typeof id !== "string") return null;
    return { epoch: BigInt(epoch), kind, id };
  } catch {
    return null; // the heartbeat finds that the epoch moved on
  }
}
