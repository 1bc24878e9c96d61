// The web's way to the database. The gateway speaks plain `pg` on its path instead: quicker to start, half a millisecond a query.
import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "./generated/client.ts";

export { Prisma, type PrismaClient } from "./generated/client.ts";

// On globalThis, because `next dev` loads this module again at every change and each load would open a pool of its own.
const shared = globalThis as typeof globalThis & { policylayerDatabase?: PrismaClient };

/**
 * The database of `DATABASE_URL`: one client, with one pool of connections, per process. Connects at the first query.
 *
 * @throws Error when `DATABASE_URL` is not set.
 */
export function database(): PrismaClient {
  shared.policylayerDatabase ??= connect(process.env.DATABASE_URL);
  return shared.policylayerDatabase;
}

function connect(url: string | undefined): PrismaClient {
  if (!url) throw new Error("DATABASE_URL is not set: start with `npm start`, which sets it");
  return new PrismaClient({
    adapter: new PrismaPg({ connectionString: url, max: 10, connectionTimeoutMillis: 5_000 }),
  });
}
