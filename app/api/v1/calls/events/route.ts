import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { callEvents } from "@/app/_server/call-events.ts";
import { callFilters } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "Calls as they are recorded and as their outcomes come: events `calls` with `{ items }`.",
  permission: "call.read",
  query: callFilters,
  stream: "text/event-stream",
  status: 200,
  refusals: ["too_many_attempts"],
  handle: ({ member, query, request }) => callEvents(member, query, request.signal),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
