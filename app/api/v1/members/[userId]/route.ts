import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { changeRole, removeMember } from "@/app/_server/members.ts";
import { memberPatchBody, memberSchema } from "@/app/api/v1/member-schemas.ts";
import { idSchema } from "@/app/api/v1/schemas.ts";

const params = z.strictObject({ userId: idSchema });

export const PATCH = apiRoute({
  summary: "Change a member's role. The last admin stays one.",
  permission: "member.manage",
  params,
  body: memberPatchBody,
  answer: memberSchema,
  status: 200,
  refusals: ["last_admin"],
  handle: ({ member, params, body }) => changeRole(member, params.userId, body.role),
});

export const DELETE = apiRoute({
  summary: "Remove a member, with their API keys and open invites. The last admin stays.",
  permission: "member.manage",
  params,
  status: 204,
  refusals: ["last_admin"],
  handle: ({ member, params }) => removeMember(member, params.userId),
});

export const { GET, POST, PUT } = otherMethodsThan("PATCH", "DELETE");
