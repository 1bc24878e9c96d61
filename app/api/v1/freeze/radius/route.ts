import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { radius } from "@/app/_server/freeze.ts";
import { radiusAnswer, radiusQuery } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "What a freeze would take hold of: asked before it is pulled.",
  permission: "freeze",
  query: radiusQuery,
  answer: radiusAnswer,
  status: 200,
  refusals: ["not_found"],
  handle: ({ member, query }) => radius(member, query),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
