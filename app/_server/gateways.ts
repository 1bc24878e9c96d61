// The running gateways: which there are, and whether they enforce a change yet.
import { EventEmitter, once } from "node:events";
import pg from "pg";
import type * as z from "zod";
import { database, Prisma } from "../../prisma/client.ts";
import { ackChannel, announceChange, type ConfigChange } from "../../prisma/epoch.ts";
import type { gatewaysSchema } from "../api/v1/schemas.ts";
import { Refusal, refuse } from "./refusals.ts";

export type Gateways = z.infer<typeof gatewaysSchema>;

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
): Promise<{ result: T; gateways: Gateways } | Refusal> {
  try {
    const { result, epoch } = await database().$transaction(async (tx) => {
      const change = await work(tx);
      if (change instanceof Refusal) throw change;
      return { result: change.result, epoch: await announceChange(tx, change.announce) };
    });
    return { result, gateways: await waitForGateways(epoch) };
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

async function waitForGateways(epoch: bigint): Promise<Gateways> {
  const startedAt = performance.now();
  const acks = listenForAcks();
  for (;;) {
    // Before the question, so that a notice between the question's answer and the waiting is not missed.
    const nextAck = once(acks, "ack", { signal: AbortSignal.timeout(pollMs) }).catch(() => undefined);
    const { live, of } = await countEnforcing(epoch);
    const ms = Math.round((performance.now() - startedAt) * 10) / 10;
    if (live === of || ms >= ackWaitMaxMs) return { live, of, ms };
    await nextAck;
  }
}

/** A gateway that has not been heard of for 10 s is not running; its own lease makes it refuse everything by then. */
async function countEnforcing(epoch: bigint): Promise<{ live: number; of: number }> {
  const rows = await database().$queryRaw<{ live: number; of: number }[]>`
    SELECT count(*)::int AS "of", (count(*) FILTER (WHERE "epoch" >= ${epoch}))::int AS "live"
    FROM "Gateway" WHERE "seenAt" > now() - interval '10 seconds'`;
  return rows[0] ?? { live: 0, of: 0 };
}

/** The admin address of a gateway that runs, the one heard of last. */
export async function findGatewayAdminUrl(): Promise<string | null> {
  const rows = await database().$queryRaw<{ adminUrl: string }[]>`
    SELECT "adminUrl" FROM "Gateway" WHERE "seenAt" > now() - interval '10 seconds' ORDER BY "seenAt" DESC LIMIT 1`;
  return rows[0]?.adminUrl ?? null;
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
