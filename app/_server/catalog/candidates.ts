// Which of an organisation's servers a server of the catalog may be.
import { type Candidate, sourcesOfRegistered } from "../../../catalog/registered.ts";
import { database } from "../../../prisma/client.ts";
import type { Member } from "../member.ts";

const order = { source: 0, tools: 1 } as const;

/** All servers of the organisation, those that fit first. */
export async function candidatesFor(
  member: Member,
  { slug, source }: { slug: string; source: string },
  tool: string | null,
): Promise<Candidate[]> {
  const [servers, counts] = await Promise.all([
    database().server.findMany({
      where: { organisationId: member.organisation.id },
      orderBy: [{ createdAt: "asc" }, { id: "asc" }],
      select: { id: true, name: true, url: true, command: true, args: true },
    }),
    countTools(member.organisation.id, slug, tool),
  ]);
  const candidates = servers.map(({ id, name, ...registered }): Candidate => {
    const { tools = 0, shared = 0, hasTool = false } = counts.get(id) ?? {};
    const isSource = sourcesOfRegistered(registered).includes(source);
    const isAlike = shared > 0 && shared * 2 >= tools;
    const match = isSource ? "source" : isAlike ? "tools" : null;
    return { id, name, match, shared, tools, hasTool: tool === null ? null : hasTool };
  });
  const place = ({ match }: Candidate) => (match === null ? 2 : order[match]);
  return candidates.sort((a, b) => place(a) - place(b) || b.shared - a.shared);
}

type Counts = { tools: number; shared: number; hasTool: boolean };

async function countTools(organisationId: string, slug: string, tool: string | null): Promise<Map<string, Counts>> {
  const rows = await database().$queryRaw<(Counts & { id: string })[]>`
    SELECT t."serverId" AS "id", count(*)::int AS "tools", count(c."name")::int AS "shared",
      coalesce(bool_or(t."name" = ${tool ?? ""}::text), false) AS "hasTool"
    FROM "Tool" t JOIN "Server" s ON s."id" = t."serverId"
    LEFT JOIN "CatalogTool" c ON c."name" = t."name"
      AND c."serverId" = (SELECT "id" FROM "CatalogServer" WHERE "slug" = ${slug}::text)
    WHERE s."organisationId" = ${organisationId}::uuid AND t."state" <> 'gone'
    GROUP BY t."serverId"`;
  return new Map(rows.map(({ id, ...counts }) => [id, counts]));
}
