import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { readStats } from "@/app/_server/call-stats.ts";
import { statsAnswer, statsQuery } from "@/app/api/v1/call-schemas.ts";

export const GET = apiRoute({
  summary:
    "Figures about the calls of a time: over time, by decision, by rule, by tool, by server, and how long they took.",
  permission: "call.read",
  query: statsQuery,
  answer: statsAnswer,
  status: 200,
  handle: ({ member, query }) => readStats(member, query),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
