import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { makeResetLink } from "@/app/_server/password-reset.ts";
import { resetLinkAnswer } from "@/app/api/v1/member-schemas.ts";
import { idSchema } from "@/app/api/v1/schemas.ts";

export const POST = apiRoute({
  summary: "Make a link by which a member sets a new password. It is shown once and works once, for an hour.",
  permission: "member.manage",
  params: z.strictObject({ userId: idSchema }),
  answer: resetLinkAnswer,
  status: 201,
  refusals: ["member_elsewhere", "no_password"],
  handle: ({ member, params }) => makeResetLink(member, params.userId),
});

export const { GET, PUT, PATCH, DELETE } = otherMethodsThan("POST");
