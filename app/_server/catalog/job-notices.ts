// How whoever carries jobs out hears at once of a new or cancelled one.
import type { Prisma } from "../../../prisma/client.ts";

/** Postgres NOTIFY channel; the payload is the job's id. */
export const jobChannel = "policylayer_catalog_job";

/** Heard when the transaction ends. */
export async function announceJob(tx: Prisma.TransactionClient, id: string): Promise<void> {
  await tx.$queryRaw`SELECT pg_notify(${jobChannel}, ${id})::text`;
}
