// The gateway process: puts the parts together, opens the doors, and closes them in an order that loses nothing.
import "./tick-shape.ts";
import cluster from "node:cluster";
import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import { type ListenOptions, Server as NetServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import pino from "pino";
import * as z from "zod";
import { recordArguments } from "../policy/recorded.ts";
import { sealCallArguments } from "../prisma/call-arguments.ts";
import { receiveSecrets } from "../prisma/handed-secrets.ts";
import { internalToken } from "../prisma/secrets.ts";
import { createAdminServer } from "./admin.ts";
import { openApprovals } from "./approvals.ts";
import { startClock } from "./clock.ts";
import { openCounters } from "./counters/open-counters.ts";
import { rememberHashes } from "./definition-hash.ts";
import { openDialogues } from "./dialogue.ts";
import { readEnvironment } from "./env.ts";
import { openHarvestDesk } from "./harvest/serve.ts";
import { createDoor, createGatewayServer } from "./http.ts";
import { createInspector } from "./inspect.ts";
import { openJournal } from "./journal.ts";
import type { House } from "./message.ts";
import { type Metric, prometheusText, startMetrics } from "./metrics.ts";
import { openNotices } from "./notices.ts";
import { orphanTasks, shipOrphans } from "./orphans.ts";
import { openPeers } from "./peers.ts";
import { followPolicies } from "./policies.ts";
import { openRecord } from "./record.ts";
import { openRenewals } from "./renewal.ts";
import { Roster } from "./roster.ts";
import { openSessions } from "./session.ts";
import { emptySnapshot } from "./snapshot.ts";
import { countStreams, cutFrozen, endStreams, isInScope, type OpenStreams, type UnderWay } from "./streams.ts";
import { openTasks } from "./tasks.ts";
import { openTelemetry } from "./telemetry.ts";
import { openUpstreams } from "./upstream/open-upstreams.ts";
import { drainMessage, replacedDrainMs } from "./workers.ts";

/** How long we wait for what calls need before we take any: then they hear why not. */
const startPatienceMs = 5_000;
const startAgainMs = 20;
const idleMs = 1_000;
const upstreamsCloseMs = 1_400;
const stopMsMax = 2_200;

const log = pino({ name: "gateway", level: process.env.LOG_LEVEL || "info" });
await receiveSecrets();
const environment = readEnvironment(process.env);
const {
  settings,
  databaseUrl,
  keys,
  journalDir,
  journalFsync,
  countersUrl,
  adminUrl,
  worker,
  telemetry: collector,
} = environment;

const journal = await openJournal({
  dir: journalDir,
  log,
  fsync: journalFsync,
  readers: [
    "record",
    ...(countersUrl === null ? (["counters"] as const) : []),
    ...(collector ? (["telemetry"] as const) : []),
  ],
  seal(unsealed, callId) {
    try {
      const recorded = recordArguments(unsealed.arguments, unsealed.mentions);
      return recorded && sealCallArguments(keys, recorded, callId);
    } catch (cause) {
      log.error({ cause: String(cause) }, "the values of a call's arguments cannot be kept");
      return null;
    }
  },
});
const clock = startClock(journal.lastAt, environment.clockOffsetMs);
const record = await openRecord({ journal, databaseUrl, log });
const orphans =
  worker === 1
    ? shipOrphans({ dataDir: settings.dataDir, workers: environment.workers, databaseUrl, log, now: clock.now })
    : null;
const counters = await openCounters({ url: countersUrl, databaseUrl, journal, log, now: clock.now });
const upstreams = openUpstreams(settings, log);
const streams: OpenStreams = new Roster();
const underWay = new Roster<UnderWay>();
const metrics = startMetrics();
const notices = openNotices({ databaseUrl, log });
const approvals = openApprovals({ databaseUrl, keys, publicUrl: settings.publicUrl, log });
const gatewayId = randomUUID();
let stopping = false;
let isListening = false;
const policies = followPolicies({
  databaseUrl,
  keys,
  gatewayId,
  adminUrl,
  log,
  onSwap: (snapshot) => {
    notices.applyTo(snapshot);
    endStreams(streams, snapshot, Date.now());
    metrics.countFrozenOff(cutFrozen(underWay, snapshot));
    approvals.recheck();
    const reachable = [...snapshot.servers.values()].flatMap(({ id, upstream }) =>
      upstream ? [[id, upstream] as const] : [],
    );
    upstreams.retain(new Map(reachable));
  },
});

const peers = openPeers({ databaseUrl, self: adminUrl, internalToken: internalToken(keys), log });
const house: House = {
  policies,
  counters,
  journal,
  upstreams,
  clock,
  sessions: openSessions(keys, clock.now),
  metrics,
  streams,
  underWay,
  dialogues: openDialogues(),
  approvals,
  keys,
  peers,
  tasks: openTasks({
    file: environment.tasksFile,
    leftOver: worker === 1 ? orphanTasks(settings.dataDir, environment.workers) : [],
    now: clock.now,
    log,
  }),
  renewals: openRenewals(),
  sight: { hash: rememberHashes(), notice: notices.notice },
};
const telemetry = collector && openTelemetry({ journal, settings: collector, instanceId: gatewayId, collect, log });
const brakeScope = z.object({
  organisationId: z.string(),
  serverId: z.string().optional(),
  grantId: z.string().optional(),
});

const door = createDoor(house, settings, log);
const gateway = createGatewayServer(house, door);
const connections = new Set<Socket>();
gateway.on("connection", (connection: Socket) => {
  connections.add(connection);
  connection.once("close", () => connections.delete(connection));
});
const harvests = openHarvestDesk(settings, log);
const admin = createAdminServer(
  {
    unreadyReasons,
    renderMetrics: () => prometheusText(collect()),
    inspect: createInspector(settings, log),
    harvest: harvests.harvest,
    registry: harvests.registry,
    brake: askBrake,
    peer: (request, response) => door.answer(request, response, true),
    internalToken: internalToken(keys),
  },
  settings,
  log,
);

process.on("SIGTERM", () => void stop("SIGTERM"));
process.on("SIGINT", () => void stop("SIGINT"));
process.on("disconnect", () => void stop("the supervisor is gone"));
process.on(
  "message",
  (message) => message === drainMessage && void stop("another takes its place", replacedDrainMs, 0),
);
// A worker whose supervisor is gone would be ended at once, in the middle of its calls.
if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;

await listen(admin, { port: settings.gatewayAdminPort, host: environment.adminBind, exclusive: true });
// Others take calls while we start: no call shall find us before we can answer it.
const patientUntil = performance.now() + startPatienceMs;
while (!(policies.isFresh() && counters.available) && performance.now() < patientUntil) await sleep(startAgainMs);
if (!stopping) {
  door.open();
  await listen(gateway, { port: settings.gatewayPort, host: settings.bind });
  isListening = true;
  log.info({ url: settings.gatewayPublicUrl, worker }, "the gateway listens");
  process.send?.("ready");
}

function unreadyReasons(): string[] {
  const reasons: string[] = [];
  if (stopping) reasons.push("stopping");
  else if (!isListening) reasons.push("starting");
  if (!policies.isFresh()) reasons.push("policy_unavailable");
  if (!journal.writable) reasons.push("record_unavailable");
  if (!counters.available) reasons.push("counter_unavailable");
  return reasons;
}

/** What a freeze would take hold of here. */
async function askBrake(body: unknown): Promise<object> {
  const scope = brakeScope.parse(body);
  const { snapshot } = policies;
  if (snapshot === null) return { ok: true, openStreams: 0, heldCalls: 0 };
  const heldCalls = approvals.heldCalls((grantId) => {
    const grant = snapshot.grants.get(grantId);
    return grant !== undefined && isInScope(scope, grant);
  });
  return { ok: true, openStreams: countStreams(streams, snapshot, scope), heldCalls };
}

function frozenCounts(): Record<string, number> {
  const { organisations, servers, grants } = policies.snapshot ?? emptySnapshot(0n);
  const count = (all: Iterable<{ frozen: boolean }>) => [...all].filter(({ frozen }) => frozen).length;
  return {
    frozen_organisations: count(organisations.values()),
    frozen_servers: count(servers.values()),
    frozen_grants: count(grants.values()),
  };
}

function collect(): Metric[] {
  return metrics.collect(gauges(), totals());
}

function gauges(): Record<string, number> {
  const { pending, lagMs, shipped, rejected } = record.figures();
  return {
    open_streams: house.streams.size,
    exchanges_under_way: underWay.size,
    held_calls: approvals.heldCalls(),
    ...frozenCounts(),
    upstream_processes: upstreams.processes,
    snapshot_fresh: policies.isFresh() ? 1 : 0,
    snapshot_epoch: Number(policies.snapshot?.epoch ?? 0n),
    journal_writable: journal.writable ? 1 : 0,
    counters_available: counters.available ? 1 : 0,
    changes_unwritten: notices.unwritten,
    record_pending: pending + (orphans?.pending ?? 0),
    record_lag_seconds: lagMs / 1_000,
    record_shipped: shipped,
    record_rejected: rejected,
    ...(telemetry ? { telemetry_lag_seconds: telemetry.figures().lagMs / 1_000 } : {}),
  };
}

/** How commands behave: lines that were no messages, messages that nobody waited for, ends by themselves. */
function totals(): Record<string, number> {
  const { skippedLines, droppedMessages, restarts } = upstreams.totals();
  return {
    upstream_skipped_lines: skippedLines,
    upstream_dropped_messages: droppedMessages,
    upstream_restarts: restarts,
    ...(telemetry ? { telemetry_sent: telemetry.figures().sent, telemetry_dropped: telemetry.figures().dropped } : {}),
  };
}

function listen(server: Server, where: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(where, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/**
 * Takes no new connections, and resolves when there are none any more. One on which a request is just arriving is not closed:
 * its answer says that it was the last. Those that stay idle are closed after a while.
 */
function stopListening(server: Server): Promise<void> {
  const closeIdle = () => {
    server.closeIdleConnections();
    // Clients keep some in reserve; Node counts one as idle only after its first request.
    for (const connection of connections) if (connection.bytesRead === 0) connection.destroy();
  };
  setInterval(closeIdle, idleMs).unref();
  // The close of an HTTP server would end idle connections at once, and with them requests that are on their way.
  return new Promise((resolve) => NetServer.prototype.close.call(server, () => resolve()));
}

/** Calls under way get a moment to end; whatever is left then is on record as unknown. */
async function stop(why: string, patienceMs = environment.drainMs, noticeMs = environment.noticeMs): Promise<void> {
  if (stopping) return;
  stopping = true;
  log.info({ why }, "the gateway stops");
  setTimeout(() => process.exit(1), patienceMs + stopMsMax).unref();
  const until = performance.now() + patienceMs;
  harvests.close();
  // Who waits for a person hears how to go on; what was approved meanwhile is there for the next gateway.
  const askedNoMore = approvals.close();
  door.leave();
  // Whoever spreads connections may send us some until it has heard: those that wait for us when we stop listening are lost.
  if (noticeMs > 0) await sleep(noticeMs);
  await Promise.race([Promise.all([stopListening(gateway), door.emptied()]), sleep(until - performance.now())]);
  gateway.closeAllConnections();
  await Promise.race([
    Promise.all([
      ...[upstreams.close(), policies.close(), notices.close(), counters.close(), peers.close()],
      ...[orphans?.close(), askedNoMore],
    ]),
    sleep(upstreamsCloseMs),
  ]);
  await new Promise(setImmediate); // what the closing upstreams said is written now
  await Promise.all([record.close(500), telemetry?.close(500)]);
  await journal.close();
  admin.closeAllConnections();
  admin.close();
  process.exit(0);
}
