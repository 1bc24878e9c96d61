// One server of the catalog, and its tools.
import * as z from "zod";
import { presences, type ToolParameter, toolParameterSchema } from "../../../catalog/facts.ts";
import { type RiskCategory, riskCategories, type Severity, severityOf } from "../../../catalog/schema.ts";
import { toolsMax } from "../../../policy/schema.ts";
import { database } from "../../../prisma/client.ts";
import { type ServerDetail, type ToolCard, toolCardSchema } from "../../api/v1/catalog-schemas.ts";
import { serverCard, serverColumns, toolCard, toolColumns } from "./cards.ts";
import { type Page, pageOf, readCursor } from "./cursor.ts";
import { isSlug } from "./slugs.ts";

const dangerousMax = 5;

/** The server with this slug; null when there is none. */
export async function findCatalogServer(slug: string): Promise<ServerDetail | null> {
  if (!isSlug(slug)) return null;
  const db = database();
  const server = await db.catalogServer.findUnique({
    where: { slug },
    select: { id: true, homepage: true, protocolVersion: true, ...serverColumns },
  });
  if (!server) return null;
  const card = serverCard(server);
  const where = { serverId: server.id, state: "current" };
  const [counted, dangerous] = await Promise.all([
    db.catalogTool.groupBy({ by: ["presence"], where, _count: true }),
    mostDangerous(server.id, card.counts),
  ]);
  return {
    ...card,
    homepage: server.homepage,
    protocolVersion: server.protocolVersion,
    dangerous,
    presences: Object.fromEntries(
      presences.map((presence) => [presence, counted.find((row) => row.presence === presence)?._count ?? 0]),
    ) as ServerDetail["presences"],
  };
}

/** Critical before high before medium; what is merely read is not dangerous. */
async function mostDangerous(serverId: string, counts: ServerDetail["counts"]): Promise<ToolCard[]> {
  const found: ToolCard[] = [];
  for (const category of ["Financial", "Destructive", "Execute", "Other", "Write"] as const) {
    if (found.length >= dangerousMax || counts[category] === 0) continue;
    const rows = await database().catalogTool.findMany({
      where: { serverId, state: "current", category },
      orderBy: [{ confidence: "desc" }, { position: "asc" }],
      take: dangerousMax - found.length,
      select: toolColumns,
    });
    found.push(...rows.map(toolCard));
  }
  return found;
}

const toolPlace = z.tuple([z.int(), z.uuid()]);
export type ToolsOfServer = {
  cursor?: string | undefined;
  limit?: number | undefined;
  category?: RiskCategory | undefined;
  severity?: Severity | undefined;
  /** Part of a name. */
  q?: string | undefined;
};

function findId(slug: string): Promise<{ id: string } | null> {
  if (!isSlug(slug)) return Promise.resolve(null);
  return database().catalogServer.findUnique({ where: { slug }, select: { id: true } });
}

/** For a comparison in which `%`, `_` and `\\` would mean something. */
function literally(text: string): string {
  return text.replace(/\0|\p{Surrogate}/gu, " ").replace(/[\\%_]/g, "\\$&");
}

export function isToolsCursor(text: string): boolean {
  return readCursor(text, toolPlace) !== null;
}

/** The current tools of a server in its own order. Empty for an unknown server, or from a cursor that is none. */
export async function toolsOfCatalogServer(
  slug: string,
  { cursor, limit = 50, category, severity, q }: ToolsOfServer = {},
): Promise<Page<ToolCard>> {
  const after = cursor === undefined ? null : readCursor(cursor, toolPlace);
  if (cursor !== undefined && after === null) return { items: [], nextCursor: null };
  const categories = riskCategories.filter(
    (name) => (category ?? name) === name && (severity ?? severityOf[name]) === severityOf[name],
  );
  const server = await findId(slug);
  if (!server) return { items: [], nextCursor: null };
  const rows = await database().catalogTool.findMany({
    where: {
      serverId: server.id,
      state: "current",
      category: { in: categories },
      ...(q ? { name: { contains: literally(q), mode: "insensitive" } } : {}),
      // The bound on `position` alone is what the index can begin at.
      ...(after
        ? {
            position: { gte: after[0] },
            OR: [{ position: { gt: after[0] } }, { position: after[0], id: { gt: after[1] } }],
          }
        : {}),
    },
    orderBy: [{ position: "asc" }, { id: "asc" }],
    take: limit + 1,
    select: { id: true, position: true, ...toolColumns },
  });
  return pageOf(rows, limit, toolCard, ({ position, id }) => [position, id]);
}

export type ToolForPolicy = {
  name: string;
  category: RiskCategory;
  severity: Severity;
  presence: (typeof presences)[number];
  parameters: ToolParameter[];
  definition: string | null;
};

const parametersSchema = z.array(toolParameterSchema);
const judgement = toolCardSchema.pick({ category: true, severity: true, presence: true });

/** What a policy for the whole server is made from: its current tools in its own order, as many as a policy may name. */
export async function allToolsForPolicy(slug: string): Promise<ToolForPolicy[]> {
  const server = await findId(slug);
  if (!server) return [];
  const rows = await database().catalogTool.findMany({
    where: { serverId: server.id, state: "current" },
    orderBy: [{ position: "asc" }, { id: "asc" }],
    take: toolsMax,
    select: { name: true, category: true, severity: true, presence: true, parameters: true, definition: true },
  });
  return rows.map(({ name, category, severity, presence, parameters, definition }) => ({
    name,
    ...judgement.parse({ category, severity, presence }),
    parameters: parametersSchema.parse(parameters),
    definition,
  }));
}
