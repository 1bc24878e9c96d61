import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { recommendPolicy } from "@/app/_server/recommended.ts";
import { idSchema, recommendedAnswer } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "The policy that is recommended for a server's tools. Nothing is changed by asking.",
  permission: "server.read",
  params: z.strictObject({ serverId: idSchema }),
  answer: recommendedAnswer,
  status: 200,
  handle: ({ member, params }) => recommendPolicy(member, params.serverId),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
