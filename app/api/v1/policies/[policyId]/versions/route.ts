import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { listVersions } from "@/app/_server/policies.ts";
import { publish } from "@/app/_server/publish.ts";
import { idSchema, pageOf, policyVersionSchema, publishAnswer, publishBody } from "@/app/api/v1/schemas.ts";

const params = z.strictObject({ policyId: idSchema });

export const GET = apiRoute({
  summary: "The published versions of a policy, newest first.",
  permission: "policy.read",
  params,
  answer: pageOf(policyVersionSchema),
  status: 200,
  handle: ({ member, params }) => listVersions(member, params.policyId),
});

export const POST = apiRoute({
  summary: "Publish the draft, or an older version again. Answers how many gateways enforce it already.",
  permission: "policy.publish",
  params,
  body: publishBody,
  answer: publishAnswer,
  status: 201,
  refusals: ["draft_moved_on", "policy_invalid"],
  handle: ({ member, params, body }) => publish(member, params.policyId, body),
});

export const { PUT, PATCH, DELETE } = otherMethodsThan("GET", "POST");
