// Where an organisation hears of its approvals.
import { randomBytes } from "node:crypto";
import type * as z from "zod";
import { readUpstreamUrl } from "../../../address.ts";
import { database, type Prisma } from "../../../prisma/client.ts";
import { open, seal } from "../../../prisma/secrets.ts";
import {
  type DeliveryAnswer,
  type EndpointAnswer,
  type EndpointCreated,
  type EndpointsAnswer,
  type endpointBody,
  endpointSchema,
} from "../../api/v1/approval-schemas.ts";
import { audit } from "../audit.ts";
import { secretKeys, settings } from "../environment.ts";
import { sendsMail } from "../mail.ts";
import type { Member } from "../member.ts";
import { Refusal, refuse } from "../refusals.ts";
import { deliveryView } from "./deliveries.ts";

type Row = Prisma.NotificationEndpointGetPayload<object>;

const endpointsMax = 20;
/** Those who add at once wait for each other. */
const patience = { maxWait: 10_000, timeout: 10_000 };

export async function listEndpoints(member: Member): Promise<EndpointsAnswer> {
  const rows = await database().notificationEndpoint.findMany({
    where: { organisationId: member.organisation.id },
    orderBy: { createdAt: "asc" },
  });
  return { items: rows.map(endpointView), nextCursor: null, email: sendsMail() };
}

/** @returns The secret as well, this once. */
export async function createEndpoint(
  member: Member,
  body: z.output<typeof endpointBody>,
): Promise<EndpointCreated | Refusal> {
  const organisationId = member.organisation.id;
  const trouble = body.kind === "email" ? await whyNoMail(organisationId, body.email) : whyNotThere(body.url);
  if (trouble !== null)
    return refuse("notification_refused", {
      detail: trouble,
      errors: [{ pointer: body.kind === "email" ? "/email" : "/url", message: trouble }],
    });
  const secret = body.kind === "email" ? null : `whsec_${randomBytes(32).toString("base64url")}`;
  try {
    const row = await database().$transaction(async (tx) => {
      // The row of the organisation, so that two who add the last one at once do not both.
      await tx.$queryRaw`SELECT 1 FROM "Organisation" WHERE "id" = ${organisationId}::uuid FOR UPDATE`;
      if ((await tx.notificationEndpoint.count({ where: { organisationId } })) >= endpointsMax) {
        throw refuse("too_many_endpoints", { detail: `At most ${endpointsMax}.` });
      }
      const { kind, events } = body;
      const shown = body.kind === "email" ? body.email : new URL(body.url).origin;
      const made = await tx.notificationEndpoint.create({ data: { organisationId, kind, target: "", shown, events } });
      const target = body.kind === "email" ? body.email : seal(secretKeys(), "notification-target", body.url, made.id);
      const sealedSecret = secret && seal(secretKeys(), "notification-secret", secret, made.id);
      await audit(tx, member, {
        action: "notification.created",
        target: { kind: "notification", id: made.id, name: shown },
        after: { kind, target: shown, events },
      });
      return tx.notificationEndpoint.update({ where: { id: made.id }, data: { target, sealedSecret } });
    }, patience);
    return { ...endpointView(row), secret };
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown;
    throw thrown;
  }
}

export async function deleteEndpoint(member: Member, id: string): Promise<undefined | Refusal> {
  const where = { id, organisationId: member.organisation.id };
  return database().$transaction(async (tx) => {
    const row = await tx.notificationEndpoint.findFirst({ where });
    if (!row || (await tx.notificationEndpoint.deleteMany({ where })).count === 0) return refuse("not_found");
    const { kind, shown, events } = row;
    await audit(tx, member, {
      action: "notification.deleted",
      target: { kind: "notification", id, name: shown },
      before: { kind, target: shown, events },
    });
    return undefined;
  });
}

/** Sends something that says it is a test, as everything else is sent. */
export async function testEndpoint(member: Member, id: string): Promise<DeliveryAnswer | Refusal> {
  const organisationId = member.organisation.id;
  const endpoint = await database().notificationEndpoint.findFirst({ where: { id, organisationId } });
  if (!endpoint) return refuse("not_found");
  const row = await database().notificationDelivery.create({
    data: { organisationId, endpointId: id, event: "test" },
    include: { endpoint: true },
  });
  return deliveryView(row);
}

export function endpointView({ id, kind, shown, events, createdAt }: Row): EndpointAnswer {
  return endpointSchema.parse({ id, kind, target: shown, events, createdAt: createdAt.toISOString() });
}

/** What a delivery needs; null when it was sealed with a key that is gone. */
export function openEndpoint({ id, kind, target, sealedSecret }: Row): { target: string; secret: string } | null {
  if (kind === "email") return { target, secret: "" };
  const url = open(secretKeys(), "notification-target", target, id);
  const secret = sealedSecret && open(secretKeys(), "notification-secret", sealedSecret, id);
  return url && secret ? { target: url, secret } : null;
}

function whyNotThere(url: string): string | null {
  const target = readUpstreamUrl(url, settings().allowPrivateUpstreams);
  return target.ok ? null : target.message.replaceAll("server's ", "");
}

async function whyNoMail(organisationId: string, email: string): Promise<string | null> {
  if (!sendsMail()) return "This installation sends no e-mail: whoever runs it has set no SMTP_URL.";
  if (!settings().hosted) return null;
  // Where strangers sign up, nobody may have mail sent to whom they like.
  const isMember = await database().membership.count({ where: { organisationId, user: { email } } });
  return isMember > 0 ? null : "Mail goes to members of your organisation only.";
}
