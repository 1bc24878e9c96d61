import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { revealArguments } from "@/app/_server/approvals.ts";
import { revealAnswer, revealBody } from "@/app/api/v1/approval-schemas.ts";
import { idSchema } from "@/app/api/v1/schemas.ts";

export const POST = apiRoute({
  summary: "Show what is hidden of the arguments. Who looked is in the audit log.",
  permission: "approval.decide",
  params: z.strictObject({ approvalId: idSchema }),
  body: revealBody,
  answer: revealAnswer,
  status: 200,
  refusals: ["secrets_unreadable"],
  handle: ({ member, params, body }) => revealArguments(member, params.approvalId, body),
});

export const { GET, PUT, PATCH, DELETE } = otherMethodsThan("POST");
