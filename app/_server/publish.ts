// From draft to what is enforced: versions, which never change once they are published.
import type * as z from "zod";
import { parseWithTools } from "../../policy/warn-tools.ts";
import { database, type Prisma } from "../../prisma/client.ts";
import type { publishAnswer, publishBody } from "../api/v1/schemas.ts";
import { audit, documentHash } from "./audit.ts";
import { changeAndEnforce } from "./gateways.ts";
import type { Member } from "./member.ts";
import { draftMovedOn } from "./policies.ts";
import { Refusal, refuse } from "./refusals.ts";
import { listedTools } from "./tools.ts";

type Wanted = z.output<typeof publishBody>;
type LockedPolicy = { draft: string; draftRevision: number; activeVersion: number; shadowVersion: number | null };

/**
 * Makes the draft, or an older version again, the newest version and enforces it. Publishing the same draft twice makes two
 * versions that say the same: each request that is answered 201 has a version of its own on record.
 *
 * With `shadow` the new version is tried beside the active one, in the place of any that is tried now. Otherwise a version
 * that is being tried goes on, unless what is published says the same: there is nothing left to compare then.
 */
export async function publish(
  member: Member,
  policyId: string,
  wanted: Wanted,
): Promise<z.input<typeof publishAnswer> | Refusal> {
  const own = { id: policyId, organisationId: member.organisation.id };
  const { serverId } = (await database().policy.findFirst({ where: own, select: { serverId: true } })) ?? {};
  const tools = serverId === undefined ? [] : await listedTools(serverId);
  const changed = await changeAndEnforce(async (tx) => {
    const policy = await lockPolicy(tx, member, policyId);
    if (!policy) return refuse("not_found");
    const document = await documentToPublish(tx, policyId, policy, wanted);
    if (document instanceof Refusal) return document;
    // Checked when it was typed, checked again now: nothing that the gateway could not read is ever published.
    const parsed = parseWithTools(document.text, tools);
    if (!parsed.ok) return refuse("policy_invalid", { members: { problems: parsed.problems } });

    const version = (await newestVersion(tx, policyId)) + 1;
    const { text } = document;
    await tx.policyVersion.create({
      data: { policyId, version, document: text, note: wanted.note, authorId: member.userId },
    });
    const data = isTrial(wanted)
      ? { shadowVersion: version, shadowSince: new Date() }
      : { activeVersion: version, ...document.draft, ...(await endOfTrial(tx, policyId, policy, text)) };
    const row = await tx.policy.update({ where: { id: policyId }, data });
    await audit(tx, member, {
      action: isTrial(wanted) ? "policy.trial_started" : "restore" in wanted ? "policy.restored" : "policy.published",
      target: { kind: "policy", id: policyId, name: row.name },
      before: policy,
      after: {
        activeVersion: row.activeVersion,
        shadowVersion: row.shadowVersion,
        version,
        documentHash: documentHash(text),
        note: wanted.note,
        ...("restore" in wanted && { restored: wanted.restore }),
      },
    });
    const { problems } = parsed;
    return { result: { version, problems }, announce: { kind: "policy", id: policyId } };
  });
  return changed instanceof Refusal ? changed : { ...changed.result, gateways: changed.gateways };
}

/** The policy's row, which nobody else changes until the transaction ends. */
export async function lockPolicy(
  tx: Prisma.TransactionClient,
  member: Member,
  policyId: string,
): Promise<LockedPolicy | undefined> {
  const [policy] = await tx.$queryRaw<LockedPolicy[]>`
    SELECT "draft", "draftRevision", "activeVersion", "shadowVersion" FROM "Policy"
    WHERE "id" = ${policyId}::uuid AND "organisationId" = ${member.organisation.id}::uuid FOR UPDATE`;
  return policy;
}

function isTrial(wanted: Wanted): boolean {
  return "shadow" in wanted && wanted.shadow === true;
}

/** Nothing is tried any more. */
export const noTrial = { shadowVersion: null, shadowSince: null };

async function endOfTrial(
  tx: Prisma.TransactionClient,
  policyId: string,
  { shadowVersion }: LockedPolicy,
  published: string,
): Promise<Prisma.PolicyUpdateInput> {
  if (shadowVersion === null) return {};
  return (await readVersion(tx, policyId, shadowVersion)) === published ? noTrial : {};
}

type ToPublish = { text: string /** What becomes of the draft. */; draft: Prisma.PolicyUpdateInput };

async function documentToPublish(
  tx: Prisma.TransactionClient,
  policyId: string,
  policy: LockedPolicy,
  wanted: Wanted,
): Promise<ToPublish | Refusal> {
  if ("seenRevision" in wanted) {
    if (policy.draftRevision !== wanted.seenRevision) return draftMovedOn(policy.draftRevision);
    return { text: policy.draft, draft: {} };
  }
  const text = await readVersion(tx, policyId, wanted.restore);
  if (text === undefined) {
    return refuse("invalid_body", { errors: [{ pointer: "/restore", message: "is not a version of this policy" }] });
  }
  return { text, draft: await followingDraft(tx, policyId, policy, text) };
}

/** A draft without changes of its own goes along with what is enforced; one that somebody is working on is left alone. */
export async function followingDraft(
  tx: Prisma.TransactionClient,
  policyId: string,
  policy: LockedPolicy,
  text: string,
): Promise<Prisma.PolicyUpdateInput> {
  const active = await readVersion(tx, policyId, policy.activeVersion);
  const follows = policy.draft === active && policy.draft !== text;
  return follows ? { draft: text, draftRevision: { increment: 1 }, draftUpdatedAt: new Date() } : {};
}

/** The text of a version. */
export async function readVersion(
  tx: Prisma.TransactionClient,
  policyId: string,
  version: number,
): Promise<string | undefined> {
  const row = await tx.policyVersion.findUnique({ where: { policyId_version: { policyId, version } } });
  return row?.document;
}

async function newestVersion(tx: Prisma.TransactionClient, policyId: string): Promise<number> {
  const { _max } = await tx.policyVersion.aggregate({ where: { policyId }, _max: { version: true } });
  return _max.version ?? 0;
}
