import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { reviewChanges } from "@/app/_server/changes.ts";
import { idSchema, reviewAnswer, reviewBody } from "@/app/api/v1/schemas.ts";

export const POST = apiRoute({
  summary: "Accept changed definitions in the place of the accepted ones, or reject them.",
  permission: "server.manage",
  params: z.strictObject({ serverId: idSchema }),
  body: reviewBody,
  answer: reviewAnswer,
  status: 200,
  refusals: ["change_moved_on", "tool_name_similar"],
  handle: ({ member, params, body }) => reviewChanges(member, params.serverId, body),
});

export const { GET, PUT, PATCH, DELETE } = otherMethodsThan("POST");
