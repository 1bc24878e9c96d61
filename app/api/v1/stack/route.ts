import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { readStack } from "@/app/_server/stack.ts";
import { stackAnswer, stackQuery } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "Every tool of the registered servers, the riskiest first, with the grants that reach it and how.",
  permission: "server.read",
  query: stackQuery,
  answer: stackAnswer,
  status: 200,
  refusals: ["not_found"],
  handle: ({ member, query }) => readStack(member, query),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
