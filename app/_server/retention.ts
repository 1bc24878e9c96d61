// How long calls are kept.
import type * as z from "zod";
import { database } from "../../prisma/client.ts";
import type { RetentionAnswer, retentionBody } from "../api/v1/call-schemas.ts";
import { audit } from "./audit.ts";
import type { Member } from "./member.ts";
import { type Refusal, refuse } from "./refusals.ts";

export async function readRetention(member: Member): Promise<RetentionAnswer | Refusal> {
  const { id } = member.organisation;
  const [row, oldest] = await Promise.all([
    database().organisation.findUnique({ where: { id }, select: { callRetentionDays: true } }),
    database().call.findFirst({
      where: { organisationId: id },
      orderBy: { id: "asc" },
      select: { id: true, at: true },
    }),
  ]);
  if (row === null) return refuse("not_found");
  return { ...row, oldestAt: oldest?.at.toISOString() ?? null };
}

/** Takes effect when the log is looked after next, within the hour. */
export async function setRetention(
  member: Member,
  { callRetentionDays }: z.output<typeof retentionBody>,
): Promise<RetentionAnswer | Refusal> {
  const { id, name } = member.organisation;
  await database().$transaction(async (tx) => {
    const before = await tx.organisation.findUniqueOrThrow({ where: { id }, select: { callRetentionDays: true } });
    if (before.callRetentionDays === callRetentionDays) return;
    await tx.organisation.update({ where: { id }, data: { callRetentionDays } });
    await audit(tx, member, {
      action: "organisation.changed",
      target: { kind: "organisation", id, name },
      before,
      after: { callRetentionDays },
    });
  });
  return readRetention(member);
}
