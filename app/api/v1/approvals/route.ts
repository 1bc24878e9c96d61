import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { listApprovals } from "@/app/_server/approvals/list.ts";
import { approvalSchema, approvalsQuery } from "@/app/api/v1/approval-schemas.ts";
import { pageOf } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "Calls that wait for a person, and those that did.",
  permission: "approval.read",
  query: approvalsQuery,
  answer: pageOf(approvalSchema),
  status: 200,
  refusals: ["not_found"],
  handle: ({ member, query }) => listApprovals(member, query),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
