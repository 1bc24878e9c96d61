import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { documentText } from "@/app/_server/json-body.ts";
import { createPolicy, listPolicies } from "@/app/_server/policies.ts";
import { idSchema, pageOf, policyBody, policyCreated, policySummarySchema } from "@/app/api/v1/schemas.ts";

const params = z.strictObject({ serverId: idSchema });

export const GET = apiRoute({
  summary: "The policies written for a server.",
  permission: "policy.read",
  params,
  answer: pageOf(policySummarySchema),
  status: 200,
  handle: ({ member, params }) => listPolicies(member, params.serverId),
});

export const POST = apiRoute({
  summary: "Make a policy. Its first version is the document. Answers with warnings, or 422 with all problems.",
  permission: "policy.edit",
  params,
  body: policyBody,
  answer: policyCreated,
  status: 201,
  refusals: ["policy_invalid", "document_too_large"],
  handle: ({ member, params, body: { document, ...policy }, json }) =>
    createPolicy(member, params.serverId, { ...policy, text: documentText(json, document) }),
});

export const { PUT, PATCH, DELETE } = otherMethodsThan("GET", "POST");
