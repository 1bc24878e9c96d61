import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { deleteInvite } from "@/app/_server/invites.ts";
import { idSchema } from "@/app/api/v1/schemas.ts";

export const DELETE = apiRoute({
  summary: "Take back an invite: its link works no more.",
  permission: "member.manage",
  params: z.strictObject({ inviteId: idSchema }),
  status: 204,
  handle: ({ member, params }) => deleteInvite(member, params.inviteId),
});

export const { GET, POST, PUT, PATCH } = otherMethodsThan("DELETE");
