// Search over the servers and the tools of the catalog.
import * as z from "zod";
import { type RiskCategory, riskCategories, type Severity, severityOf } from "../../../catalog/schema.ts";
import { database } from "../../../prisma/client.ts";
import type { Evidence, ServerCard, SourceKind, ToolCard } from "../../api/v1/catalog-schemas.ts";
import { serverCard, serverColumns, toolCard, toolColumns } from "./cards.ts";
import { type Page, pageOf, readCursor } from "./cursor.ts";

export type CatalogSearch<Of extends "servers" | "tools" = "servers" | "tools"> = {
  of: Of;
  q?: string | undefined;
  category?: RiskCategory | undefined;
  severity?: Severity | undefined;
  sourceKind?: SourceKind | undefined;
  evidence?: Evidence | undefined;
  cursor?: string | undefined;
  limit?: number | undefined;
};

const place = z.uuid();

export function searchCatalog(asked: CatalogSearch<"servers">): Promise<Page<ServerCard>>;
export function searchCatalog(asked: CatalogSearch<"tools">): Promise<Page<ToolCard>>;
export function searchCatalog(asked: CatalogSearch): Promise<Page<ServerCard> | Page<ToolCard>>;
export async function searchCatalog(asked: CatalogSearch): Promise<Page<ServerCard> | Page<ToolCard>> {
  const { of, q = "", category, severity, sourceKind, evidence, cursor, limit = 25 } = asked;
  const after = cursor === undefined ? undefined : readCursor(cursor, place);
  if (after === null) return { items: [], nextCursor: null };
  const categories = riskCategories.filter(
    (name) => (category ?? name) === name && (severity ?? severityOf[name]) === severityOf[name],
  );
  const name = { contains: q.replace(/\0|\p{Surrogate}/gu, " ").trim(), mode: "insensitive" as const };
  if (of === "servers") {
    const rows = await database().catalogServer.findMany({
      where: {
        OR: [{ name }, { source: name }],
        sourceKind,
        evidence,
        id: { gt: after },
        ...(category || severity ? { tools: { some: { category: { in: categories }, state: "current" } } } : {}),
      },
      orderBy: { id: "asc" },
      take: limit + 1,
      select: { id: true, ...serverColumns },
    });
    return pageOf(rows, limit, serverCard, ({ id }) => id);
  }
  const rows = await database().catalogTool.findMany({
    where: {
      name,
      category: { in: categories },
      server: { sourceKind, evidence },
      state: "current",
      id: { gt: after },
    },
    orderBy: { id: "asc" },
    take: limit + 1,
    select: { id: true, ...toolColumns },
  });
  return pageOf(rows, limit, toolCard, ({ id }) => id);
}
