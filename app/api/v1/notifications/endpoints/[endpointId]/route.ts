import * as z from "zod";
import { apiRoute, otherMethodsThan } from "@/app/_server/api-route.ts";
import { deleteEndpoint } from "@/app/_server/notifications/endpoints.ts";
import { idSchema } from "@/app/api/v1/schemas.ts";

export const DELETE = apiRoute({
  summary: "Send nothing there any more. What was sent is forgotten.",
  permission: "notification.manage",
  params: z.strictObject({ endpointId: idSchema }),
  status: 204,
  handle: ({ member, params }) => deleteEndpoint(member, params.endpointId),
});

export const { GET, POST, PUT, PATCH } = otherMethodsThan("DELETE");
