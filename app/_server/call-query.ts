// The filters of the call log as SQL and as a function: a page, an export and the live tail mean the same by them.
import { idFloor } from "../../prisma/call-partitions.ts";
import { Prisma } from "../../prisma/client.ts";
import type { CallAnswer, CallFilters } from "../api/v1/schemas.ts";

export type CallRow = Omit<CallAnswer, "at"> & { at: Date };

/** Everything but the organisation and the sealed arguments, which stay where they are: nobody reads them one by one. */
export const callColumns = Prisma.raw(
  [
    ...["id", "at", "serverId", "grantId", "sessionId", "method", "tool", "policyId", "policyVersion", "code", "rule"],
    ...[
      "message",
      "wouldDeny",
      "argumentKeys",
      "shadowVersion",
      "shadowCode",
      "shadowRule",
      "clientName",
      "approvalId",
    ],
    ...["traceparent", "outcome", "upstreamStatus", "upstreamMs", "gatewayMs"],
  ]
    .map((name) => `"${name}"`)
    .join(", "),
);

export function callView({ at, ...rest }: CallRow): CallAnswer {
  return { ...rest, at: at.toISOString() };
}

/** An id is made when the call is decided; this much the two times may be apart. */
const slackMs = 1_000;

/**
 * What the rows of one organisation must fulfil, besides having words in their message (`wordsCondition`). A bound on the time is one on the id as well, so that only the partitions of that
 * time are read.
 */
export function callConditions(organisationId: string, filters: CallFilters): Prisma.Sql {
  const { serverId, grantId, tool, code, outcome, rule, policyId, sessionId, clientName, approvalId } = filters;
  const conditions = [Prisma.sql`"organisationId" = ${organisationId}::uuid`];
  if (serverId !== undefined) conditions.push(Prisma.sql`"serverId" = ${serverId}::uuid`);
  if (grantId !== undefined) conditions.push(Prisma.sql`"grantId" = ${grantId}::uuid`);
  if (policyId !== undefined) conditions.push(Prisma.sql`"policyId" = ${policyId}::uuid`);
  if (approvalId !== undefined) conditions.push(Prisma.sql`"approvalId" = ${approvalId}::uuid`);
  if (tool !== undefined) conditions.push(Prisma.sql`"tool" = ${tool}`);
  if (code !== undefined) conditions.push(Prisma.sql`"code" = ${code}`);
  if (outcome !== undefined) conditions.push(Prisma.sql`"outcome" = ${outcome}`);
  // As the index has it, and then all of it.
  if (rule !== undefined) conditions.push(Prisma.sql`left("rule", 200) = left(${rule}, 200) AND "rule" = ${rule}`);
  if (sessionId !== undefined) conditions.push(Prisma.sql`"sessionId" = ${sessionId}`);
  if (clientName !== undefined) conditions.push(Prisma.sql`"clientName" = ${clientName}`);
  // A call that a watched policy would have denied went through: it was allowed, whatever its code says.
  if (filters.differs === "shadow") {
    conditions.push(
      Prisma.sql`"shadowCode" IS NOT NULL AND "shadowCode" <> CASE WHEN "wouldDeny" THEN 'allowed' ELSE "code" END`,
    );
  }
  if (filters.from !== undefined) {
    const from = new Date(filters.from);
    conditions.push(Prisma.sql`"at" >= ${from}::timestamptz AND "id" >= ${idBound(from, -slackMs)}::uuid`);
  }
  if (filters.to !== undefined) {
    const to = new Date(filters.to);
    conditions.push(Prisma.sql`"at" < ${to}::timestamptz AND "id" < ${idBound(to, slackMs)}::uuid`);
  }
  return Prisma.join(conditions, " AND ");
}

/** The words of `q` in the message; null when they are not asked for. */
export function wordsCondition({ q }: CallFilters): Prisma.Sql | null {
  if (q === undefined || q.trim() === "") return null;
  const words = wordsOf(q);
  if (words.length === 0) return Prisma.sql`FALSE`;
  const query = words.map((word) => `${word}:*`).join(" & ");
  return Prisma.sql`"message" <> ''
    AND to_tsvector('simple', regexp_replace("message", '[^[:alnum:]]+', ' ', 'g')) @@ to_tsquery('simple', ${query})`;
}

function idBound(at: Date, slack: number): string {
  return idFloor(new Date(at.getTime() + slack));
}

/** The same of one call. */
export function fits(call: CallAnswer, filters: CallFilters): boolean {
  const { q, differs, from, to, ...equal } = filters;
  const at = Date.parse(call.at);
  if (from !== undefined && at < Date.parse(from)) return false;
  if (to !== undefined && at >= Date.parse(to)) return false;
  if (differs && (call.shadowCode === null || call.shadowCode === (call.wouldDeny ? "allowed" : call.code)))
    return false;
  if (q !== undefined && q.trim() !== "") {
    const words = wordsOf(q);
    const has = wordsOf(call.message);
    if (words.length === 0 || !words.every((word) => has.some((one) => one.startsWith(word)))) return false;
  }
  return Object.entries(equal).every(
    ([name, value]) => value === undefined || call[name as keyof typeof equal] === value,
  );
}

/** Letters and digits in lower case, as the index has them. */
function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
