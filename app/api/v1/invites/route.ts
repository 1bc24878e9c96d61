import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { createInvite, listInvites } from "@/app/_server/invites.ts";
import { inviteBody, inviteCreated, inviteSchema } from "@/app/api/v1/member-schemas.ts";
import { pageOf } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "List the invites, open and taken.",
  permission: "member.manage",
  answer: pageOf(inviteSchema),
  status: 200,
  handle: ({ member }) => listInvites(member),
});

export const POST = apiRoute({
  summary: "Make a link by which somebody joins. It is shown once and works once, for a week.",
  permission: "member.manage",
  body: inviteBody,
  answer: inviteCreated,
  status: 201,
  refusals: ["too_many_invites"],
  handle: ({ member, body }) => createInvite(member, body),
});

export const { PUT, PATCH, DELETE } = otherMethodsThan("GET", "POST");
