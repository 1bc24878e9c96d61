// One tool of the catalog.
import * as z from "zod";
import { database } from "../../../prisma/client.ts";
import { findingFactSchema, type ToolDetail, toolDetailSchema } from "../../api/v1/catalog-schemas.ts";
import { serverCard, serverColumns, toolCard, toolColumns } from "./cards.ts";
import { isSlug } from "./slugs.ts";

const detailShapes = toolDetailSchema.pick({ parameters: true, annotations: true, signals: true });
/** Of shipped facts only the codes are known. */
const findingsSchema = z.array(z.union([z.string().transform((code) => ({ code })), findingFactSchema]));

const { server: _, ...ownColumns } = toolColumns;

/** The tool of this name on the server with this slug, also one that is gone by now; null when there was never one. */
export async function findCatalogTool(slug: string, name: string): Promise<ToolDetail | null> {
  if (!isSlug(slug) || /\0|\p{Surrogate}/u.test(name)) return null; // nothing that Postgres could hold
  const server = await database().catalogServer.findUnique({
    where: { slug },
    select: { id: true, ...serverColumns },
  });
  if (!server) return null;
  const row = await database().catalogTool.findUnique({
    where: { serverId_name: { serverId: server.id, name } },
    select: {
      title: true,
      parameters: true,
      annotations: true,
      signals: true,
      findings: true,
      definition: true,
      definitionHash: true,
      firstSeenAt: true,
      changedAt: true,
      ...ownColumns,
    },
  });
  if (!row) return null;
  const { title, definition, definitionHash, parameters, annotations, signals } = row;
  return {
    ...toolCard({ ...row, server }),
    server: serverCard(server),
    title,
    ...detailShapes.parse({ parameters, annotations, signals }),
    findings: findingsSchema.parse(row.findings),
    definition,
    definitionHash,
    firstSeenAt: row.firstSeenAt.toISOString(),
    changedAt: row.changedAt.toISOString(),
  };
}
