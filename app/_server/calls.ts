// The calls on record, newest first. Ids sort by time, so a page is a piece of an index that ends in the id, however deep it lies.
import type * as z from "zod";
import { database, Prisma } from "../../prisma/client.ts";
import type { CallAnswer, callsQuery } from "../api/v1/schemas.ts";
import { type CallRow, callColumns, callConditions, callView, wordsCondition } from "./call-query.ts";
import type { Member } from "./member.ts";
import { type Refusal, refuse } from "./refusals.ts";

/** One page. The cursor is the last call of the page before it, so calls that come meanwhile move nothing. */
export async function listCalls(
  member: Member,
  { id, cursor, limit, ...filters }: z.output<typeof callsQuery>,
): Promise<{ items: CallAnswer[]; nextCursor: string | null } | Refusal> {
  const before = cursor === undefined ? null : readCursor(cursor);
  if (cursor !== undefined && !before) {
    return refuse("invalid_query", { errors: [{ pointer: "/cursor", message: "is not a `nextCursor` of ours" }] });
  }
  const rows = await readCalls(
    Prisma.sql`${callConditions(member.organisation.id, filters)}
      ${id === undefined ? Prisma.empty : Prisma.sql`AND "id" = ${id}::uuid`}
      ${before === null ? Prisma.empty : Prisma.sql`AND "id" < ${before}::uuid`}`,
    wordsCondition(filters),
    limit + 1,
  );
  if (rows.length === 0 && id !== undefined) return refuse("not_found");
  if (rows.length === 0 && (await isForeign(member, filters.serverId, filters.grantId))) return refuse("not_found");
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(callView),
    nextCursor: rows.length > limit && last ? Buffer.from(last.id).toString("base64url") : null,
  };
}

/** As many of the newest messages are read one by one before the index of words is asked. */
const messagesRead = 2_000;

/** The newest calls that fulfil the conditions and have the words. */
export async function readCalls(conditions: Prisma.Sql, words: Prisma.Sql | null, limit: number): Promise<CallRow[]> {
  if (words === null) {
    return database().$queryRaw<CallRow[]>`
      SELECT ${callColumns} FROM "Call" WHERE ${conditions} ORDER BY "id" DESC LIMIT ${limit}`;
  }
  // Words that many messages have are among the newest ones; the index would look up all of them before it knows the newest.
  const rows = await database().$queryRaw<CallRow[]>`
    SELECT ${callColumns} FROM (
      SELECT * FROM "Call" WHERE ${conditions} AND "message" <> '' ORDER BY "id" DESC LIMIT ${Math.max(messagesRead, limit * 10)}
    ) newest WHERE ${words} ORDER BY "id" DESC LIMIT ${limit}`;
  if (rows.length === limit) return rows;
  // So they are rare. Found first and put in order then: asked in one breath, Postgres would rather walk back through all messages.
  return database().$queryRaw<CallRow[]>`
    WITH found AS MATERIALIZED (SELECT ${callColumns} FROM "Call" WHERE ${conditions} AND ${words})
    SELECT * FROM found ORDER BY "id" DESC LIMIT ${limit}`;
}

function readCursor(text: string): string | null {
  const id = Buffer.from(text, "base64url").toString();
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id : null;
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
