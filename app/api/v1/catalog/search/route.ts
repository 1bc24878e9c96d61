import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { refuseCursor } from "@/app/_server/catalog/cursor.ts";
import { isSearchCursor, searchCatalog } from "@/app/_server/catalog/search.ts";
import { catalogSearchAnswer, catalogSearchQuery } from "@/app/api/v1/catalog-schemas.ts";

export const GET = apiRoute({
  summary:
    "Servers or tools of the public catalog, the best fit first; without `q` the riskiest tools and the largest servers.",
  permission: "public",
  common: true,
  query: catalogSearchQuery,
  answer: catalogSearchAnswer,
  status: 200,
  handle: async ({ query }) =>
    query.cursor !== undefined && !isSearchCursor(query.cursor) ? refuseCursor() : searchCatalog(query),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
