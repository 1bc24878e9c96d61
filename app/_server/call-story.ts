// One call's whole story: what was decided and why, by which version, who was asked, what came back.
import { explain } from "../../policy/explain.ts";
import { parsePolicy } from "../../policy/parse.ts";
import { database, Prisma } from "../../prisma/client.ts";
import type { CallStory } from "../api/v1/call-schemas.ts";
import type { CallAnswer } from "../api/v1/schemas.ts";
import { callConditions, callView } from "./call-query.ts";
import { retrace } from "./call-retrace.ts";
import { readCalls } from "./calls.ts";
import type { Member } from "./member.ts";
import { type Refusal, refuse } from "./refusals.ts";

const relatedMax = 20;

export async function readStory(member: Member, callId: string): Promise<CallStory | Refusal> {
  const organisationId = member.organisation.id;
  const rows = await readCalls(Prisma.sql`${callConditions(organisationId, {})} AND "id" = ${callId}::uuid`, null, 1);
  const row = rows[0];
  if (row === undefined) return refuse("not_found");
  const call = callView(row);
  const db = database();
  const [server, grant, policy, version, approval] = await Promise.all([
    db.server.findFirst({ where: { id: call.serverId, organisationId }, select: { id: true, name: true } }),
    call.grantId === null
      ? null
      : db.grant.findFirst({ where: { id: call.grantId, organisationId }, select: { id: true, label: true } }),
    call.policyId === null
      ? null
      : db.policy.findFirst({
          where: { id: call.policyId, organisationId },
          select: { id: true, name: true, activeVersion: true, mode: true },
        }),
    readVersion(organisationId, call),
    readApproval(organisationId, call.approvalId),
  ]);
  const related =
    call.approvalId === null
      ? []
      : await readCalls(
          Prisma.sql`${callConditions(organisationId, { approvalId: call.approvalId })} AND "id" <> ${callId}::uuid`,
          null,
          relatedMax,
        );
  return {
    call,
    server,
    grant,
    policy,
    version,
    sentences: sentencesAbout(version?.document ?? null, call.rule),
    retraced: await retrace(organisationId, call, version?.document ?? null),
    approval,
    related: related.reverse().map(({ id, at, code, outcome }) => ({ id, at: at.toISOString(), code, outcome })),
  };
}

async function readVersion(
  organisationId: string,
  { policyId, policyVersion }: CallAnswer,
): Promise<CallStory["version"]> {
  if (policyId === null || policyVersion === null) return null;
  const row = await database().policyVersion.findFirst({
    where: { policyId, version: policyVersion, policy: { organisationId } },
  });
  if (row === null) return null;
  const author =
    row.authorId === null
      ? null
      : await database().user.findFirst({
          where: { id: row.authorId, memberships: { some: { organisationId } } },
          select: { email: true },
        });
  return {
    version: row.version,
    document: row.document,
    note: row.note,
    author: author?.email ?? null,
    publishedAt: row.publishedAt.toISOString(),
  };
}

async function readApproval(organisationId: string, id: string | null): Promise<CallStory["approval"]> {
  const row = id === null ? null : await database().approval.findFirst({ where: { id, organisationId } });
  if (row === null) return null;
  const decidedBy =
    row.decidedById === null
      ? null
      : await database().user.findUnique({ where: { id: row.decidedById }, select: { email: true } });
  return {
    id: row.id,
    status: row.status,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
    decidedBy: decidedBy?.email ?? null,
    reason: row.reason,
    scope: row.scope,
    edited: row.editedDigest !== null,
  };
}

/** What the version says at the place that decided, and of the rule around it. */
function sentencesAbout(document: string | null, rule: string): CallStory["sentences"] {
  if (document === null || !rule.startsWith("/")) return [];
  const parsed = parsePolicy(document);
  if (!parsed.ok) return [];
  const around = rule.split("/").slice(0, 3).join("/");
  return explain(parsed.policy).filter(
    ({ pointer }) =>
      pointer === rule || pointer === around || pointer.startsWith(`${around}/`) || rule.startsWith(`${pointer}/`),
  );
}
