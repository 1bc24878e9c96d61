import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { listCalls } from "@/app/_server/calls.ts";
import { callSchema, callsQuery, pageOf } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "The calls on record, newest first.",
  permission: "call.read",
  query: callsQuery,
  answer: pageOf(callSchema),
  status: 200,
  refusals: ["not_found"],
  handle: ({ member, query }) => listCalls(member, query),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
