import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { findCatalogServer } from "@/app/_server/catalog/servers.ts";
import { refuse } from "@/app/_server/refusals.ts";
import { serverDetailSchema, slugSchema } from "@/app/api/v1/catalog-schemas.ts";

export const GET = apiRoute({
  summary: "A server of the public catalog, with its most dangerous tools.",
  permission: "public",
  common: true,
  params: z.strictObject({ slug: slugSchema }),
  answer: serverDetailSchema,
  status: 200,
  handle: async ({ params }) => (await findCatalogServer(params.slug)) ?? refuse("not_found"),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
