// The running gateways: which there are, and whether they enforce a change yet.
import { EventEmitter, once } from "node:events";
import pg from "pg";
import type * as z from "zod";
import { database, Prisma } from "../../prisma/client.ts";
import { ackChannel, announceChange, type ConfigChange } from "../../prisma/epoch.ts";
import type { gatewaysSchema } from "../api/v1/schemas.ts";
import { Refusal, refuse } from "./refusals.ts";

export type Gateways = z.infer<typeof gatewaysSchema>;
/** How long each gateway took until it said that it enforces the change; null for one that has not said so. */
export type EachGateway = { id: string; ms: number | null }[];

const ackWaitMaxMs = 2_000;
/** How often the table is looked at when no notice comes, because the connection that listens is down. */
const pollMs = 100;

type Change<T> = { result: T; announce: ConfigChange };

/**
 * Changes something the gateways must know, in one transaction, and waits until they enforce it, 2 s at most: whoever gets
 * the answer may rely on the next call. A refusal takes the transaction back.
 */
export async function changeAndEnforce<T>(
  work: (tx: Prisma.TransactionClient) => Promise<Change<T> | Refusal>,
): Promise<{ result: T; gateways: Gateways; each: EachGateway } | Refusal> {
  try {
    const { result, epoch } = await database().$transaction(async (tx) => {
      const change = await work(tx);
      if (change instanceof Refusal) throw change;
      return { result: change.result, epoch: await announceChange(tx, change.announce) };
    });
    return { result, ...(await waitForGateways(epoch)) };
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown;
    if (isGone(thrown)) return refuse("not_found");
    throw thrown;
  }
}

/** What the change hangs on was deleted while it was made: a foreign key, or a row to update, that is no longer there. */
function isGone(thrown: unknown): boolean {
  return thrown instanceof Prisma.PrismaClientKnownRequestError && (thrown.code === "P2003" || thrown.code === "P2025");
}

async function waitForGateways(epoch: bigint): Promise<{ gateways: Gateways; each: EachGateway }> {
  const startedAt = performance.now();
  const acks = listenForAcks();
  const took = new Map<string, number>();
  for (;;) {
    // Before the question, so that a notice between the question's answer and the waiting is not missed.
    const nextAck = once(acks, "ack", { signal: AbortSignal.timeout(pollMs) }).catch(() => undefined);
    const running = await listEnforcing(epoch);
    const ms = Math.round((performance.now() - startedAt) * 10) / 10;
    const live = running.filter(({ enforces }) => enforces);
    for (const { id } of live) if (!took.has(id)) took.set(id, ms);
    if (live.length === running.length || ms >= ackWaitMaxMs) {
      const each = running.map(({ id }) => ({ id, ms: took.get(id) ?? null }));
      return { gateways: { live: live.length, of: running.length, ms }, each };
    }
    await nextAck;
  }
}

/** A gateway that has not been heard of for 10 s is not running; its own lease makes it refuse everything by then. */
function listEnforcing(epoch: bigint): Promise<{ id: string; enforces: boolean }[]> {
  return database().$queryRaw<{ id: string; enforces: boolean }[]>`
    SELECT "id", "epoch" >= ${epoch} AS "enforces"
    FROM "Gateway" WHERE "seenAt" > now() - interval '10 seconds' ORDER BY "startedAt", "id"`;
}

/** The admin address of a gateway that runs, the one heard of last. */
export async function findGatewayAdminUrl(): Promise<string | null> {
  const rows = await database().$queryRaw<{ adminUrl: string }[]>`
    SELECT "adminUrl" FROM "Gateway" WHERE "seenAt" > now() - interval '10 seconds' ORDER BY "seenAt" DESC LIMIT 1`;
  return rows[0]?.adminUrl ?? null;
}

/** The admin addresses of all that run. */
export async function findGatewayAdminUrls(): Promise<string[]> {
  const rows = await database().$queryRaw<{ adminUrl: string }[]>`
    SELECT "adminUrl" FROM "Gateway" WHERE "seenAt" > now() - interval '10 seconds' ORDER BY "startedAt", "id"`;
  return rows.map(({ adminUrl }) => adminUrl);
}

const shared = globalThis as typeof globalThis & { policylayerAcks?: EventEmitter };

/** One connection per process that hears the gateways. When it breaks, the next change opens another. */
function listenForAcks(): EventEmitter {
  if (shared.policylayerAcks) return shared.policylayerAcks;
  const acks = new EventEmitter().setMaxListeners(0);
  shared.policylayerAcks = acks;
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL, connectionTimeoutMillis: 2_000 });
  const forget = () => {
    if (shared.policylayerAcks === acks) shared.policylayerAcks = undefined;
    client.end().catch(() => {});
  };
  client.on("error", forget);
  client.on("end", forget);
  client.on("notification", () => acks.emit("ack"));
  client
    .connect()
    .then(() => client.query(`LISTEN ${ackChannel}`))
    .catch(forget);
  return acks;
}
