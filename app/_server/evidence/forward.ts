// Sends an organisation's log on as it is sealed, link by link: a link is taken or it comes again, so nothing is lost, and what comes
// twice has the same sequence.
import { randomBytes } from "node:crypto";
import type * as z from "zod";
import { readUpstreamUrl } from "../../../address.ts";
import { database, type Prisma } from "../../../prisma/client.ts";
import { open, seal } from "../../../prisma/secrets.ts";
import type { ForwardAnswer, forwardBody, forwardChanged } from "../../api/v1/schemas.ts";
import { audit } from "../audit.ts";
import { secretKeys, settings } from "../environment.ts";
import { type Leader, startLeader } from "../leader.ts";
import type { Member } from "../member.ts";
import { post } from "../notifications/send.ts";
import { backoffMs } from "../notifications/worker.ts";
import { type Refusal, refuse } from "../refusals.ts";
import { report } from "../report.ts";
import { keptFromOf, readLink } from "./export.ts";

type Row = Prisma.LogForwardGetPayload<object>;

export async function readForward(member: Member): Promise<ForwardAnswer> {
  const organisationId = member.organisation.id;
  const row = await database().logForward.findUnique({ where: { organisationId } });
  return { forward: row && (await view(row)) };
}

async function view(row: Row): Promise<NonNullable<ForwardAnswer["forward"]>> {
  const { organisationId, cursor } = row;
  const waiting = { organisationId, sequence: { gt: cursor } };
  const [behind, oldest] = await Promise.all([
    database().evidenceBatch.count({ where: waiting }),
    database().evidenceBatch.findFirst({ where: waiting, orderBy: { sequence: "asc" }, select: { sealedAt: true } }),
  ]);
  return {
    target: row.url,
    enabled: row.enabled,
    cursor,
    behind,
    lagS: oldest ? Math.max(0, Math.round((Date.now() - oldest.sealedAt.getTime()) / 1_000)) : 0,
    attempts: row.attempts,
    lastError: row.lastError,
    lastSentAt: row.lastSentAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}

/** Sets where the log goes. With another address comes another secret, and it begins with what is sealed from now on, or at the start. */
export async function setForward(
  member: Member,
  { url, enabled = true, from = "now" }: z.output<typeof forwardBody>,
): Promise<z.input<typeof forwardChanged> | Refusal> {
  const organisationId = member.organisation.id;
  const target = url === undefined ? null : readUpstreamUrl(url, settings().allowPrivateUpstreams);
  if (target && !target.ok) {
    const message = target.message.replaceAll("server's ", "");
    return refuse("notification_refused", { detail: message, errors: [{ pointer: "/url", message }] });
  }
  const changed = await database().$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM "Organisation" WHERE "id" = ${organisationId}::uuid FOR UPDATE`;
    const before = await tx.logForward.findUnique({ where: { organisationId } });
    if (!before && url === undefined) return refuse("not_found");
    const secret = url === undefined ? null : `whsec_${randomBytes(32).toString("base64url")}`;
    const fresh = { attempts: 0, nextAttemptAt: null, lastError: null };
    const row =
      url === undefined || secret === null
        ? await tx.logForward.update({ where: { organisationId }, data: { enabled, ...fresh } })
        : await tx.logForward.upsert({
            where: { organisationId },
            create: { organisationId, ...(await begun(tx, organisationId, url, secret, from)), enabled },
            update: { ...(await begun(tx, organisationId, url, secret, from)), enabled, ...fresh },
          });
    await audit(tx, member, {
      action: "log_forward.set",
      target: { kind: "log_forward", id: organisationId, name: row.url },
      ...(before ? { before: { target: before.url, enabled: before.enabled } } : {}),
      after: { target: row.url, enabled: row.enabled },
    });
    return { row, secret };
  });
  if (!("row" in changed)) return changed;
  return { forward: await view(changed.row), secret: changed.secret };
}

async function begun(
  tx: Prisma.TransactionClient,
  organisationId: string,
  url: string,
  secret: string,
  from: "now" | "start",
) {
  const last = await tx.evidenceBatch.aggregate({ where: { organisationId }, _max: { sequence: true } });
  return {
    url: new URL(url).origin,
    sealedSecret: seal(secretKeys(), "log-forward", JSON.stringify({ url, secret }), organisationId),
    cursor: from === "start" ? 0 : (last._max.sequence ?? 0),
  };
}

export async function endForward(member: Member): Promise<undefined | Refusal> {
  const organisationId = member.organisation.id;
  return database().$transaction(async (tx) => {
    const row = await tx.logForward.findUnique({ where: { organisationId } });
    if (!row || (await tx.logForward.deleteMany({ where: { organisationId } })).count === 0) return refuse("not_found");
    await audit(tx, member, {
      action: "log_forward.ended",
      target: { kind: "log_forward", id: organisationId, name: row.url },
      before: { target: row.url, enabled: row.enabled },
    });
    return undefined;
  });
}

const lockKey = [0x706c6379, 22] as const;
/** Of one organisation before the next has its turn. */
const linksAtOnce = 20;
const waitMaxMs = 300_000;
const timeoutMs = 20_000;

const shared = globalThis as typeof globalThis & { policylayerForwarder?: Leader };

/** Once in a process; it works where it holds the lock. */
export function startForwarding(databaseUrl: string, everyMs = 2_000): Leader {
  shared.policylayerForwarder ??= startLeader({
    databaseUrl,
    name: "sending logs on",
    lockKey,
    everyMs,
    round: forwardAll,
  });
  return shared.policylayerForwarder;
}

/** One round: what is due, of every organisation; one that is slow holds up the others for one round only. */
export async function forwardAll(signal?: AbortSignal): Promise<void> {
  const due = await database().logForward.findMany({
    where: { enabled: true, OR: [{ nextAttemptAt: null }, { nextAttemptAt: { lte: new Date() } }] },
  });
  await Promise.all(
    due.map((row) => forward(row, signal).catch((cause) => report("sending an organisation's log on", cause))),
  );
}

async function forward(row: Row, signal: AbortSignal | undefined): Promise<void> {
  const { organisationId } = row;
  const sealed = open(secretKeys(), "log-forward", row.sealedSecret, organisationId);
  if (sealed === null) return fail(row, "It was sealed with a key that is gone. Set it again.");
  const { url, secret } = JSON.parse(sealed) as { url: string; secret: string };
  const keptFrom = await keptFromOf(organisationId);
  let { cursor } = row;
  for (let sent = 0; sent < linksAtOnce && !signal?.aborted; sent++) {
    const link = await readLink(organisationId, cursor + 1, keptFrom);
    if (!link) return;
    const answer = await post(
      {
        ...{ url, secret, body: link.text, event: "log.sealed", deliveryId: `${organisationId}/${cursor + 1}` },
        contentType: "application/jsonl",
      },
      { allowPrivate: settings().allowPrivateUpstreams, timeoutMs },
    );
    if (!answer.ok) return fail(row, answer.trouble);
    cursor += 1;
    // Of the same target only: it may have been changed while this was on its way.
    const { count } = await database().logForward.updateMany({
      where: { organisationId, sealedSecret: row.sealedSecret },
      data: { cursor, attempts: 0, nextAttemptAt: null, lastError: null, lastSentAt: new Date() },
    });
    if (count === 0) return;
  }
}

/** It is tried again for ever: the links are kept anyway. */
async function fail({ organisationId, sealedSecret, attempts }: Row, lastError: string): Promise<void> {
  const waitMs = Math.min(waitMaxMs, backoffMs(Math.min(attempts + 1, 6)));
  await database().logForward.updateMany({
    where: { organisationId, sealedSecret },
    data: { attempts: attempts + 1, lastError, nextAttemptAt: new Date(Date.now() + waitMs) },
  });
}
