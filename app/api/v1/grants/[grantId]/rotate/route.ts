import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { rotateGrant } from "@/app/_server/grants.ts";
import { grantCreated, idSchema } from "@/app/api/v1/schemas.ts";

export const POST = apiRoute({
  summary: "Give a grant a new token, shown once. The old one is refused from the next call on.",
  permission: "grant.manage",
  params: z.strictObject({ grantId: idSchema }),
  answer: grantCreated,
  status: 200,
  refusals: ["grant_revoked"],
  handle: ({ member, params }) => rotateGrant(member, params.grantId),
});

export const { GET, PUT, PATCH, DELETE } = otherMethodsThan("POST");
