// Filters of the call log under a name, of one member or of the whole organisation.
import type * as z from "zod";
import { database, Prisma } from "../../prisma/client.ts";
import type { ViewAnswer, viewBody } from "../api/v1/call-schemas.ts";
import type { Member } from "./member.ts";
import { type Refusal, refuse } from "./refusals.ts";

const viewsMax = 100;
/** What an address of the log may say; anything else in a view would be lost or do something else. */
const known = new Set([
  ...["serverId", "grantId", "tool", "code", "outcome", "rule", "policyId", "sessionId", "clientName", "approvalId"],
  ...["q", "differs", "from", "to", "period"],
]);

export async function listViews(member: Member): Promise<{ items: ViewAnswer[]; nextCursor: null }> {
  const organisationId = member.organisation.id;
  const rows = await database().callView.findMany({
    where: { organisationId, OR: [{ shared: true }, { userId: member.userId }] },
    orderBy: [{ name: "asc" }, { id: "asc" }],
  });
  return { items: rows.map((row) => view(row, member)), nextCursor: null };
}

export async function saveView(
  member: Member,
  { name, query, shared }: z.output<typeof viewBody>,
): Promise<ViewAnswer | Refusal> {
  const params = new URLSearchParams(query);
  const odd = [...params.keys()].find((key) => !known.has(key));
  if (odd !== undefined) {
    const message = `has \`${odd.slice(0, 40)}\`, which is no filter`;
    return refuse("invalid_body", { errors: [{ pointer: "/query", message }] });
  }
  const organisationId = member.organisation.id;
  return database().$transaction(
    async (tx) => {
      // Two that save at once may not both be the last.
      await tx.$queryRaw`SELECT 1 FROM "Organisation" WHERE "id" = ${organisationId}::uuid FOR UPDATE`;
      const count = await tx.callView.count({ where: { organisationId } });
      if (count >= viewsMax) {
        const errors = [{ pointer: "/name", message: `would be one more than the ${viewsMax} that can be kept` }];
        return refuse("invalid_body", { errors });
      }
      const namesake = await tx.callView.findFirst({ where: { organisationId, userId: member.userId, name } });
      if (namesake !== null) {
        const message = "is the name of a view that you saved before: delete that one, or take another name";
        return refuse("invalid_body", { errors: [{ pointer: "/name", message }] });
      }
      const row = await tx.callView.create({
        data: { organisationId, userId: member.userId, name, query: params.toString(), shared },
      });
      return view(row, member);
    },
    { isolationLevel: Prisma.TransactionIsolationLevel.ReadCommitted },
  );
}

/** Of others' views only an admin takes those away that everybody sees; what is not seen is not there. */
export async function deleteView(member: Member, id: string): Promise<undefined | Refusal> {
  const row = await database().callView.findFirst({ where: { id, organisationId: member.organisation.id } });
  if (row === null || (!row.shared && row.userId !== member.userId)) return refuse("not_found");
  if (row.userId !== member.userId && member.role !== "admin") {
    return refuse("forbidden", { detail: "Somebody else saved this view." });
  }
  await database().callView.deleteMany({ where: { id } });
  return undefined;
}

type Row = Prisma.CallViewGetPayload<object>;

function view({ id, name, query, shared, userId, createdAt }: Row, member: Member): ViewAnswer {
  return { id, name, query, shared, mine: userId === member.userId, createdAt: createdAt.toISOString() };
}
