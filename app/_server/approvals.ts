// A person's answer to a call that waits for one. Each is decided once, whoever and however many try.
import type * as z from "zod";
import { sealApprovalArguments } from "../../prisma/approval-arguments.ts";
import { database, type Prisma } from "../../prisma/client.ts";
import type {
  ApprovalAnswer,
  decideBody,
  PreviewAnswer,
  previewBody,
  RevealAnswer,
  revealBody,
} from "../api/v1/approval-schemas.ts";
import { useByMinutes } from "./approvals/consequence.ts";
import { openArguments, shownArguments } from "./approvals/detail.ts";
import { type Edited, mayGoOn, readEdited } from "./approvals/edited.ts";
import { type ApprovalRow, approvalViews, statusOf } from "./approvals/view.ts";
import { audit } from "./audit.ts";
import { secretKeys } from "./environment.ts";
import type { JsonBody } from "./json-body.ts";
import type { Member } from "./member.ts";
import { Refusal, refuse } from "./refusals.ts";

type Decision = z.output<typeof decideBody>;

/** @returns `approval_decided` or `approval_expired` with the approval as it is, when somebody or the time was quicker. */
export async function decideApproval(
  member: Member,
  id: string,
  body: Decision,
  json: JsonBody,
): Promise<ApprovalAnswer | Refusal> {
  const row = await find(member, id);
  if (!row) return refuse("not_found");
  if (statusOf(row, Date.now()) !== "pending") return tooLate(row);
  if (body.scope === "session" && row.sessionTag === null) return refuse("no_session");

  let edited: Edited | null = null;
  if (body.decision === "approve") {
    const original = openArguments(row);
    // What nobody can see nobody can approve.
    if (original === null) return refuse("secrets_unreadable");
    if (body.arguments !== undefined) {
      const read = await readEdited(member, row, original, body, json);
      if (read instanceof Refusal) return read;
      if (!mayGoOn(read.decision)) return deniedEdit(read);
      // The same call with other white space is the caller's own.
      edited = read.digest === row.argumentsDigest ? null : read;
    }
  }
  const isDecided = await database().$transaction((tx) => decideOnce(tx, member, row, body, edited), patience);
  const after = await find(member, id);
  if (!after) return refuse("not_found");
  if (!isDecided) return tooLate(after);
  const [view] = await approvalViews([after]);
  return view ?? refuse("not_found");
}

/** Of many who decide at once, all but one only wait to hear so. */
const patience = { maxWait: 10_000, timeout: 10_000 };

/** One statement: of many who try at once, it finds the row pending for one. */
async function decideOnce(
  tx: Prisma.TransactionClient,
  member: Member,
  { id, serverId, tool, argumentsDigest }: ApprovalRow,
  { decision, reason, scope, minutes }: Decision,
  edited: Edited | null,
): Promise<boolean> {
  const status = decision === "approve" ? "approved" : "denied";
  const usableMinutes = decision === "deny" ? null : scope === "session" ? (minutes ?? null) : useByMinutes;
  const sessionMinutes = scope === "session" ? (minutes ?? null) : null;
  const sealed = edited && sealApprovalArguments(secretKeys(), edited.text, id);
  const decided = await tx.$executeRaw`
    UPDATE "Approval" SET "status" = ${status}, "decidedAt" = now(), "decidedById" = ${member.userId}::uuid,
      "reason" = ${reason || null}, "scope" = ${scope},
      "useBy" = now() + make_interval(mins => ${usableMinutes}::int),
      "sessionUntil" = now() + make_interval(mins => ${sessionMinutes}::int),
      "sealedEdited" = ${sealed}, "editedDigest" = ${edited?.digest ?? null}
    WHERE "id" = ${id}::uuid AND "organisationId" = ${member.organisation.id}::uuid
      AND "status" = 'pending' AND "expiresAt" > now()`;
  if (decided !== 1) return false;
  const server = await tx.server.findUnique({ where: { id: serverId }, select: { name: true } });
  await audit(tx, member, {
    action: decision === "approve" ? "approval.approved" : "approval.denied",
    target: { kind: "approval", id, name: tool },
    after: {
      ...{ server: server?.name, tool, decision, reason: reason || undefined, scope, minutes },
      ...{ edited: edited !== null, argumentsDigest },
    },
  });
  return true;
}

/** What would become of the call with other arguments. Nothing is changed. */
export async function previewEdited(
  member: Member,
  id: string,
  body: z.output<typeof previewBody>,
  json: JsonBody,
): Promise<PreviewAnswer | Refusal> {
  const row = await find(member, id);
  if (!row) return refuse("not_found");
  if (statusOf(row, Date.now()) !== "pending") return tooLate(row);
  const original = openArguments(row);
  if (original === null) return refuse("secrets_unreadable");
  const edited = await readEdited(member, row, original, body, json);
  if (edited instanceof Refusal) return edited;
  return { decision: told(edited), problems: edited.problems };
}

/** Shows what is hidden, and puts on record who looked. */
export async function revealArguments(
  member: Member,
  id: string,
  { pointers }: z.output<typeof revealBody>,
): Promise<RevealAnswer | Refusal> {
  const row = await find(member, id);
  if (!row) return refuse("not_found");
  const original = openArguments(row);
  if (original === null) return refuse("secrets_unreadable");
  const hidden = shownArguments(original).masked;
  const revealed = pointers === undefined ? hidden : hidden.filter((pointer) => pointers.includes(pointer));
  if (revealed.length > 0) {
    await database().$transaction(async (tx) => {
      const server = await tx.server.findUnique({ where: { id: row.serverId }, select: { name: true } });
      await audit(tx, member, {
        action: "approval.revealed",
        target: { kind: "approval", id, name: row.tool },
        after: { server: server?.name, tool: row.tool, pointers: revealed },
      });
    });
  }
  return shownArguments(original, new Set(revealed));
}

function find(member: Member, id: string): Promise<ApprovalRow | null> {
  return database().approval.findFirst({ where: { id, organisationId: member.organisation.id } });
}

async function tooLate(row: ApprovalRow): Promise<Refusal> {
  const [approval] = await approvalViews([row]);
  const members = { approval };
  switch (approval?.status) {
    case "pending":
    case "expired":
      return refuse("approval_expired", { members });
    case "cancelled":
      return refuse("approval_expired", { detail: "What it was asked for is not there any more.", members });
    default: {
      const who = approval?.decidedBy?.email ?? "Somebody";
      const what = approval?.status === "denied" ? "denied" : "approved";
      return refuse("approval_decided", { detail: `${who} ${what} it already.`, members });
    }
  }
}

function deniedEdit(edited: Edited): Refusal {
  return refuse("edited_call_denied", { detail: edited.decision.message, members: { decision: told(edited) } });
}

/** What a limit holds inside stays inside. */
function told({ decision: { code, rule, message } }: Edited): PreviewAnswer["decision"] {
  return { code, rule, message };
}
