import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { refuseCursor } from "@/app/_server/catalog/cursor.ts";
import { findCatalogServer, isToolsCursor, toolsOfCatalogServer } from "@/app/_server/catalog/servers.ts";
import { refuse } from "@/app/_server/refusals.ts";
import { catalogToolsQuery, slugSchema, toolCardSchema } from "@/app/api/v1/catalog-schemas.ts";
import { pageOf } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "The tools of a server of the public catalog, in the order in which it lists them.",
  permission: "public",
  common: true,
  params: z.strictObject({ slug: slugSchema }),
  query: catalogToolsQuery,
  answer: pageOf(toolCardSchema),
  status: 200,
  handle: async ({ params, query }) => {
    if (query.cursor !== undefined && !isToolsCursor(query.cursor)) return refuseCursor();
    const page = await toolsOfCatalogServer(params.slug, query);
    const isUnknown = page.items.length === 0 && (await findCatalogServer(params.slug)) === null;
    return isUnknown ? refuse("not_found") : page;
  },
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
