import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { previewEdited } from "@/app/_server/approvals.ts";
import { previewAnswer, previewBody } from "@/app/api/v1/approval-schemas.ts";
import { idSchema } from "@/app/api/v1/schemas.ts";

export const POST = apiRoute({
  summary: "What would become of the call with other arguments. Nothing is decided.",
  permission: "approval.decide",
  params: z.strictObject({ approvalId: idSchema }),
  body: previewBody,
  answer: previewAnswer,
  status: 200,
  refusals: ["approval_decided", "approval_expired", "secrets_unreadable"],
  handle: ({ member, params, body, json }) => previewEdited(member, params.approvalId, body, json),
});

export const { GET, PUT, PATCH, DELETE } = otherMethodsThan("POST");
