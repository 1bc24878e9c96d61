import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { createEndpoint, listEndpoints } from "@/app/_server/notifications/endpoints.ts";
import { endpointBody, endpointCreated, endpointsAnswer } from "@/app/api/v1/approval-schemas.ts";

export const GET = apiRoute({
  summary: "Where the organisation hears of its approvals.",
  permission: "notification.manage",
  answer: endpointsAnswer,
  status: 200,
  handle: ({ member }) => listEndpoints(member),
});

export const POST = apiRoute({
  summary: "Send what happens to approvals to a webhook, to Slack or by e-mail. The signing secret is shown once.",
  permission: "notification.manage",
  body: endpointBody,
  answer: endpointCreated,
  status: 201,
  refusals: ["notification_refused", "too_many_endpoints"],
  handle: ({ member, body }) => createEndpoint(member, body),
});

export const { PUT, PATCH, DELETE } = otherMethodsThan("GET", "POST");
