// From draft to what is enforced: versions, which never change once they are published.
import type * as z from "zod";
import { parsePolicy } from "../../policy/parse.ts";
import type { Prisma } from "../../prisma/client.ts";
import type { publishAnswer, publishBody } from "../api/v1/schemas.ts";
import { changeAndEnforce } from "./gateways.ts";
import type { Member } from "./member.ts";
import { draftMovedOn } from "./policies.ts";
import { Refusal, refuse } from "./refusals.ts";

type Wanted = z.output<typeof publishBody>;
type LockedPolicy = { draft: string; draftRevision: number; activeVersion: number };

/**
 * Makes the draft, or an older version again, the newest version and enforces it. Publishing the same draft twice makes two
 * versions that say the same: each request that is answered 201 has a version of its own on record.
 */
export async function publish(
  member: Member,
  policyId: string,
  wanted: Wanted,
): Promise<z.input<typeof publishAnswer> | Refusal> {
  const changed = await changeAndEnforce(async (tx) => {
    const [policy] = await tx.$queryRaw<LockedPolicy[]>`
      SELECT "draft", "draftRevision", "activeVersion" FROM "Policy"
      WHERE "id" = ${policyId}::uuid AND "organisationId" = ${member.organisation.id}::uuid FOR UPDATE`;
    if (!policy) return refuse("not_found");
    const document = await documentToPublish(tx, policyId, policy, wanted);
    if (document instanceof Refusal) return document;
    // Checked when it was typed, checked again now: nothing that the gateway could not read is ever published.
    const parsed = parsePolicy(document.text);
    if (!parsed.ok) return refuse("policy_invalid", { members: { problems: parsed.problems } });

    const version = (await newestVersion(tx, policyId)) + 1;
    const { text } = document;
    await tx.policyVersion.create({
      data: { policyId, version, document: text, note: wanted.note, authorId: member.userId },
    });
    await tx.policy.update({ where: { id: policyId }, data: { activeVersion: version, ...document.draft } });
    return { result: version, announce: { kind: "policy", id: policyId } };
  });
  return changed instanceof Refusal ? changed : { version: changed.result, gateways: changed.gateways };
}

type ToPublish = { text: string /** What becomes of the draft. */; draft: Prisma.PolicyUpdateInput };

async function documentToPublish(
  tx: Prisma.TransactionClient,
  policyId: string,
  policy: LockedPolicy,
  wanted: Wanted,
): Promise<ToPublish | Refusal> {
  const active = await readVersion(tx, policyId, policy.activeVersion);
  if ("seenRevision" in wanted) {
    if (policy.draftRevision !== wanted.seenRevision) return draftMovedOn(policy.draftRevision);
    return { text: policy.draft, draft: {} };
  }
  const text = await readVersion(tx, policyId, wanted.restore);
  if (text === undefined) {
    return refuse("invalid_body", { errors: [{ pointer: "/restore", message: "is not a version of this policy" }] });
  }
  // A draft without changes of its own goes along; one that somebody is working on is left alone.
  const follows = policy.draft === active && policy.draft !== text;
  return { text, draft: follows ? { draft: text, draftRevision: { increment: 1 }, draftUpdatedAt: new Date() } : {} };
}

async function readVersion(
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
