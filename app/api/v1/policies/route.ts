import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { listPolicies } from "@/app/_server/policies.ts";
import { pageOf, policySummarySchema } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "All policies of the organisation.",
  permission: "policy.read",
  answer: pageOf(policySummarySchema),
  status: 200,
  handle: ({ member }) => listPolicies(member),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
