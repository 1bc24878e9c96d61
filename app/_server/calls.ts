// The calls on record, newest first.
import type * as z from "zod";
import type { Prisma } from "../../prisma/client.ts";
import { database } from "../../prisma/client.ts";
import type { CallAnswer, callsQuery } from "../api/v1/schemas.ts";
import type { Member } from "./member.ts";
import { type Refusal, refuse } from "./refusals.ts";

type Cursor = { at: Date; id: string };

/** One page. The cursor is the place of the last call of the page before it, so calls that come meanwhile move nothing. */
export async function listCalls(
  member: Member,
  { id, serverId, grantId, tool, code, differs, from, to, cursor, limit }: z.output<typeof callsQuery>,
): Promise<{ items: CallAnswer[]; nextCursor: string | null } | Refusal> {
  const after = cursor === undefined ? null : readCursor(cursor);
  if (cursor !== undefined && !after) {
    return refuse("invalid_query", { errors: [{ pointer: "/cursor", message: "is not a `nextCursor` of ours" }] });
  }
  const where: Prisma.CallWhereInput = {
    organisationId: member.organisation.id,
    id,
    serverId,
    grantId,
    tool,
    code,
    at: { gte: from, lt: to },
    ...(differs ? { AND: [{ shadowCode: { not: null } }, { OR: shadowDiffers() }] } : {}),
    ...(after ? { OR: [{ at: { lt: after.at } }, { at: after.at, id: { lt: after.id } }] } : {}),
  };
  const rows = await database().call.findMany({ where, orderBy: [{ at: "desc" }, { id: "desc" }], take: limit + 1 });
  if (rows.length === 0 && id !== undefined) return refuse("not_found");
  if (rows.length === 0 && (await isForeign(member, serverId, grantId))) return refuse("not_found");
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { items: page.map(view), nextCursor: rows.length > limit && last ? writeCursor(last) : null };
}

/** A call that a watched policy would have denied went through: it was allowed, whatever its code says. */
function shadowDiffers(): Prisma.CallWhereInput[] {
  const { code } = database().call.fields;
  return [
    { wouldDeny: false, NOT: { shadowCode: { equals: code } } },
    { wouldDeny: true, shadowCode: { not: "allowed" } },
  ];
}

/** An id that is neither a row of the organisation nor on its record. A deleted server's calls stay readable. */
async function isForeign(member: Member, serverId: string | undefined, grantId: string | undefined): Promise<boolean> {
  const organisationId = member.organisation.id;
  const db = database();
  const isKnown = async (where: { serverId: string } | { grantId: string }, rows: Promise<number>) =>
    (await rows) > 0 ||
    (await db.call.findFirst({ where: { organisationId, ...where }, select: { id: true } })) !== null;
  if (serverId && !(await isKnown({ serverId }, db.server.count({ where: { id: serverId, organisationId } }))))
    return true;
  if (grantId && !(await isKnown({ grantId }, db.grant.count({ where: { id: grantId, organisationId } })))) return true;
  return false;
}

function writeCursor({ at, id }: Cursor): string {
  return Buffer.from(`${at.getTime()} ${id}`).toString("base64url");
}

function readCursor(text: string): Cursor | null {
  const [, ms, id] =
    /^(\d{1,15}) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(Buffer.from(text, "base64url").toString()) ?? [];
  return ms !== undefined && id !== undefined ? { at: new Date(Number(ms)), id } : null;
}

/** Argument values stay where they are: nobody reads them one by one. */
function view(row: Prisma.CallGetPayload<object>): CallAnswer {
  const { organisationId: _, sealedArguments: __, at, ...rest } = row;
  return { ...rest, at: at.toISOString() };
}
