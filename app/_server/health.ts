import { database } from "../../prisma/client.ts";

/** Never rejects; waits 2 s at most. */
export async function isDatabaseReachable(): Promise<boolean> {
  const answered = database().$queryRaw`SELECT 1`.then(() => true).catch(() => false);
  const late = new Promise<boolean>((resolve) => setTimeout(resolve, 2_000, false).unref());
  return Promise.race([answered, late]);
}
