import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { approvalEvents } from "@/app/_server/approvals/events.ts";

export const GET = apiRoute({
  summary: "Server-sent events: `approval` for each that is new or changed, `pending` for how many wait.",
  permission: "approval.read",
  stream: "text/event-stream",
  status: 200,
  refusals: ["too_many_attempts"],
  handle: async ({ member, request }) => approvalEvents(member, request),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
