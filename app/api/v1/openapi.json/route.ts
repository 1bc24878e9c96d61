import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { openapiDocument, openapiSchema } from "@/app/_server/openapi.ts";

export const GET = apiRoute({
  summary: "This document.",
  permission: "public",
  answer: openapiSchema,
  status: 200,
  handle: async () => openapiDocument(),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
