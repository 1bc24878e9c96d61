// Hears from Postgres of approvals that were decided, and of calls that their clients do not want any more.
import pg from "pg";
import type { Log } from "./log.ts";

export type NoticeListeners = {
  onDecided(id: string): void;
  onCancelled(grantId: string, sessionTag: string | null, requestId: string): void;
};

export type ApprovalNotices = {
  /** Whether a decision was heard of already: its notice may overtake the answer to the query that asked for it. */
  hasSettled(id: string): boolean;
  close(): Promise<void>;
};

const retryMs = { first: 100, longest: 2_000 };
const settledMax = 10_000;

/** Starts to listen; connects and reconnects by itself until it is closed. */
export function followNotices(databaseUrl: string, log: Log, listeners: NoticeListeners): ApprovalNotices {
  const settled = new Set<string>();
  let client: pg.Client | null = null;
  let closed = false;
  let retryAfterMs = retryMs.first;
  let timer: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const connection = new pg.Client({
      connectionString: databaseUrl,
      connectionTimeoutMillis: 4_000,
      keepAlive: true,
      application_name: "policylayer gateway approval notices",
    });
    client = connection;
    let isLost = false;
    const lost = (cause?: unknown) => {
      if (isLost) return;
      isLost = true;
      if (!closed) log.debug({ cause: String(cause) }, "notices of approvals are not heard; connecting again");
      connection.end().catch(() => {});
      if (closed) return;
      timer = setTimeout(() => void connect(), retryAfterMs);
      timer.unref();
      retryAfterMs = Math.min(retryAfterMs * 2, retryMs.longest);
    };
    connection.on("error", lost);
    connection.on("end", lost);
    connection.on("notification", ({ channel, payload }) => {
      try {
        hear(channel, JSON.parse(payload ?? ""));
      } catch (cause) {
        log.warn({ cause: String(cause) }, "a notice of an approval could not be read"); // the poll finds what it said
      }
    });
    try {
      await connection.connect();
      await connection.query("LISTEN policylayer_approvals");
      await connection.query("LISTEN policylayer_cancelled");
      retryAfterMs = retryMs.first;
    } catch (cause) {
      lost(cause);
    }
  }

  function hear(channel: string, said: Record<string, unknown>): void {
    if (channel === "policylayer_approvals") {
      const { id, status } = said;
      if (typeof id !== "string" || status === "pending") return;
      if (settled.size >= settledMax) settled.clear();
      settled.add(id);
      listeners.onDecided(id);
      return;
    }
    const { grantId, sessionTag, requestId } = said;
    if (typeof grantId !== "string" || typeof requestId !== "string") return;
    listeners.onCancelled(grantId, typeof sessionTag === "string" ? sessionTag : null, requestId);
  }

  void connect();
  return {
    hasSettled: (id) => settled.has(id),
    async close() {
      closed = true;
      clearTimeout(timer);
      const ending = client?.end().catch(() => {});
      await Promise.race([ending, new Promise<void>((done) => setTimeout(done, 250).unref())]);
    },
  };
}
