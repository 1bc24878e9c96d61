import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { deletePolicy, patchPolicy, readPolicy } from "@/app/_server/policies.ts";
import { idSchema, policyAnswer, policyPatchBody } from "@/app/api/v1/schemas.ts";

const params = z.strictObject({ policyId: idSchema });

export const GET = apiRoute({
  summary: "A policy: its draft with what is wrong in it, and the version that is enforced.",
  permission: "policy.read",
  params,
  answer: policyAnswer,
  status: 200,
  handle: ({ member, params }) => readPolicy(member, params.policyId),
});

export const PATCH = apiRoute({
  summary: "Rename a policy, or change whether it is enforced or only watched (shadow).",
  permission: "policy.publish",
  params,
  body: policyPatchBody,
  answer: policyAnswer,
  status: 200,
  handle: ({ member, params, body }) => patchPolicy(member, params.policyId, body),
});

export const DELETE = apiRoute({
  summary: "Delete a policy that no grant uses.",
  permission: "policy.edit",
  params,
  status: 204,
  refusals: ["policy_in_use"],
  handle: ({ member, params }) => deletePolicy(member, params.policyId),
});

export const { POST, PUT } = otherMethodsThan("GET", "PATCH", "DELETE");
