import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { removeSecondFactor } from "@/app/_server/members.ts";
import { idSchema } from "@/app/api/v1/schemas.ts";

export const DELETE = apiRoute({
  summary: "Take away the second factor of a member who has lost it.",
  permission: "member.manage",
  params: z.strictObject({ userId: idSchema }),
  status: 204,
  refusals: ["member_elsewhere", "second_factor_off"],
  handle: ({ member, params }) => removeSecondFactor(member, params.userId),
});

export const { GET, POST, PUT, PATCH } = otherMethodsThan("DELETE");
