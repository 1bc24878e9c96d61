import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { listMembers } from "@/app/_server/members.ts";
import { memberSchema } from "@/app/api/v1/member-schemas.ts";
import { pageOf } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "List the members of the organisation.",
  permission: "member.read",
  answer: pageOf(memberSchema),
  status: 200,
  handle: ({ member }) => listMembers(member),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
