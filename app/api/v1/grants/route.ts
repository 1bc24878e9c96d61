import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { listGrants } from "@/app/_server/grants.ts";
import { grantSchema, pageOf } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "All grants of the organisation, revoked ones too.",
  permission: "grant.read",
  answer: pageOf(grantSchema),
  status: 200,
  handle: ({ member }) => listGrants(member),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
