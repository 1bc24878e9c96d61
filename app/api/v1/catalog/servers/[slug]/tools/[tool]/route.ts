import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { findCatalogTool } from "@/app/_server/catalog/tools.ts";
import { refuse } from "@/app/_server/refusals.ts";
import { slugSchema, toolDetailSchema, toolNameSchema } from "@/app/api/v1/catalog-schemas.ts";

export const GET = apiRoute({
  summary: "A tool of the public catalog: what it takes, how dangerous it is, and the signals that say so.",
  permission: "public",
  common: true,
  params: z.strictObject({ slug: slugSchema, tool: toolNameSchema }),
  answer: toolDetailSchema,
  status: 200,
  handle: async ({ params }) => (await findCatalogTool(params.slug, params.tool)) ?? refuse("not_found"),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
