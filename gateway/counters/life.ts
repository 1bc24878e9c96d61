// Which life of a shared counter store the counts belong to, kept in Postgres: a store that was emptied begins another, and
// would let calls over limits that were used up in the last.
import pg from "pg";

export type StoreLife = {
  /** The life that is known; `fresh` from now on when none is. @throws When Postgres cannot be asked. */
  claim(fresh: string): Promise<string>;
};

const id = "valkey";
const timeoutMs = 5_000;

export function storeLife(databaseUrl: string): StoreLife {
  return {
    claim: (fresh) =>
      withClient(databaseUrl, async (client) => {
        const insert = 'INSERT INTO "CounterStore" (id, life) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING';
        await client.query(insert, [id, fresh]);
        const { rows } = await client.query<{ life: string }>('SELECT life FROM "CounterStore" WHERE id = $1', [id]);
        return rows[0]?.life ?? fresh;
      }),
  };
}

/**
 * Accepts that the store has forgotten: the life it has now is the one that counts.
 *
 * @returns The life that counted until now; null when none was known.
 */
export async function acceptForgotten(databaseUrl: string): Promise<string | null> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ life: string }>('DELETE FROM "CounterStore" WHERE id = $1 RETURNING life', [
      id,
    ]);
    return rows[0]?.life ?? null;
  });
}

async function withClient<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    application_name: "policylayer gateway counters",
  });
  client.on("error", () => {}); // it rejects the query as well
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
