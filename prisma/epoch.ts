// How a change of the configuration reaches the gateways: a number that only goes up, and a notice that it did.
import type { Prisma } from "./client.ts";

/** Postgres NOTIFY channels. The payload of both is JSON. */
export const configChannel = "policylayer_config";
export const ackChannel = "policylayer_ack";

/** What changed. Payload of `configChannel`: this and `epoch`, a decimal string. */
export type ConfigChange = { kind: "organisation" | "server" | "policy" | "grant"; id: string };

/**
 * Tells every gateway that the configuration changed. To be called in the transaction that changes it: the number and the
 * notice become visible with the change, or not at all. The row lock on the number puts such transactions in order, so a
 * gateway that has seen epoch 12 has seen everything that 11 and before it changed.
 *
 * @returns The new epoch. A gateway whose `Gateway.epoch` is at least this one enforces the change.
 */
export async function announceChange(tx: Prisma.TransactionClient, change: ConfigChange): Promise<bigint> {
  const rows = await tx.$queryRaw<{ epoch: bigint }[]>`
    WITH raised AS (UPDATE "ConfigEpoch" SET "epoch" = "epoch" + 1 WHERE "id" = 1 RETURNING "epoch")
    SELECT "epoch", pg_notify(
      ${configChannel},
      json_build_object('epoch', "epoch"::text, 'kind', ${change.kind}::text, 'id', ${change.id}::text)::text
    )::text AS "notified" FROM raised`;
  const epoch = rows[0]?.epoch;
  if (epoch === undefined) throw new Error("the row of ConfigEpoch is missing; the first migration makes it");
  return epoch;
}
