// Definitions that a server serves and nobody accepted: what they changed, and a person's decision about them.
import type * as z from "zod";
import { gradeChange } from "../../catalog/definition-change.ts";
import { lookAlikeKey } from "../../policy/tool-names.ts";
import { database, type Prisma } from "../../prisma/client.ts";
import { type ChangeAnswer, changeSchema, type reviewAnswer, type reviewBody } from "../api/v1/schemas.ts";
import { audit } from "./audit.ts";
import { changeAndEnforce } from "./gateways.ts";
import type { Member } from "./member.ts";
import { serverNameOf } from "./policies.ts";
import { Refusal, refuse } from "./refusals.ts";
import { toolContent } from "./tools.ts";

type Row = Prisma.DefinitionChangeGetPayload<object>;

/** The pages of a person's work stay bounded: beyond so many the rest comes when these are reviewed. */
const listedMax = 500;

/** Those that nobody looked at first, then the rejected ones; each the newest first. */
export async function listChanges(
  member: Member,
  serverId: string,
): Promise<{ items: ChangeAnswer[]; nextCursor: null } | Refusal> {
  const server = await database().server.findFirst({
    where: { id: serverId, organisationId: member.organisation.id },
    include: { changes: { orderBy: [{ state: "asc" }, { seenAt: "desc" }, { name: "asc" }], take: listedMax } },
  });
  if (!server) return refuse("not_found");
  const names = server.changes.map(({ name }) => name);
  const [tools, pins] = await Promise.all([
    database().tool.findMany({ where: { serverId, name: { in: names } }, select: { name: true, definition: true } }),
    database().pin.findMany({ where: { serverId, name: { in: names } } }),
  ]);
  const accepted = new Map([
    ...tools.map(({ name, definition }) => [`tool ${name}`, definition] as const),
    ...pins.map(({ kind, name, definition }) => [`${kind} ${name}`, definition] as const),
  ]);
  return {
    items: server.changes.map((row) => view(row, accepted.get(`${row.kind} ${row.name}`) ?? null)),
    nextCursor: null,
  };
}

function view(row: Row, before: string | null): ChangeAnswer {
  const { kind, name, definitionHash, definition, problem, state } = row;
  const grades = problem === "changed" || problem === "gone" ? gradeChange(before, definition) : [];
  const shown = changeSchema.pick({ kind: true, problem: true, state: true }).parse({ kind, problem, state });
  return { ...shown, name, definitionHash, grades, before, after: definition, seenAt: row.seenAt.toISOString() };
}

/**
 * Accepts definitions in the place of those that were, or rejects them: then the accepted ones stay, and their tools are held
 * until the server serves them again. All of them or none.
 */
export async function reviewChanges(
  member: Member,
  serverId: string,
  { tools, decision }: z.output<typeof reviewBody>,
): Promise<z.input<typeof reviewAnswer> | Refusal> {
  const changed = await changeAndEnforce(async (tx) => {
    const locked = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM "Server" WHERE "id" = ${serverId}::uuid AND "organisationId" = ${member.organisation.id}::uuid FOR UPDATE`;
    if (locked.length === 0) return refuse("not_found");
    for (const wanted of tools) {
      const row = await tx.definitionChange.findUnique({
        where: { serverId_kind_name_definitionHash: { serverId, ...wanted } },
      });
      if (!row) return refuse("change_moved_on", { detail: `Look again at ${wanted.name || "the instructions"}.` });
      const trouble = decision === "accept" ? await accept(tx, row) : await reject(tx, row);
      if (trouble) return trouble;
      await audit(tx, member, {
        action: decision === "accept" ? "definition.accepted" : "definition.rejected",
        target: { kind: "definition", id: serverId, name: wanted.name || wanted.kind },
        after: { server: await serverNameOf(tx, serverId), ...row },
      });
    }
    return { result: undefined, announce: { kind: "server", id: serverId } };
  });
  return changed instanceof Refusal ? changed : { reviewed: tools.length, gateways: changed.gateways };
}

async function accept(tx: Prisma.TransactionClient, row: Row): Promise<Refusal | null> {
  const { serverId, kind, name, definition, definitionHash, problem } = row;
  if (problem === "changed" && definition !== null) {
    if (kind === "tool") {
      const trouble = await acceptTool(tx, serverId, name, definition, definitionHash);
      if (trouble) return trouble;
    } else {
      await acceptWords(tx, row, definition);
    }
  }
  // What was seen of it before is past; if it comes again it is seen again.
  const seen = kind === "instructions" ? { definitionHash } : {};
  await tx.definitionChange.deleteMany({ where: { serverId, kind, name, ...seen } });
  return null;
}

async function acceptTool(
  tx: Prisma.TransactionClient,
  serverId: string,
  name: string,
  definition: string,
  definitionHash: string,
): Promise<Refusal | null> {
  const others = await tx.tool.findMany({
    where: { serverId, state: { not: "gone" }, name: { not: name } },
    select: { name: true, position: true },
  });
  const alike = others.find((other) => lookAlikeKey(other.name) === lookAlikeKey(name));
  if (alike) return refuse("tool_name_similar", { detail: `${name} is easily taken for ${alike.name}.` });
  const position = Math.max(-1, ...others.map((other) => other.position)) + 1;
  const { position: _, ...content } = toolContent({ name, definition, definitionHash }, position);
  await tx.tool.upsert({
    where: { serverId_name: { serverId, name } },
    create: { serverId, position, ...content },
    update: { ...content, state: "accepted", changedAt: new Date() },
  });
  return null;
}

async function acceptWords(tx: Prisma.TransactionClient, row: Row, definition: string): Promise<void> {
  const { serverId, kind, name, definitionHash } = row;
  // Instructions may be of two kinds, by the revision that a client speaks; of a prompt there is one.
  if (kind === "prompt") await tx.pin.deleteMany({ where: { serverId, kind, name } });
  await tx.pin.create({ data: { serverId, kind, name, definition, definitionHash } });
}

async function reject(tx: Prisma.TransactionClient, row: Row): Promise<null> {
  const { serverId, kind, name, definitionHash } = row;
  const where = { serverId_kind_name_definitionHash: { serverId, kind, name, definitionHash } };
  // That a tool is gone can only be taken note of.
  if (row.problem === "gone") await tx.definitionChange.delete({ where });
  else await tx.definitionChange.update({ where, data: { state: "rejected", reviewedAt: new Date() } });
  return null;
}
