// Policies and their drafts. Publishing is in publish.ts.
import type * as z from "zod";
import { documentBytesMax } from "../../policy/schema.ts";
import { parseWithTools } from "../../policy/warn-tools.ts";
import type { Prisma } from "../../prisma/client.ts";
import { database } from "../../prisma/client.ts";
import type {
  draftAnswer,
  PolicyAnswer,
  PolicySummary,
  policyCreated,
  policyPatchBody,
  policyVersionSchema,
} from "../api/v1/schemas.ts";
import { audit, documentHash } from "./audit.ts";
import { changeAndEnforce } from "./gateways.ts";
import type { Member } from "./member.ts";
import { Refusal, refuse } from "./refusals.ts";
import { listedTools } from "./tools.ts";

type NewPolicy = {
  name: string;
  mode: "enforce" | "shadow";
  /** The document as its author wrote it. */
  text: string;
  /** Waits to be published; the document itself when left out. */
  draft?: string | undefined;
};

/** Makes a policy whose first version is the document, enforced for whichever grant it is attached to. */
export async function createPolicy(
  member: Member,
  serverId: string,
  { name, mode, text, draft = text }: NewPolicy,
): Promise<z.input<typeof policyCreated> | Refusal> {
  const parsed = parseWithTools(text, await listedTools(serverId));
  if (!parsed.ok) return refuse("policy_invalid", { members: { problems: parsed.problems } });
  if (Buffer.byteLength(draft) > documentBytesMax) return refuse("document_too_large");
  const changed = await changeAndEnforce(async (tx) => {
    const organisationId = member.organisation.id;
    const version = { version: 1, document: text, authorId: member.userId };
    const { id } = await tx.policy.create({
      data: { organisationId, serverId, name, mode, draft, activeVersion: 1, versions: { create: version } },
    });
    await audit(tx, member, {
      action: "policy.created",
      target: { kind: "policy", id, name },
      after: {
        server: await serverNameOf(tx, serverId),
        name,
        mode,
        activeVersion: 1,
        documentHash: documentHash(text),
      },
    });
    return { result: id, announce: { kind: "policy", id } };
  });
  return changed instanceof Refusal ? changed : { id: changed.result, version: 1, problems: parsed.problems };
}

const withActive = { _count: { select: { grants: { where: { revokedAt: null } } } } } satisfies Prisma.PolicyInclude;
type PolicyRow = Prisma.PolicyGetPayload<{ include: typeof withActive }>;

/** Those for one server, or all of the organisation. */
export async function listPolicies(
  member: Member,
  serverId?: string,
): Promise<{ items: PolicySummary[]; nextCursor: null }> {
  const rows = await database().policy.findMany({
    where: { serverId, organisationId: member.organisation.id },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    include: withActive,
  });
  const documents = await activeDocuments(rows);
  return { items: rows.map((row) => summary(row, documents.get(row.id) ?? "")), nextCursor: null };
}

export async function readPolicy(member: Member, id: string): Promise<PolicyAnswer | Refusal> {
  const row = await database().policy.findFirst({
    where: { id, organisationId: member.organisation.id },
    include: withActive,
  });
  if (!row) return refuse("not_found");
  const document = (await activeDocuments([row])).get(id) ?? "";
  const { problems } = parseWithTools(row.draft, await listedTools(row.serverId));
  return { ...summary(row, document), draft: row.draft, document, problems };
}

async function activeDocuments(policies: { id: string; activeVersion: number }[]): Promise<Map<string, string>> {
  const active = policies.map(({ id, activeVersion }) => ({ policyId: id, version: activeVersion }));
  const rows = await database().policyVersion.findMany({
    where: { OR: active },
    select: { policyId: true, document: true },
  });
  return new Map(rows.map(({ policyId, document }) => [policyId, document]));
}

export async function listVersions(
  member: Member,
  policyId: string,
): Promise<{ items: z.input<typeof policyVersionSchema>[]; nextCursor: null } | Refusal> {
  const policy = await database().policy.findFirst({
    where: { id: policyId, organisationId: member.organisation.id },
    include: { versions: { orderBy: { version: "desc" } } },
  });
  if (!policy) return refuse("not_found");
  const authorIds = policy.versions.flatMap(({ authorId }) => authorId ?? []);
  const authors = await database().user.findMany({
    where: { id: { in: authorIds } },
    select: { id: true, email: true },
  });
  const items = policy.versions.map(({ version, document, note, authorId, publishedAt }) => ({
    version,
    document,
    note,
    author: authors.find(({ id }) => id === authorId)?.email ?? null,
    publishedAt: publishedAt.toISOString(),
    active: version === policy.activeVersion,
    shadow: version === policy.shadowVersion,
  }));
  return { items, nextCursor: null };
}

/** Keeps a draft, problems and all, unless somebody else has changed it since `seenRevision`. */
export async function saveDraft(
  member: Member,
  id: string,
  text: string,
  seenRevision: number,
): Promise<z.input<typeof draftAnswer> | Refusal> {
  if (Buffer.byteLength(text) > documentBytesMax) return refuse("document_too_large");
  const own = { id, organisationId: member.organisation.id };
  const { count } = await database().policy.updateMany({
    where: { ...own, draftRevision: seenRevision },
    data: { draft: text, draftRevision: { increment: 1 }, draftUpdatedAt: new Date() },
  });
  const row = await database().policy.findFirst({ where: own, select: { draftRevision: true, serverId: true } });
  if (!row) return refuse("not_found");
  if (count === 0) return draftMovedOn(row.draftRevision);
  return { revision: seenRevision + 1, problems: parseWithTools(text, await listedTools(row.serverId)).problems };
}

export function draftMovedOn(revision: number): Refusal {
  return refuse("draft_moved_on", {
    detail: `It is at revision ${revision} now; read it again.`,
    members: { revision },
  });
}

export async function patchPolicy(
  member: Member,
  id: string,
  { name, mode }: z.output<typeof policyPatchBody>,
): Promise<PolicyAnswer | Refusal> {
  const changed = await changeAndEnforce(async (tx) => {
    const where = { id, organisationId: member.organisation.id };
    const before = await tx.policy.findFirst({ where });
    if (!before) return refuse("not_found");
    const after = await tx.policy.update({ where: { id }, data: { name, mode } });
    const target = { kind: "policy", id, name: after.name } as const;
    await audit(tx, member, { action: "policy.changed", target, before, after });
    return { result: undefined, announce: { kind: "policy", id } };
  });
  return changed instanceof Refusal ? changed : readPolicy(member, id);
}

/** A policy that a grant is decided by stays: without it the grant would be refused everything, by surprise. */
export async function deletePolicy(member: Member, id: string): Promise<Refusal | undefined> {
  const changed = await changeAndEnforce(async (tx) => {
    const own = { id, organisationId: member.organisation.id };
    await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM "Policy" WHERE "id" = ${id}::uuid AND "organisationId" = ${own.organisationId}::uuid FOR UPDATE`;
    const before = await tx.policy.findFirst({ where: own });
    if (!before) return refuse("not_found");
    const grants = await tx.grant.findMany({
      where: { policyId: id, revokedAt: null },
      select: { id: true, label: true },
    });
    if (grants.length > 0) {
      const labels = grants.map(({ label }) => `\`${label}\``).join(", ");
      return refuse("policy_in_use", {
        detail: `Give these grants another policy first: ${labels}.`,
        members: { grants },
      });
    }
    await tx.grant.updateMany({ where: { policyId: id }, data: { policyId: null } });
    await tx.policy.deleteMany({ where: own });
    await audit(tx, member, { action: "policy.deleted", target: { kind: "policy", id, name: before.name }, before });
    return { result: undefined, announce: { kind: "policy", id } };
  });
  return changed instanceof Refusal ? changed : undefined;
}

/** For the log, which outlives the server. */
export async function serverNameOf(tx: Prisma.TransactionClient, id: string): Promise<string | null> {
  return (await tx.server.findUnique({ where: { id }, select: { name: true } }))?.name ?? null;
}

function summary(row: PolicyRow, document: string): PolicySummary {
  const { id, serverId, name, mode, activeVersion, shadowVersion, draftRevision, draft } = row;
  return {
    id,
    serverId,
    name,
    mode,
    activeVersion,
    shadowVersion,
    draftRevision,
    draftDiffers: draft !== document,
    grantCount: row._count.grants,
    createdAt: row.createdAt.toISOString(),
  };
}
