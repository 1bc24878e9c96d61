// The live tail: calls as they are recorded and as their outcomes come. However many look on, Postgres is asked once for each
// organisation, and only when something of it was recorded.
import pg from "pg";
import { idFloor } from "../../prisma/call-partitions.ts";
import { Prisma } from "../../prisma/client.ts";
import type { CallAnswer, CallFilters } from "../api/v1/schemas.ts";
import { callConditions, callView, fits } from "./call-query.ts";
import { readCalls } from "./calls.ts";
import { report } from "./report.ts";

const channel = "policylayer_calls";
/** Calls may come faster than anybody reads. */
const pauseMs = 400;
/** A call is shown when it is recorded at most this long after it was decided; its outcome as well. */
const lookBackMs = 5 * 60_000;
const callsMax = 200;
const retryMs = 2_000;

type Listener = { filters: CallFilters; send(items: CallAnswer[]): void };
type Tail = {
  listeners: Set<Listener>;
  /** What was told, by id: how the call stood then. Null: nothing yet, so what is there now is no news. */
  told: Map<string, string> | null;
  timer: NodeJS.Timeout | null;
  lookedAt: number;
};

// On globalThis, because Next may load this module once for each route.
const shared = globalThis as typeof globalThis & {
  policylayerCallTails?: { tails: Map<string, Tail>; client: pg.Client | null };
};
shared.policylayerCallTails ??= { tails: new Map(), client: null };
const state = shared.policylayerCallTails;

/** Tells of calls that are recorded from now on and fit. @returns What ends it. */
export function followCalls(organisationId: string, filters: CallFilters, send: Listener["send"]): () => void {
  const tail = state.tails.get(organisationId) ?? { listeners: new Set(), told: null, timer: null, lookedAt: 0 };
  state.tails.set(organisationId, tail);
  const listener = { filters, send };
  tail.listeners.add(listener);
  if (tail.told === null) schedule(organisationId, tail);
  listen();
  return () => {
    tail.listeners.delete(listener);
    if (tail.listeners.size > 0) return;
    if (tail.timer) clearTimeout(tail.timer);
    if (state.tails.get(organisationId) === tail) state.tails.delete(organisationId);
    if (state.tails.size === 0) hangUp();
  };
}

/** How many look on. */
export function followerCount(organisationId: string): number {
  return state.tails.get(organisationId)?.listeners.size ?? 0;
}

function schedule(organisationId: string, tail: Tail): void {
  tail.timer ??= setTimeout(
    () => {
      tail.lookedAt = Date.now();
      look(organisationId, tail)
        .catch((cause) => report("the live tail of calls", cause))
        .finally(() => {
          tail.timer = null;
        });
    },
    Math.max(0, tail.lookedAt + pauseMs - Date.now()),
  );
}

async function look(organisationId: string, tail: Tail): Promise<void> {
  const since = idFloor(new Date(Date.now() - lookBackMs));
  const rows = await readCalls(
    Prisma.sql`${callConditions(organisationId, {})} AND "id" >= ${since}::uuid`,
    null,
    callsMax,
  );
  const calls = rows.map(callView);
  const { told } = tail;
  tail.told = new Map(calls.map((call) => [call.id, standing(call)]));
  if (told === null) return;
  const news = calls.filter((call) => told.get(call.id) !== standing(call));
  if (news.length === 0) return;
  for (const { filters, send } of tail.listeners) {
    const items = news.filter((call) => fits(call, filters));
    if (items.length > 0) send(items);
  }
}

function standing({ outcome, upstreamMs, gatewayMs }: CallAnswer): string {
  return `${outcome} ${upstreamMs} ${gatewayMs}`;
}

/** One connection for the whole process, while anybody looks on. */
function listen(): void {
  const connectionString = process.env.DATABASE_URL;
  if (state.client || !connectionString) return;
  const client = new pg.Client({
    connectionString,
    application_name: "policylayer-call-tail",
    connectionTimeoutMillis: 4_000,
    keepAlive: true,
  });
  state.client = client;
  const lost = () => {
    if (state.client !== client) return;
    state.client = null;
    client.end().catch(() => {});
    if (state.tails.size > 0) setTimeout(() => state.tails.size > 0 && listen(), retryMs).unref();
  };
  client.on("error", lost);
  client.on("end", lost);
  client.on("notification", ({ payload }) => {
    const tail = payload === undefined ? undefined : state.tails.get(payload);
    if (tail && payload) schedule(payload, tail);
  });
  client
    .connect()
    .then(() => client.query(`LISTEN ${channel}`))
    // What came while nobody listened.
    .then(() => {
      for (const [organisationId, tail] of state.tails) schedule(organisationId, tail);
    })
    .catch(lost);
}

function hangUp(): void {
  const { client } = state;
  state.client = null;
  client?.end().catch(() => {});
}
