import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { endTrial, readShadow } from "@/app/_server/shadow.ts";
import { idSchema, shadowAnswer, shadowBody, shadowChanged } from "@/app/api/v1/schemas.ts";

const params = z.strictObject({ policyId: idSchema });

export const GET = apiRoute({
  summary: "What the version that is tried beside the active one would have changed since the trial began.",
  permission: "policy.read",
  params,
  answer: shadowAnswer,
  status: 200,
  handle: ({ member, params }) => readShadow(member, params.policyId),
});

export const POST = apiRoute({
  summary: "End a trial: enforce the version from now on (promote), or drop it (stop).",
  permission: "policy.publish",
  params,
  body: shadowBody,
  answer: shadowChanged,
  status: 200,
  refusals: ["no_shadow_version"],
  handle: ({ member, params, body }) => endTrial(member, params.policyId, body),
});

export const { PUT, PATCH, DELETE } = otherMethodsThan("GET", "POST");
