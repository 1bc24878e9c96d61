import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { listChanges } from "@/app/_server/changes.ts";
import { changeSchema, idSchema, pageOf } from "@/app/api/v1/schemas.ts";

export const GET = apiRoute({
  summary: "Definitions that the server serves and nobody accepted, those that wait for a review first.",
  permission: "server.read",
  params: z.strictObject({ serverId: idSchema }),
  answer: pageOf(changeSchema),
  status: 200,
  handle: ({ member, params }) => listChanges(member, params.serverId),
});

export const { POST, PUT, PATCH, DELETE } = otherMethodsThan("GET");
