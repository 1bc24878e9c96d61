// Sends what is to be sent. Every web process does; each delivery is one's at a time, and comes back when that one is gone.
import { setTimeout as sleep } from "node:timers/promises";
import { database, type Prisma } from "../../../prisma/client.ts";
import { approvalViews } from "../approvals/view.ts";
import { settings } from "../environment.ts";
import { sendMail } from "../mail.ts";
import { report } from "../report.ts";
import { openEndpoint } from "./endpoints.ts";
import { type Kind, payloadOf } from "./payload.ts";
import { post, type Sent } from "./send.ts";

export type DeliveryWorker = { wake(): void; stop(): Promise<void> };

export type WorkerOptions = {
  /** How often it is looked for work when nobody says that there is. */
  pollMs?: number;
  timeoutMs?: number;
  /** After how many milliseconds another try comes, when `attempts` have failed. */
  backoffMs?(attempts: number): number;
};

export const triesMax = 6;
/** Longer than any try takes. */
const leaseS = 60;
const atOnceMax = 10;
const keptDays = 30;

/** 5 s, 15 s, 45 s, 2 and 7 minutes, each shortened by up to a half: those who failed together do not come back together. */
export function backoffMs(attempts: number): number {
  return 5_000 * 3 ** (attempts - 1) * (0.5 + Math.random() / 2);
}

export function startDeliveryWorker(options: WorkerOptions = {}): DeliveryWorker {
  const { pollMs = 2_000 } = options;
  const stopping = new AbortController();
  let waking = new AbortController();
  const running = runUntilStopped();

  async function runUntilStopped(): Promise<void> {
    let tidiedAt = 0;
    while (!stopping.signal.aborted) {
      let done = 0;
      try {
        const taken = await take();
        done = taken.length;
        await Promise.all(taken.map((delivery) => deliver(delivery, options)));
        if (Date.now() - tidiedAt > 3_600_000) {
          tidiedAt = Date.now();
          await tidy();
        }
      } catch (cause) {
        report("sending notifications", cause);
      }
      if (done < atOnceMax) await pause(pollMs);
    }
  }

  async function pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: AbortSignal.any([stopping.signal, waking.signal]) }).catch(() => {});
    waking = new AbortController();
  }

  return {
    wake: () => waking.abort(),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

type Delivery = Prisma.NotificationDeliveryGetPayload<{ include: { endpoint: { include: { organisation: true } } } }>;

/** Those whose time has come. Others who look at the same moment find others. */
async function take(): Promise<Delivery[]> {
  const rows = await database().$queryRaw<{ id: string }[]>`
    UPDATE "NotificationDelivery" SET "attempts" = "attempts" + 1, "nextAt" = now() + make_interval(secs => ${leaseS}::int)
    WHERE "id" IN (
      SELECT "id" FROM "NotificationDelivery" WHERE "status" = 'pending' AND "nextAt" <= now()
      ORDER BY "nextAt" LIMIT ${atOnceMax} FOR UPDATE SKIP LOCKED
    )
    RETURNING "id"`;
  if (rows.length === 0) return [];
  return database().notificationDelivery.findMany({
    where: { id: { in: rows.map(({ id }) => id) } },
    include: { endpoint: { include: { organisation: true } } },
  });
}

async function deliver(delivery: Delivery, options: WorkerOptions): Promise<void> {
  const { id, attempts } = delivery;
  let sent: Sent;
  try {
    sent = await tryOnce(delivery, options);
  } catch (cause) {
    report(`the notification ${id}`, cause);
    sent = {
      ok: false,
      status: null,
      trouble: "Something is broken on our side. It has been written down.",
      final: false,
    };
  }
  const isOver = sent.ok || sent.final || attempts >= triesMax;
  await database().notificationDelivery.updateMany({
    // Not when somebody else has taken it meanwhile.
    where: { id, status: "pending", attempts },
    data: {
      lastStatus: sent.status,
      lastTrouble: sent.ok ? null : sent.trouble,
      ...(isOver
        ? { status: sent.ok ? "delivered" : "dead", endedAt: new Date() }
        : { nextAt: new Date(Date.now() + (options.backoffMs ?? backoffMs)(attempts)) }),
    },
  });
}

async function tryOnce(delivery: Delivery, { timeoutMs }: WorkerOptions): Promise<Sent> {
  const { endpoint, event, id: deliveryId } = delivery;
  const opened = openEndpoint(endpoint);
  if (opened === null) {
    return {
      ok: false,
      status: null,
      trouble: "The address was sealed with a key that is gone. Set it up again.",
      final: true,
    };
  }
  const body = delivery.body ?? (await writeBody(delivery));
  if (body === null)
    return { ok: false, status: null, trouble: "What it is about is not there any more.", final: true };
  if (endpoint.kind === "email") return mail(opened.target, body);
  const allowPrivate = settings().allowPrivateUpstreams;
  return post({ url: opened.target, secret: opened.secret, body, deliveryId, event }, { allowPrivate, timeoutMs });
}

/** Written once, so that every try says the same. */
async function writeBody({ id, event, approvalId, createdAt, endpoint }: Delivery): Promise<string | null> {
  const row = approvalId === null ? null : await database().approval.findUnique({ where: { id: approvalId } });
  if (approvalId !== null && row === null) return null;
  const [approval = null] = row ? await approvalViews([row]) : [];
  const { id: organisationId, name } = endpoint.organisation;
  const body = payloadOf(endpoint.kind as Kind, {
    ...{ deliveryId: id, event, at: createdAt.toISOString(), approval },
    organisation: { id: organisationId, name },
    publicUrl: settings().publicUrl,
  });
  await database().notificationDelivery.updateMany({ where: { id }, data: { body } });
  return body;
}

async function mail(to: string, body: string): Promise<Sent> {
  const { subject, text } = JSON.parse(body) as { subject: string; text: string };
  try {
    await sendMail({ to, subject, text });
    return { ok: true, status: null };
  } catch (cause) {
    const { responseCode, code } = cause as { responseCode?: number; code?: string };
    const what = responseCode
      ? `It answered with ${responseCode}.`
      : `It could not be reached (${code ?? "no connection"}).`;
    return {
      ok: false,
      status: responseCode ?? null,
      trouble: `The mail server did not take it. ${what}`,
      final: false,
    };
  }
}

/** What was delivered long ago is of no use to anybody. */
async function tidy(): Promise<void> {
  await database().$executeRaw`
    DELETE FROM "NotificationDelivery" WHERE "status" <> 'pending' AND "createdAt" < now() - make_interval(days => ${keptDays}::int)`;
}
