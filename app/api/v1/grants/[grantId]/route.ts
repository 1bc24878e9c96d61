import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { patchGrant, readGrant, revokeGrant } from "@/app/_server/grants.ts";
import { grantPatchBody, grantSchema, idSchema } from "@/app/api/v1/schemas.ts";

const params = z.strictObject({ grantId: idSchema });

export const GET = apiRoute({
  summary: "A grant, without its token.",
  permission: "grant.read",
  params,
  answer: grantSchema,
  status: 200,
  handle: ({ member, params }) => readGrant(member, params.grantId),
});

export const PATCH = apiRoute({
  summary: "Attach a policy (policy managers may), rename or freeze a grant (admins). Takes effect on the next call.",
  permission: "grant.attach",
  params,
  body: grantPatchBody,
  answer: grantSchema,
  status: 200,
  refusals: ["grant_revoked", "policy_of_another_server"],
  handle: ({ member, params, body }) => patchGrant(member, params.grantId, body),
});

export const DELETE = apiRoute({
  summary: "Revoke a grant for good. Takes effect on the next call.",
  permission: "grant.manage",
  params,
  status: 204,
  handle: ({ member, params }) => revokeGrant(member, params.grantId),
});

export const { POST, PUT } = otherMethodsThan("GET", "PATCH", "DELETE");
