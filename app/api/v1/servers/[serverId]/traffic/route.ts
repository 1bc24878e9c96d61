import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { readTraffic } from "@/app/_server/traffic.ts";
import { idSchema, trafficAnswer, trafficQuery } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "Which tools of a server were called in the last days, how often, and how quickly at most.",
  permission: "call.read",
  params: z.strictObject({ serverId: idSchema }),
  query: trafficQuery,
  answer: trafficAnswer,
  status: 200,
  handle: ({ params, query }) => readTraffic(params.serverId, query.days, new Date()),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
