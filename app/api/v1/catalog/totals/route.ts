import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { catalogTotals } from "@/app/_server/catalog/totals.ts";
import { catalogTotalsSchema } from "@/app/api/v1/catalog-schemas.ts";

export const GET = apiRoute({
  summary: "How many servers and tools the public catalog holds.",
  permission: "public",
  common: true,
  answer: catalogTotalsSchema,
  status: 200,
  handle: () => catalogTotals(),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
