import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { endSessionsOf } from "@/app/_server/members.ts";
import { sessionsEnded } from "@/app/api/v1/member-schemas.ts";
import { idSchema } from "@/app/api/v1/schemas.ts";

export const DELETE = apiRoute({
  summary: "Sign a member out of every browser.",
  permission: "member.manage",
  params: z.strictObject({ userId: idSchema }),
  answer: sessionsEnded,
  status: 200,
  handle: ({ member, params }) => endSessionsOf(member, params.userId),
});

export const { GET, POST, PUT, PATCH } = otherMethodsThan("DELETE");
