// Who is told of approvals, and by whom: one connection of this process listens to Postgres, and each open stream hears of its
// own organisation.
import pg from "pg";
import { report } from "../report.ts";

/** What a trigger says of each approval that is new or changed. Written by prisma's migration `approvals`. */
const channel = "policylayer_approvals";

/** `resync`: notices may have been missed, so everything has to be looked at again. */
export type Heard = { kind: "approval"; id: string; status: string } | { kind: "resync" };
type Listener = (heard: Heard) => void;

export type ApprovalHub = {
  /** @returns what ends it. */
  subscribe(organisationId: string, listener: Listener): () => void;
  /** Hears of every organisation's. */
  subscribeToAll(listener: () => void): () => void;
  stop(): Promise<void>;
};

export function startHub(databaseUrl: string, retryMs = 1_000): ApprovalHub {
  const listeners = new Map<string, Set<Listener>>();
  const everywhere = new Set<() => void>();
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | null = null;
  let isStopped = false;

  function connect(): void {
    timer = null;
    const mine = new pg.Client({
      connectionString: databaseUrl,
      application_name: "policylayer-approvals",
      connectionTimeoutMillis: 4_000,
      keepAlive: true,
    });
    client = mine;
    let isLost = false;
    const lose = () => {
      if (isLost) return;
      isLost = true;
      mine.end().catch(() => {});
      if (client === mine) client = null;
      if (!isStopped) timer = setTimeout(connect, retryMs).unref();
    };
    mine.on("error", lose);
    mine.on("end", lose);
    mine.on("notification", ({ payload }) => hear(payload ?? ""));
    mine
      .connect()
      .then(() => mine.query(`LISTEN ${channel}`))
      .then(() => {
        for (const each of listeners.values()) for (const listener of each) listener({ kind: "resync" });
        for (const listener of everywhere) listener();
      })
      .catch(lose);
  }

  function hear(payload: string): void {
    let notice: unknown;
    try {
      notice = JSON.parse(payload);
    } catch (cause) {
      report("reading a notice about an approval", cause);
      return;
    }
    if (!isNotice(notice)) return;
    const { id, organisationId, status } = notice;
    for (const listener of listeners.get(organisationId) ?? []) listener({ kind: "approval", id, status });
    for (const listener of everywhere) listener();
  }

  connect();
  return {
    subscribe(organisationId, listener) {
      const mine = listeners.get(organisationId) ?? new Set();
      listeners.set(organisationId, mine.add(listener));
      return () => {
        mine.delete(listener);
        if (mine.size === 0 && listeners.get(organisationId) === mine) listeners.delete(organisationId);
      };
    },
    subscribeToAll(listener) {
      everywhere.add(listener);
      return () => everywhere.delete(listener);
    },
    async stop() {
      isStopped = true;
      if (timer) clearTimeout(timer);
      await client?.end().catch(() => {});
    },
  };
}

type Notice = { id: string; organisationId: string; status: string };

function isNotice(value: unknown): value is Notice {
  if (typeof value !== "object" || value === null) return false;
  const { id, organisationId, status } = value as Record<string, unknown>;
  return [id, organisationId, status].every((one) => typeof one === "string");
}

// On globalThis, because Next may load this module once for each route.
const shared = globalThis as typeof globalThis & { policylayerApprovalHub?: ApprovalHub };

/** The one of this process. */
export function approvalHub(): ApprovalHub {
  const databaseUrl = process.env.DATABASE_URL;
  if (!databaseUrl) throw new Error("DATABASE_URL is not set: start with `npm start`, which sets it");
  shared.policylayerApprovalHub ??= startHub(databaseUrl);
  return shared.policylayerApprovalHub;
}
