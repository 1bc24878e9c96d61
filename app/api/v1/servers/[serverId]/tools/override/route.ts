import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { overrideCategory } from "@/app/_server/override.ts";
import { idSchema, overrideAnswer, overrideBody } from "@/app/api/v1/schemas.ts";

export const PATCH = apiRoute({
  summary: "Give a tool a category of your own, for as long as it has this definition; null takes it away.",
  // It decides calls at once, as publishing a policy that names the tool would.
  permission: "policy.publish",
  params: z.strictObject({ serverId: idSchema }),
  body: overrideBody,
  answer: overrideAnswer,
  status: 200,
  refusals: ["definition_moved_on"],
  handle: ({ member, params, body }) => overrideCategory(member, params.serverId, body),
});

export const { GET, POST, PUT, DELETE } = otherMethodsThan("PATCH");
