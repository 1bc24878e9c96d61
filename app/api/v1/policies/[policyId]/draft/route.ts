import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { documentText } from "@/app/_server/json-body.ts";
import { saveDraft } from "@/app/_server/policies.ts";
import { draftAnswer, draftBody, idSchema } from "@/app/api/v1/schemas.ts";

export const PUT = apiRoute({
  summary:
    "Save the draft. It may have problems; they are answered. 409 when somebody changed it since `seenRevision`.",
  permission: "policy.edit",
  params: z.strictObject({ policyId: idSchema }),
  body: draftBody,
  answer: draftAnswer,
  status: 200,
  refusals: ["draft_moved_on", "document_too_large"],
  handle: ({ member, params, body, json }) =>
    saveDraft(member, params.policyId, documentText(json, body.document), body.seenRevision),
});

export const { GET, POST, PATCH, DELETE } = otherMethodsThan("PUT");
