// Tools and servers that are like one another.
import { database } from "../../../prisma/client.ts";
import type { RelatedServer, RelatedTool } from "../../api/v1/catalog-schemas.ts";
import { serverCard, serverColumns, toolCard, toolColumns } from "./cards.ts";

/** Tools of other servers that share the signals of this one, the closest first. At most six. */
export async function relatedTools(tool: {
  server: { slug: string };
  name: string;
  category: string;
}): Promise<RelatedTool[]> {
  const rows = await database().catalogTool.findMany({
    where: { category: tool.category, state: "current", server: { slug: { not: tool.server.slug } } },
    take: 6,
    select: toolColumns,
  });
  return rows.map((row) => ({ ...toolCard(row), why: `also ${tool.category}` }));
}

/** Servers whose tools are like those of this one. At most six. */
export async function relatedServers(slug: string): Promise<RelatedServer[]> {
  const rows = await database().catalogServer.findMany({
    where: { slug: { not: slug } },
    take: 6,
    select: serverColumns,
  });
  return rows.map((row) => ({ ...serverCard(row), why: "in the catalog" }));
}
