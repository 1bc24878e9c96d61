import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { refuseCursor } from "@/app/_server/catalog/cursor.ts";
import { catalogEvents, isEventsCursor } from "@/app/_server/catalog/events.ts";
import { catalogEventSchema, catalogEventsQuery } from "@/app/api/v1/catalog-schemas.ts";
import { pageOf } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "What changed in the public catalog from one listing of a server to the next, newest first.",
  permission: "public",
  common: true,
  query: catalogEventsQuery,
  answer: pageOf(catalogEventSchema),
  status: 200,
  handle: async ({ query }) =>
    query.cursor !== undefined && !isEventsCursor(query.cursor) ? refuseCursor() : catalogEvents(query),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
