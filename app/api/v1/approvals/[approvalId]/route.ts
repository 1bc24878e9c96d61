import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { readApproval } from "@/app/_server/approvals/detail.ts";
import { decideApproval } from "@/app/_server/approvals.ts";
import { approvalDetailSchema, approvalSchema, decideBody } from "@/app/api/v1/approval-schemas.ts";
import { idSchema } from "@/app/api/v1/schemas.ts";

const params = z.strictObject({ approvalId: idSchema });

export const GET = apiRoute({
  summary: "One approval. Its arguments are for those who may decide it, without what looks like a secret.",
  permission: "approval.read",
  params,
  answer: approvalDetailSchema,
  status: 200,
  handle: ({ member, params }) => readApproval(member, params.approvalId),
});

export const POST = apiRoute({
  summary: "Approve or deny the call. It is decided once.",
  permission: "approval.decide",
  params,
  body: decideBody,
  answer: approvalSchema,
  status: 200,
  refusals: ["approval_decided", "approval_expired", "edited_call_denied", "no_session", "secrets_unreadable"],
  handle: ({ member, params, body, json }) => decideApproval(member, params.approvalId, body, json),
});

export const { PUT, PATCH, DELETE } = otherMethodsThan("GET", "POST");
